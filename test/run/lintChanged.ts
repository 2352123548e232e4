// Lints what differs from main, committed or not: a part of `npm run test:quick`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './stages.ts';

const git = (...args: string[]): string[] =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter(Boolean);

/** Where this branch left main; the last commit when there is no main, or this is it. */
function base(): string {
  for (const main of ['origin/main', 'main']) {
    try {
      return git('merge-base', 'HEAD', main)[0] ?? 'HEAD';
    } catch {
      // The next.
    }
  }
  return 'HEAD';
}

const changed = new Set([
  ...git('diff', '--name-only', '--diff-filter=d', base()),
  ...git('ls-files', '--others', '--exclude-standard'),
]);
const files = [...changed].filter(
  (file) => /\.(ts|js|mjs|cjs)$/.test(file) && existsSync(path.join(root, file)),
);
if (files.length === 0) console.log('Nothing has changed.');
else {
  console.log(`${files.length} files`);
  const eslint = path.join(root, 'node_modules/.bin/eslint');
  const { status } = spawnSync(eslint, ['--no-warn-ignored', ...files], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

// `npm run package`: the extension as a VSIX for this platform, in .test-output/package (or the folder given).
// Built in a folder of its own, so that dist/ stays as development left it.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Pinned; fetched by npm when asked for, since it is half as big as all other tools together. */
const VSCE = '@vscode/vsce@3.9.2';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const output = path.resolve(process.argv[2] ?? path.join(root, '.test-output/package'));
const stage = mkdtempSync(path.join(os.tmpdir(), 'cms-package-'));

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

/** What VS Code calls this platform, and the one native library it needs. */
function platform() {
  const musl =
    process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;
  const libc = process.platform === 'linux' ? (musl ? 'musl' : 'glibc') : 'cruntime';
  return {
    target: `${musl ? 'alpine' : process.platform}-${process.arch}`,
    library: `${process.platform}-${process.arch}-${libc}`,
  };
}

/** The manifest without what only development needs. */
function manifest() {
  const whole = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { scripts, dependencies, devDependencies, overrides, bin, private: own, ...kept } = whole;
  // The Node of the editor is the editor's affair.
  kept.engines = { vscode: whole.engines.vscode };
  return kept;
}

try {
  const { target, library } = platform();
  run(
    process.execPath,
    [path.join(root, 'esbuild.js'), '--production', '--out', path.join(stage, 'dist')],
    root,
  );
  for (const name of readdirSync(path.join(stage, 'dist/bin'))) {
    if (name !== library) rmSync(path.join(stage, 'dist/bin', name), { recursive: true });
  }
  for (const name of [
    'package.nls.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.vscodeignore',
    'media',
    'docs',
  ]) {
    cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  }
  const kept = manifest();
  writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
  mkdirSync(output, { recursive: true });
  const file = path.join(output, `${kept.name}-${kept.version}-${target}.vsix`);
  run(
    'npx',
    [
      ...['--yes', '--ignore-scripts', VSCE, 'package', '--target', target, '--out', file],
      // Bundled; and this project tells nobody its repository's address.
      ...['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
    ],
    stage,
  );
  console.log('\nBundles, minified:');
  for (const name of readdirSync(path.join(stage, 'dist')).sort()) {
    const { size } = statSync(path.join(stage, 'dist', name));
    if (name.endsWith('.js') && name !== 'cli.js')
      console.log(`  ${name.padEnd(16)} ${(size / 1000).toFixed(0).padStart(6)} kB`);
  }
  const native = path.join(stage, 'dist/bin', library, 'aws-crt-nodejs.node');
  console.log(`  ${'native MQTT'.padEnd(16)} ${(statSync(native).size / 1000).toFixed(0).padStart(6)} kB`);
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(2)} MB`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

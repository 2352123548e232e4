// `npm run package`: packs the extension as a VSIX for this platform. `-- --target all` packs it for every platform,
// `-- --target linux-arm64` for one. `-- --out <folder>` replaces the output folder dist/vsix.
// The build has its own folder, so that dist/ stays as development left it.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
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
import { parseArgs } from 'node:util';
import { packageManifest, type Manifest } from './manifest.ts';
import { noticesOf, notAllowed, packagesOf } from './notices.ts';
import { readmeWithPictures } from './readme.ts';
import { libraryFile, libraryFolder, targets, targetsOf, thisTarget, unmatchedLibraries } from './targets.ts';

/** Pinned. npm downloads it only when needed, since it is half as big as all other tools together. */
const VSCE = '@vscode/vsce@3.9.2';
const MOST_BYTES = 6.4e6;

const root = path.resolve(__dirname, '../..');

function main(): void {
  const { values } = parseArgs({
    options: { target: { type: 'string', multiple: true }, out: { type: 'string' } },
  });
  const requested = targetsOf(values.target ?? [thisTarget()]);
  const unmatched = unmatchedLibraries(root);
  if (unmatched.length > 0) throw new Error(`Native libraries and targets differ: ${unmatched.join(', ')}`);
  const output = path.resolve(values.out ?? path.join(root, 'dist/vsix'));
  mkdirSync(output, { recursive: true });
  const stage = mkdtempSync(path.join(os.tmpdir(), 'cms-package-'));
  try {
    const manifest = prepare(stage);
    for (const target of requested) {
      const file = path.join(output, `${manifest.name}-${manifest.version}-${target}.vsix`);
      putLibrary(stage, target);
      pack(stage, target, file, manifest);
      const { size } = statSync(file);
      console.log(`${path.relative(process.cwd(), file)}: ${(size / 1e6).toFixed(2)} MB`);
      if (size > MOST_BYTES) throw new Error(`It must not be bigger than ${MOST_BYTES / 1e6} MB.`);
    }
  } finally {
    rmSync(stage, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Prepares everything that is the same for all platforms. */
function prepare(stage: string): Manifest {
  const inputsFile = path.join(stage, 'inputs.json');
  const build = ['--production', '--out', path.join(stage, 'dist'), '--inputs', inputsFile];
  run(process.execPath, [path.join(root, 'esbuild.js'), ...build], root);
  const inputs = JSON.parse(readFileSync(inputsFile, 'utf8')) as Record<string, string[]>;
  const files = Object.values(inputs).flat();
  const packages = packagesOf(root, files);
  const refused = notAllowed(packages);
  if (refused.length > 0) {
    const names = refused.map(({ name, licence }) => `${name} (${licence})`).join(', ');
    throw new Error(`Look at the licences of ${names}, and allow them in tools/package/notices.ts or not.`);
  }
  for (const name of sources()) cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  writeFileSync(path.join(stage, 'THIRD_PARTY_NOTICES.txt'), noticesOf(packages));
  const manifest = packageManifest(root);
  if (!('repository' in manifest)) writeFileSync(path.join(stage, 'README.md'), readmeWithPictures(root));
  writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/**
 * Roughly the files of the checkout that .vscodeignore allows; the packager checks again. Bundles are built, not
 * copied.
 */
function sources(): string[] {
  const allowed = readFileSync(path.join(root, '.vscodeignore'), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1).split('/')[0] ?? '')
    .filter((name) => name !== 'dist' && name !== 'package.json');
  const forms = allowed.map(
    (name) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`),
  );
  return ['.vscodeignore', ...readdirSync(root).filter((name) => forms.some((form) => form.test(name)))];
}

/** Copies only the target's library to where the bundle looks for it. */
function putLibrary(stage: string, target: string): void {
  const bin = path.join(stage, 'dist/bin');
  rmSync(bin, { recursive: true, force: true, maxRetries: 10 });
  const library = path.join(targets[target] ?? '', libraryFile);
  cpSync(path.join(libraryFolder(root), library), path.join(bin, library));
}

function pack(stage: string, target: string, file: string, manifest: Manifest): void {
  // Links in the README point to the repository, if it is known.
  const links = 'repository' in manifest ? [] : ['--allow-missing-repository', '--no-rewrite-relative-links'];
  const options = ['--no-dependencies', ...links, '--target', target, '--out', file];
  run(process.execPath, [npx(), '--yes', '--ignore-scripts', VSCE, 'package', ...options], stage);
}

/** npx as a file that Node runs. On Windows the command is a shell script, and the shell splits paths with spaces. */
function npx(): string {
  const { npm_execpath: npm } = process.env;
  const node = path.dirname(process.execPath);
  const folders = [
    ...(npm === undefined ? [] : [path.dirname(npm)]),
    path.join(node, 'node_modules/npm/bin'),
    path.join(node, '../lib/node_modules/npm/bin'),
  ];
  const file = folders.map((folder) => path.join(folder, 'npx-cli.js')).find((name) => existsSync(name));
  if (file === undefined) throw new Error('npx was not found: run this as `npm run package`.');
  return file;
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// Installs a real VS Code server (the one in the npm package code-server) into the user's cache. It needs only npm and
// a compiler. A second call takes 0.1 s.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defaultVersion, versions, type EditorVersion } from './versions.ts';

/** Increase it when the installed files change. It is part of the folder name, so no running editor is replaced. */
const LAYOUT = 2;

export interface InstalledEditor {
  /** The folder that holds `out/server-main.js`. */
  folder: string;
  /** The Node that runs it: this one, or one that came with it. */
  node: string;
  /** VS Code's version, such as 1.100. */
  version: string;
  /** Native modules that could not be compiled; without them parts of the editor are missing. */
  missing: string[];
}

/**
 * Installs the editor unless it is installed already.
 * @param version `1.100` or `1.139`; by default the value of the environment variable CMS_EDITOR, or the lowest
 */
export function installEditor(version = process.env.CMS_EDITOR ?? defaultVersion): InstalledEditor {
  const wanted = versions[version];
  if (wanted === undefined)
    throw new Error(`There is no editor ${version} here; there is ${Object.keys(versions).join(', ')}.`);
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'cms-enablement');
  const abi = wanted.node === undefined ? process.versions.modules : 'own';
  const folder = path.join(cache, `editor-${wanted.codeServer}-${abi}-${LAYOUT}`);
  if (!existsSync(path.join(folder, 'installed.json'))) install(wanted, folder);
  const node = nodeOf(wanted, folder);
  const missing = wanted.native.filter((name) => !isCompiled(folder, name) && !compile(folder, name, node));
  return { folder, node, version, missing };
}

function install(wanted: EditorVersion, folder: string): void {
  console.log(`Installing VS Code server ${wanted.codeServer} from npm (once, about a minute)`);
  const work = `${folder}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  const target = path.join(work, 'editor');
  mkdirSync(target, { recursive: true });
  try {
    const tarball = pack(`code-server@${wanted.codeServer}`, path.join(work, 'pack'), wanted.sha512);
    unpack(tarball, target, ['--strip-components=3', '--exclude=*.map', 'package/lib/vscode']);
    run('npm', ['install', '--no-save', '--omit=dev', '--ignore-scripts'], target);
    if (wanted.node !== undefined) {
      mkdirSync(path.join(target, 'node'));
      const own = pack(`${wanted.node.name}@${wanted.node.version}`, path.join(work, 'node'));
      unpack(own, path.join(target, 'node'), ['--strip-components=1']);
    }
    if (wanted.ripgrep !== undefined) {
      const unpacked = path.join(work, 'rg');
      unpack(pack(wanted.ripgrep, unpacked), unpacked, []);
      const bin = path.join(target, 'node_modules/@vscode/ripgrep/bin');
      mkdirSync(bin, { recursive: true });
      copyFileSync(path.join(unpacked, 'package/bin/rg'), path.join(bin, 'rg'));
      chmodSync(path.join(bin, 'rg'), 0o755);
    }
    for (const name of wanted.unneeded) rmSync(path.join(target, name), { recursive: true, force: true });
    for (const name of wanted.native) compile(target, name, nodeOf(wanted, target));
    writeFileSync(path.join(target, 'installed.json'), JSON.stringify({ version: wanted.codeServer }));
    // Another process may have installed it in the meantime; that copy is just as good.
    if (!existsSync(folder)) renameSync(target, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function nodeOf(wanted: EditorVersion, folder: string): string {
  return wanted.node === undefined ? process.execPath : path.join(folder, 'node/bin/node');
}

function isCompiled(folder: string, name: string): boolean {
  const built = path.join(folder, 'node_modules', name, 'build/Release');
  return existsSync(built) && readdirSync(built).some((file) => file.endsWith('.node'));
}

/** Uses npm's own node-gyp and the headers of the Node that will run the module, so nothing more is downloaded. */
function compile(folder: string, name: string, node: string): boolean {
  const npm = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
  const gyp = path.join(path.dirname(npm), '../node_modules/node-gyp/bin/node-gyp.js');
  const headers = path.resolve(node, '../..');
  try {
    if (!existsSync(path.join(headers, 'include/node/node.h')))
      throw new Error(`There are no Node headers in ${headers}/include/node.`);
    run(
      node,
      [gyp, 'rebuild', '--loglevel=error', `--nodedir=${headers}`],
      path.join(folder, 'node_modules', name),
    );
    return true;
  } catch (error) {
    console.error(`${name} could not be compiled: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** Downloads a package's tarball with npm. None of its scripts run. */
function pack(spec: string, folder: string, sha512?: string): string {
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', spec, '--pack-destination', folder, '--ignore-scripts'], folder);
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error(`npm pack ${spec} wrote no file`);
  const file = path.join(folder, name);
  const sum = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (sha512 !== undefined && sum !== sha512)
    throw new Error(`${spec} has the checksum ${sum}, not the expected one`);
  return file;
}

function unpack(tarball: string, target: string, options: readonly string[]): void {
  run('tar', ['xzf', tarball, '-C', target, ...options], target);
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, npm_config_loglevel: 'error', npm_config_yes: 'true' },
  });
}

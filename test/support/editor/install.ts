// Installs a real VS Code server (the one inside the npm package code-server) into the user's cache,
// with nothing but npm and a compiler. `installEditor()` returns the folder; a second call takes 0.1 s.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const CODE_SERVER = '4.100.3';
/** sha512 of the npm tarball: what was tried is what is run. */
const SHA512 = 'q/Fh2DOxCRNhC/WiG/6sAhSKnj7ZACTVBaeeZ+rWjol//0FCbl/qg1ln5ecZ99jYcfqMxZZAyWcN+YBIo0DgpA==';
const RIPGREP = '@vscode/ripgrep-linux-x64@1.18.0';
/** Compiled here: without spdlog the Output panel stays empty, without the watchdog orphans stay behind. */
const NATIVE = ['@vscode/spdlog', 'native-watchdog'];
const LAYOUT = 1;

function run(command: string, args: string[], cwd?: string): void {
  execFileSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, npm_config_loglevel: 'error', npm_config_yes: 'true' },
  });
}

/** node-gyp as npm ships it and the headers of the running Node, so that nothing more is downloaded. */
function compile(editor: string, name: string): void {
  const npm = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
  const gyp = path.join(path.dirname(npm), '../node_modules/node-gyp/bin/node-gyp.js');
  const headers = path.resolve(process.execPath, '../..');
  if (!existsSync(path.join(headers, 'include/node/node.h'))) {
    throw new Error(`No Node headers under ${headers}/include/node: install Node with its headers.`);
  }
  run(process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`], path.join(editor, 'node_modules', name));
}

function pack(spec: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  run('npm', ['pack', spec, '--pack-destination', folder, '--ignore-scripts'], folder);
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (!file) throw new Error(`npm pack ${spec} wrote no file`);
  return path.join(folder, file);
}

/** The folder of the editor, ready for `out/server-main.js`. */
export function installEditor(): string {
  const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'cms-enablement');
  const editor = path.join(cache, `editor-${CODE_SERVER}`);
  const stamp = path.join(editor, 'installed.json');
  const wanted = JSON.stringify({ version: CODE_SERVER, abi: process.versions.modules, layout: LAYOUT });
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return editor;

  console.log(`Installing VS Code server ${CODE_SERVER} from npm (once, under a minute)`);
  const work = `${editor}.${process.pid}.tmp`;
  rmSync(work, { recursive: true, force: true });
  rmSync(editor, { recursive: true, force: true });
  try {
    const tarball = pack(`code-server@${CODE_SERVER}`, path.join(work, 'pack'));
    const sum = createHash('sha512').update(readFileSync(tarball)).digest('base64');
    if (sum !== SHA512)
      throw new Error(`code-server ${CODE_SERVER} has the checksum ${sum}, not the expected one`);
    const target = path.join(work, 'editor');
    mkdirSync(target, { recursive: true });
    run('tar', [
      'xzf',
      tarball,
      '-C',
      target,
      '--strip-components=3',
      '--exclude=*.map',
      'package/lib/vscode',
    ]);
    run('npm', ['install', '--no-save', '--omit=dev', '--ignore-scripts'], target);
    const rg = pack(RIPGREP, path.join(work, 'rg'));
    run('tar', ['xzf', rg, '-C', path.join(work, 'rg')]);
    const rgBin = path.join(target, 'node_modules/@vscode/ripgrep/bin');
    mkdirSync(rgBin, { recursive: true });
    copyFileSync(path.join(work, 'rg/package/bin/rg'), path.join(rgBin, 'rg'));
    chmodSync(path.join(rgBin, 'rg'), 0o755);
    for (const name of NATIVE) compile(target, name);
    renameSync(target, editor);
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return editor;
}

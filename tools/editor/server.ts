import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { childEnvironment } from '../../src/core/childEnvironment.ts';
import { administer } from '../../src/editor/sandbox/administration.ts';
import type { SandboxReady } from '../../src/protocol/sandboxReady.ts';
import type { InstalledEditor } from './install.ts';

export interface ServerOptions {
  editor: InstalledEditor;
  /** Everything the server stores: settings, state of extensions, logs. */
  dataFolder: string;
  /** A free port of 127.0.0.1. */
  port: number;
  /** `link`: a checkout to link to; `vsix`: a package to install; neither: only the built-in extensions. */
  extension?: { link: string } | { vsix: string };
  /** More options for the server's program. */
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface EditorServer {
  /** Without a trailing slash. */
  readonly url: string;
  /** Made for this start. Clients must send it, as `?tkn=…` or in the cookie `TOKEN_COOKIE`; others are refused. */
  readonly token: string;
  /** Ends the server and all processes it started, except detached ones. */
  stop(): Promise<void>;
}

/** The cookie in which a browser keeps the token. */
export const TOKEN_COOKIE = 'vscode-tkn';

/** Settings for an editor that makes no requests to the internet: no updates, no telemetry, no gallery. */
export const quietSettings = {
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** Besides what every program is told: the way out, and which account is meant, but no key of it. */
const PASSED_ON = new Set([
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'XDG_RUNTIME_DIR'],
  ...['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
  ...['AWS_CA_BUNDLE'],
]);

function passedOn(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && PASSED_ON.has(name.toUpperCase()) ? [[name, value]] : [],
    ),
  );
}

/** Starts a VS Code server with the extension; resolves when it listens. */
export async function startServer(options: ServerOptions): Promise<EditorServer> {
  const { editor, dataFolder, port, extension } = options;
  const extensions = path.join(dataFolder, 'extensions');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await chmod(dataFolder, 0o700);
  // Replaces the copy of an earlier start.
  await rm(extensions, { recursive: true, force: true });
  await rm(path.join(dataFolder, 'data/CachedProfilesData'), { recursive: true, force: true });
  await mkdir(extensions, { recursive: true });
  const token = randomBytes(32).toString('hex');
  const tokenFile = path.join(dataFolder, 'token');
  // A new file, so that it has this mode from the start.
  await rm(tokenFile, { force: true });
  await writeFile(tokenFile, token, { mode: 0o600, flag: 'wx' });
  const program = [
    ...['--require', path.join(__dirname, 'preload.cjs')],
    path.join(editor.folder, 'out/server-main.js'),
    '--accept-server-license-terms',
    ...['--server-data-dir', dataFolder],
    ...['--extensions-dir', extensions],
    // In a file: every user of the machine can read command lines.
    ...['--connection-token-file', tokenFile],
  ];
  const env = {
    ...childEnvironment(passedOn()),
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
    CMS_EDITOR_KEY: path.join(dataFolder, 'secret.key'),
    ...options.env,
  };
  if (extension !== undefined && 'vsix' in extension) {
    const install = ['--install-extension', extension.vsix, '--force'];
    await exited(spawn(editor.node, [...program, ...install], { env, stdio: 'ignore' }));
  } else if (extension !== undefined) {
    await symlink(extension.link, path.join(extensions, await folderName(extension.link)));
  }
  const server = spawn(
    editor.node,
    [
      ...program,
      ...['--host', '127.0.0.1', '--port', String(port), '--telemetry-level', 'off'],
      ...(options.flags ?? []),
    ],
    // In its own process group, so that the whole group can be ended and Ctrl-C in a terminal does not reach it.
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await listening(server, port);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async stop() {
      if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
      const gone = exited(server).catch(() => undefined);
      process.kill(-server.pid);
      await gone;
    },
  };
}

/** Writes the settings that a window has when it first opens. */
export async function writeSettings(dataFolder: string, settings: object): Promise<void> {
  const folder = path.join(dataFolder, 'data/User');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'settings.json'), `${JSON.stringify(settings, undefined, 2)}\n`);
}

/** The extension's global storage folder. */
export function storageOf(dataFolder: string): string {
  return path.join(dataFolder, 'data/User/globalStorage/cms-enablement.cms-enablement');
}

/** A local sandbox that a window started. */
export interface StartedSandbox {
  endpoint: string;
  /** Asks it to end; false when it no longer listens. */
  shutDown(): Promise<boolean>;
}

/** Undefined while there is none. */
export async function startedSandbox(dataFolder: string): Promise<StartedSandbox | undefined> {
  try {
    const file = path.join(storageOf(dataFolder), 'sandbox/ready.json');
    const ready = JSON.parse(await readFile(file, 'utf8')) as SandboxReady;
    return {
      endpoint: ready.endpoint,
      shutDown: () =>
        administer(ready, 'shutdown').then(
          ({ status }) => status === 200,
          () => false,
        ),
    };
  } catch {
    return undefined;
  }
}

async function folderName(checkout: string): Promise<string> {
  const { publisher, name, version } = JSON.parse(
    await readFile(path.join(checkout, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  return `${publisher ?? ''}.${name ?? ''}-${version ?? ''}`;
}

function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      code === 0 || signal !== null ? resolve() : reject(new Error(`exit code ${String(code)}`)),
    );
  });
}

function listening(server: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (data: Buffer): void => {
      output += data.toString();
      if (output.includes(`listening on ${port}`)) resolve();
    };
    server.stdout?.on('data', read);
    server.stderr?.on('data', read);
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`The editor ended with code ${String(code)}: ${output}`)));
  });
}

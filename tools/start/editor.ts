import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { InstalledEditor } from '../editor/install.ts';
import { quietSettings, sandboxEndpoint, startServer, writeSettings } from '../editor/server.ts';

export interface RunOptions {
  /** The checkout. */
  root: string;
  /** What is kept between starts. */
  folder: string;
  editor: InstalledEditor;
  port: number;
  workspace: string;
}

const settings = {
  ...quietSettings,
  // The sample's README: what to try.
  'workbench.startupEditor': 'readme',
  'window.autoDetectColorScheme': true,
  // The workspace is inside the checkout, whose changes are nobody's concern here.
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
};

/** How long a sandbox may take to write its state down and end. */
const END_MS = 15_000;

/** Starts the editor on the sample workspace; `url` holds the token without which nobody gets in. */
export async function runEditor(options: RunOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const { root, folder, editor, port, workspace } = options;
  const dataFolder = path.join(folder, 'editor');
  if (!existsSync(path.join(dataFolder, 'data/User/settings.json')))
    await writeSettings(dataFolder, settings);
  const tokenFile = path.join(folder, 'token');
  const token = await tokenOf(tokenFile);
  const server = await startServer({ editor, dataFolder, port, tokenFile, extension: { link: root } });
  const url = `${server.url}/?tkn=${token}&folder=${encodeURIComponent(workspace)}`;
  await writeFile(note(folder), JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });
  return {
    url,
    async stop() {
      await server.stop();
      await endSandbox(dataFolder);
      await rm(note(folder), { force: true });
    },
  };
}

/** The address of an editor that an earlier start of this checkout left running; undefined when there is none. */
export async function runningEditor(folder: string): Promise<string | undefined> {
  try {
    const { pid, url } = JSON.parse(await readFile(note(folder), 'utf8')) as { pid: number; url: string };
    process.kill(pid, 0);
    await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
    return url;
  } catch {
    return undefined;
  }
}

/** A sandbox outlives the window that started it; here nobody is left to use it. */
async function endSandbox(dataFolder: string): Promise<void> {
  const endpoint = await sandboxEndpoint(dataFolder);
  if (endpoint === undefined) return;
  const asked = await fetch(`${endpoint}/_sandbox/shutdown`, { method: 'POST' }).catch(() => undefined);
  const until = Date.now() + END_MS;
  // The last thing it does is to remove the file that says where it is: its state is written then.
  while (asked?.ok && Date.now() < until && (await sandboxEndpoint(dataFolder)) !== undefined)
    await pause(100);
}

function note(folder: string): string {
  return path.join(folder, 'running.json');
}

/** The same at every start, so that a browser that was let in once stays in. */
async function tokenOf(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  return (await readFile(file, 'utf8')).trim();
}

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
  /** The folder for everything that is kept between starts. */
  folder: string;
  editor: InstalledEditor;
  port: number;
  workspace: string;
}

const settings = {
  ...quietSettings,
  // Opens the sample's README, which says what to try.
  'workbench.startupEditor': 'readme',
  'window.autoDetectColorScheme': true,
  // The workspace is inside the checkout, and the changes of the checkout should not show.
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
};

/** How long a sandbox may take to save its state and end. */
const END_MS = 15_000;

/** Starts the editor on the sample workspace. `url` contains the token that the editor requires. */
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

/** The URL of an editor that an earlier start of this checkout left running; undefined if there is none. */
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

/** A sandbox outlives the window that started it, but once the editor has ended nothing uses it. */
async function endSandbox(dataFolder: string): Promise<void> {
  const endpoint = await sandboxEndpoint(dataFolder);
  if (endpoint === undefined) return;
  const response = await fetch(`${endpoint}/_sandbox/shutdown`, { method: 'POST' }).catch(() => undefined);
  const until = Date.now() + END_MS;
  // Removing the file with its endpoint is its last step, so by then its state is saved.
  while (response?.ok && Date.now() < until && (await sandboxEndpoint(dataFolder)) !== undefined)
    await pause(100);
}

function note(folder: string): string {
  return path.join(folder, 'running.json');
}

/** The same at every start, so that a browser stays signed in. */
async function tokenOf(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  return (await readFile(file, 'utf8')).trim();
}

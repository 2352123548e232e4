import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { applyEdits, modify } from 'jsonc-parser';
import type { InstalledEditor } from '../editor/install.ts';
import { quietSettings, startedSandbox, startServer, writeSettings } from '../editor/server.ts';

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
  const settingsFile = path.join(dataFolder, 'data/User/settings.json');
  if (existsSync(settingsFile)) await askForTrust(settingsFile);
  else await writeSettings(dataFolder, settings);
  const server = await startServer({ editor, dataFolder, port, extension: { link: root } });
  const url = `${server.url}/?tkn=${server.token}&folder=${encodeURIComponent(workspace)}`;
  // A new file: an older one would keep a mode in which others can read the token.
  await rm(note(folder), { force: true });
  await writeFile(note(folder), JSON.stringify({ pid: process.pid, url }), { mode: 0o600, flag: 'wx' });
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
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
    return answer.status < 400 ? url : undefined;
  } catch {
    return undefined;
  }
}

/** A sandbox outlives the window that started it, but once the editor has ended nothing uses it. */
async function endSandbox(dataFolder: string): Promise<void> {
  const asked = await (await startedSandbox(dataFolder))?.shutDown();
  const until = Date.now() + END_MS;
  // Removing the file with its endpoint is its last step, so by then its state is saved.
  while (asked && Date.now() < until && (await startedSandbox(dataFolder)) !== undefined) await pause(100);
}

function note(folder: string): string {
  return path.join(folder, 'running.json');
}

/** Removes the setting with which earlier versions trusted every workspace. */
async function askForTrust(settingsFile: string): Promise<void> {
  const text = await readFile(settingsFile, 'utf8');
  const edits = modify(text, ['security.workspace.trust.enabled'], undefined, {});
  if (edits.length > 0) await writeFile(settingsFile, applyEdits(text, edits));
}

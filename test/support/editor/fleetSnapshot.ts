import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Terminal } from './fleet.ts';
import { endBackgroundRuns } from './backgroundRuns.ts';
import type { LocalSandbox } from './localSandbox.ts';

/** The vehicles of the tests' fleet, and the user who owns them. */
export const VIN = 'LSH14J4C4LA046511';
export const SECOND = '1FTFW1ET5DFC10312';
export const OWNER = 'testCMSUser1';

/** A password the sandbox's user pool accepts. */
export const PASSWORD = 'Sandbox-pass1!';

/** Removes the sandbox and everything in the workspace folder. */
export async function clear(sandbox: LocalSandbox, workspace: string): Promise<void> {
  await endBackgroundRuns(sandbox.storage);
  await sandbox.remove();
  for (const name of await readdir(workspace))
    await rm(path.join(workspace, name), { recursive: true, force: true });
}

/** Onboards two vehicles into a running sandbox, with their certificates in the workspace folder. */
async function makeFleet(sandbox: LocalSandbox, workspace: string, work: string): Promise<void> {
  await mkdir(work, { recursive: true });
  const file = path.join(work, 'fleet.csv');
  const vehicles = [VIN, SECOND].map((vin) => `${vin},${OWNER},Test,User`);
  await writeFile(file, ['vin,username,firstName,lastName', ...vehicles, ''].join('\n'));
  const terminal = new Terminal(workspace, sandbox);
  const args = ['--stack', 'cms-dev1', '--fleet', file, '--sign-in-as', OWNER];
  const { code, stderr } = await terminal.run('onboard', ...args);
  assert.equal(code, 0, stderr);
}

/** A copy of what `makeFleet` created, restored before every test. */
export class FleetSnapshot {
  readonly state: string;
  readonly #workspace: string;
  readonly #work: string;

  constructor(folder: string) {
    this.#work = path.join(folder, 'work');
    this.state = path.join(folder, 'state');
    this.#workspace = path.join(folder, 'workspace');
  }

  /** Creates the fleet in an empty sandbox and workspace folder. The sandbox keeps running. */
  async make(sandbox: LocalSandbox, workspace: string): Promise<void> {
    await clear(sandbox, workspace);
    await sandbox.start();
    await makeFleet(sandbox, workspace, this.#work);
  }

  /** Saves the sandbox's state and the workspace. Shuts the sandbox down. */
  async save(sandbox: LocalSandbox, workspace: string): Promise<void> {
    await sandbox.save(this.state);
    await cp(workspace, this.#workspace, { recursive: true });
  }

  /** Restores the workspace. The caller starts the sandbox with `state`. */
  async restore(workspace: string): Promise<void> {
    await cp(this.#workspace, workspace, { recursive: true });
  }
}

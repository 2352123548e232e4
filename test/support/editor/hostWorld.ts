// Runs inside the extension host.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Suite } from 'mocha';
import * as vscode from 'vscode';
import { once } from '../once.ts';
import { until } from '../until.ts';
import { clear, FleetSnapshot, OWNER, PASSWORD } from './fleetSnapshot.ts';
import { LocalSandbox } from './localSandbox.ts';
import { Person, rowsOf, type Rows } from './person.ts';

/** A row of a view. Its type is internal to the extension. */
type Row = object;

/** The running extension, with a local sandbox that is fresh for every test, and a simulated user. */
export class HostWorld {
  readonly person = new Person();
  readonly sandbox: LocalSandbox;
  /** The workspace folder. */
  readonly folder: string;

  constructor() {
    const storage = process.env.CMS_STORAGE;
    assert.ok(storage !== undefined, 'CMS_STORAGE names the global storage folder of the extension');
    this.sandbox = new LocalSandbox(storage);
    this.folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  }

  /** Runs a command of the extension until it ends. */
  run(command: string, ...args: unknown[]): Thenable<unknown> {
    return vscode.commands.executeCommand(`cmsEnablement.${command}`, ...args);
  }

  /** The row of the tree with this screen reader label. */
  row(spoken: string): Promise<Row> {
    return this.#find('stacks', spoken);
  }

  /** The row of a simulation. */
  simulation(spoken: string): Promise<Row> {
    return this.#find('simulations', spoken);
  }

  /** The screen reader labels of all rows, expanded or not. */
  async spoken(view: 'stacks' | 'simulations' = 'stacks'): Promise<string[]> {
    return (await all(rowsOf<Row>(`cmsEnablement.${view}`))).map(({ spoken }) => spoken);
  }

  async #find(view: string, words: string): Promise<Row> {
    const rows = rowsOf<Row>(`cmsEnablement.${view}`);
    let seen: string[] = [];
    return until(
      `a row with “${words}”`,
      async () => {
        const found = await all(rows);
        seen = found.map(({ spoken }) => spoken);
        return found.find(({ spoken }) => spoken.includes(words))?.row;
      },
      { everyMs: 50, seen: () => seen },
    );
  }
}

/** All rows of a view, depth first. */
async function all(rows: Rows<Row>, above?: Row): Promise<{ spoken: string; row: Row }[]> {
  const found: { spoken: string; row: Row }[] = [];
  for (const row of (await rows.getChildren(above)) ?? []) {
    const item = await rows.getTreeItem(row);
    const label = typeof item.label === 'object' ? item.label.label : (item.label ?? '');
    found.push({ spoken: item.accessibilityInformation?.label ?? label, row });
    if (item.collapsibleState !== vscode.TreeItemCollapsibleState.None) found.push(...(await all(rows, row)));
  }
  return found;
}

/** Created by the first suite that needs it. All suites of a run share it, since they have the same workspace folder. */
let fleet: (() => Promise<FleetSnapshot>) | undefined;

/**
 * @param start an empty sandbox, or one with a fleet and the sign-in saved
 * @param install what of CMS is in an empty one, as `--install` takes it; without it CMS v1
 */
export function useWorld(suite: Suite, start: 'sandbox' | 'fleet', install?: readonly string[]): HostWorld {
  const world = new HostWorld();
  const { person, sandbox, folder } = world;
  const snapshotOfFleet = (fleet ??= once(() => snapshotOf(sandbox, folder)));
  suite.beforeAll('activates the extension', async () => {
    await vscode.extensions.getExtension('cms-enablement.cms-enablement')?.activate();
  });
  suite.beforeEach('puts everything back', async () => {
    const snapshot = start === 'fleet' ? await snapshotOfFleet() : undefined;
    await clear(sandbox, folder);
    await snapshot?.restore(folder);
    await sandbox.start(snapshot?.state, install);
    person.arrive();
    await world.run('startSandbox');
    if (start === 'sandbox') return;
    const signingIn = world.run('signIn');
    await person.answer('User name in the user pool', OWNER);
    await person.answer('Password; stored only in VS Code’s secret storage', PASSWORD);
    await signingIn;
  });
  suite.afterEach('leaves nothing behind', async () => {
    person.leave();
    person.arrive();
    await world.run('simulationStopAll');
    await until('the end of the simulations', async () =>
      (await world.spoken('simulations')).every(
        (row) => !/, (waiting|starting|running|paused|offline|stopping|finishing)/.test(row),
      ),
    );
    await clearEnded(world);
    // Nothing drives on them any more.
    await removeConnections(world);
    await world.run('forgetPasswords');
    await world.run('stopSandbox');
    person.leave();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await clear(sandbox, folder);
  });
  return world;
}

/** It asks first when there are results to lose. */
async function clearEnded(world: HostWorld): Promise<void> {
  const clearing = { done: false };
  const work = world.run('simulationClearEnded').then(() => (clearing.done = true));
  await until('the end of clearing', () => clearing.done || world.person.isTold('Clear the list?'));
  if (!clearing.done) await world.person.press('Clear the list?', 'Clear');
  await work;
}

/** Does not read the rows below them, which would read their accounts. */
async function removeConnections(world: HostWorld): Promise<void> {
  const { person } = world;
  for (;;) {
    void world.run('removeConnection');
    const none = (): boolean => person.isTold('There is no connection to remove.');
    await until('the connections', () => none() || person.isAsked('Connection to remove'));
    if (none()) return;
    await person.answer('Connection to remove');
  }
}

/** A snapshot of the fleet for all tests of this run. It is deleted when the process exits. */
async function snapshotOf(sandbox: LocalSandbox, folder: string): Promise<FleetSnapshot> {
  const at = await mkdtemp(path.join(os.tmpdir(), 'cms-snapshots-'));
  // It contains private keys. Only synchronous work is done when a process exits.
  process.once('exit', () => rmSync(at, { recursive: true, force: true }));
  const snapshot = new FleetSnapshot(at);
  await snapshot.make(sandbox, folder);
  await snapshot.save(sandbox, folder);
  return snapshot;
}

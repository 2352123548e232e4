import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { storageOf } from '../../../tools/editor/server.ts';
import { once } from '../once.ts';
import { until } from '../until.ts';
import { startEditor, type Editor } from './editor.ts';
import { clear, FleetSnapshot, OWNER, PASSWORD, VIN } from './fleetSnapshot.ts';
import { speak } from './language.ts';
import { LocalSandbox } from './localSandbox.ts';
import { endBackgroundRuns } from './backgroundRuns.ts';
import { extensionHosts } from './processes.ts';
import { signIn } from './steps.ts';
import { Workbench } from './workbench.ts';

/**
 * The state that a test starts with: nothing, as after installation; a running, empty local sandbox; or a sandbox with
 * two onboarded vehicles, their certificates in the workspace, and a saved sign-in.
 */
export type Start = 'nothing' | 'sandbox' | 'fleet';

export interface StageOptions {
  /** Environment variables of the editor's server. */
  env?: Record<string, string>;
}

export interface Restored {
  start: Start;
  settings?: Record<string, unknown>;
  language?: string;
}

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

/** One editor server, browser and workspace folder for many tests. All are reset before each test. */
export class Stage {
  readonly editor: Editor;
  readonly sandbox: LocalSandbox;
  /** The workspace folder. */
  readonly folder: string;
  readonly #snapshots: string;
  readonly #fleetSnapshot: FleetSnapshot;
  /** What the browser keeps of a window that is signed in to the fleet. */
  readonly #fleet = once(() => this.#makeFleet());

  private constructor(editor: Editor, folder: string, snapshots: string) {
    this.editor = editor;
    this.sandbox = new LocalSandbox(storageOf(editor.dataFolder));
    this.folder = folder;
    this.#snapshots = snapshots;
    this.#fleetSnapshot = new FleetSnapshot(snapshots);
  }

  /** Opens the editor with the checkout as its extension, or with the VSIX in the environment variable CMS_VSIX. */
  static async open({ env }: StageOptions = {}): Promise<Stage> {
    const vsix = process.env.CMS_VSIX;
    const extension = vsix === undefined ? 'link' : { vsix };
    const editor = await startEditor({ extension, ...(env === undefined ? {} : { env }) });
    // Makes sure that a run of the package's tests does not test the checkout.
    assert.equal(await editor.isLinked(), vsix === undefined, 'whether the checkout is tested');
    const snapshots = await mkdtemp(path.join(os.tmpdir(), 'cms-snapshots-'));
    return new Stage(editor, await editor.workspace(), snapshots);
  }

  /** Resets everything. The browser context has the state of the editor; no window is open yet. */
  async restore({ start, settings = {}, language }: Restored): Promise<BrowserContext> {
    const state = start === 'fleet' ? await this.#fleet() : undefined;
    await clear(this.sandbox, this.folder);
    await this.#clearLogs();
    await this.editor.settings(settings);
    await speak(this.editor.dataFolder, language);
    if (start === 'fleet') await this.#fleetSnapshot.restore(this.folder);
    if (start !== 'nothing')
      await this.sandbox.start(start === 'fleet' ? this.#fleetSnapshot.state : undefined);
    return this.editor.sameContext(state);
  }

  /** Closes the windows of a test and waits until their processes have ended. */
  async closeWindows(context: BrowserContext): Promise<void> {
    // Navigating away ends a window's extension host. If the browser just closed, the host would wait for a
    // reconnection.
    for (const page of context.pages()) await page.goto('about:blank');
    await until('the end of the extension hosts', () => extensionHosts(this.editor.dataFolder).length === 0, {
      withinMs: 60_000,
      everyMs: 20,
    });
    for (const page of context.pages()) await page.close();
  }

  async close(): Promise<void> {
    await endBackgroundRuns(this.sandbox.storage);
    await this.sandbox.kill();
    await this.editor.stop();
    await rm(this.#snapshots, { recursive: true, force: true });
  }

  /** Deletes the logs of the extension hosts of earlier tests. */
  async #clearLogs(): Promise<void> {
    const logs = path.join(this.editor.dataFolder, 'data/logs');
    for (const name of await readdir(logs, { recursive: true }).catch(() => []))
      if (/^exthost\d+$/.test(path.basename(name))) await rm(path.join(logs, name), { recursive: true });
  }

  /** Created once, with the command line and one window. Every test that starts with it gets a copy. */
  async #makeFleet(): Promise<StorageState> {
    await this.editor.settings({});
    await speak(this.editor.dataFolder, undefined);
    await this.#fleetSnapshot.make(this.sandbox, this.folder);
    const context = await this.editor.sameContext();
    let state: StorageState;
    try {
      const workbench = new Workbench(await this.editor.open(this.folder, { context }));
      await workbench.openView();
      await signIn(workbench, OWNER, PASSWORD);
      await workbench.spoken(`Vehicle ${VIN}, Acme DN 2019, owner ${OWNER}, live`).waitFor();
      await workbench.remembered('extension', ['passwordKeys']);
      state = await context.storageState({ indexedDB: true });
    } finally {
      // Left open it would disturb the next attempt, and every test after it.
      await this.closeWindows(context);
    }
    await this.#fleetSnapshot.save(this.sandbox, this.folder);
    return state;
  }
}

import assert from 'node:assert/strict';
import type { Suite } from 'mocha';
import type { BrowserContext } from 'playwright-core';
import { startEditor, type Editor, type EditorOptions } from './editor.ts';
import { actUntil } from './actUntil.ts';
import { leaveEvidence } from './evidence.ts';
import { Workbench } from './workbench.ts';

/** One editor and one window that the tests of a file go through as a person does, one after the other. */
export interface EditorSuite {
  readonly editor: Editor;
  readonly workbench: Workbench;
  readonly context: BrowserContext;
  /** The workspace folder of the window. */
  readonly folder: string;
}

/**
 * Starts the editor before the tests and ends it after them. A test that fails ends the file, since the next ones
 * begin where it stopped, and leaves pictures and logs in .test-output/failures.
 * @param options.vsix when the environment variable CMS_VSIX names a file, that is installed instead of the checkout
 */
export function useEditor(suite: Suite, options: Omit<EditorOptions, 'extension'> = {}): EditorSuite {
  suite.timeout(180_000);
  let started: EditorSuite | undefined;
  let failed = false;
  before(async () => {
    const vsix = process.env.CMS_VSIX;
    const editor = await startEditor({ ...options, extension: vsix === undefined ? 'link' : { vsix } });
    // So that no run tests the checkout when it should test the package.
    assert.equal(await editor.isLinked(), vsix === undefined);
    const context = await editor.context();
    const folder = await editor.workspace();
    const page = await editor.open(folder, { context });
    started = { editor, context, folder, workbench: new Workbench(page) };
  });
  // Not by mocha's own bail, which would skip the files that follow as well.
  beforeEach(function () {
    if (failed) this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    failed = true;
    if (started === undefined) return;
    const { context, editor } = started;
    console.log(`      see ${await leaveEvidence(this.currentTest.fullTitle(), context, editor.dataFolder)}`);
  });
  after(async () => started?.editor.stop());
  const now = (): EditorSuite => {
    if (started === undefined) throw new Error('The editor is started before the first test only.');
    return started;
  };
  return {
    get editor() {
      return now().editor;
    },
    get workbench() {
      return now().workbench;
    },
    get context() {
      return now().context;
    },
    get folder() {
      return now().folder;
    },
  };
}

/** A password the sandbox's user pool accepts. */
export const PASSWORD = 'Sandbox-pass1!';

/** Starts the sandbox by the welcome view's button. */
export async function startFromWelcome(workbench: Workbench): Promise<void> {
  await workbench.openView();
  const start = workbench.page.locator('.welcome-view-content .monaco-button').first();
  await actUntil(
    () => start.press('Enter'),
    (timeout) => start.waitFor({ state: 'hidden', timeout }),
  );
  await workbench.row('Provisioning').waitFor();
}

/** The whole wizard by keyboard. A password is asked for only while none is saved. */
export async function answerWizard(workbench: Workbench, vin: string, password?: string): Promise<void> {
  await workbench.answer('VIN: 17 characters', vin);
  await workbench.answer('User name of the owner');
  await workbench.answer('First name of the owner');
  await workbench.answer('Last name of the owner');
  if (password !== undefined) await workbench.answer('Password of', password);
  await workbench.answer('Supplier of the telematics unit');
  await workbench.question('Review');
  await workbench.pick('Onboard');
}

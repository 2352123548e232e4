import type { Suite } from 'mocha';
import type { BrowserContext } from 'playwright-core';
import { afterAllSuites } from '../rootHook.ts';
import { leaveEvidence } from './evidence.ts';
import type { LocalSandbox } from './localSandbox.ts';
import { Stage, type Restored, type StageOptions } from './stage.ts';
import { Workbench } from './workbench.ts';

export interface WindowOptions extends Restored, StageOptions {
  /** The window's folder or `.code-workspace`, made before it opens; undefined opens none. */
  open?: (folder: string) => Promise<string | undefined>;
}

/** What a test has: a window of its own, just opened, on a stage that was put back to its start. */
export interface TestWindow {
  readonly stage: Stage;
  readonly workbench: Workbench;
  readonly context: BrowserContext;
  readonly sandbox: LocalSandbox;
  /** The workspace folder. */
  readonly folder: string;
  /** Another window of the same person. */
  another(folder: string | undefined): Promise<Workbench>;
}

/** Stages by what their servers were started with: one start for all files that want the same. */
const stages = new Map<string, Promise<Stage>>();

/**
 * A fresh window for each test of the suite. A test that fails leaves pictures and logs in .test-output/failures; the
 * next one finds nothing of it.
 */
export function useWindow(suite: Suite, options: WindowOptions): TestWindow {
  suite.timeout(120_000);
  let current: { stage: Stage; context: BrowserContext; workbench: Workbench } | undefined;
  const now = (): NonNullable<typeof current> => {
    if (current === undefined) throw new Error('There is a window only while a test runs.');
    return current;
  };
  suite.beforeEach('opens a window', async () => {
    const stage = await stageOf(suite, options);
    const context = await stage.restore(options);
    const folder = options.open === undefined ? stage.folder : await options.open(stage.folder);
    current = { stage, context, workbench: new Workbench(await stage.editor.open(folder, { context })) };
  });
  suite.afterEach('closes the window', async function () {
    if (current === undefined) return;
    const { stage, context } = current;
    current = undefined;
    if (this.currentTest?.state === 'failed') {
      const at = await leaveEvidence(this.currentTest.fullTitle(), context, stage.editor.dataFolder);
      console.log(`      see ${at}`);
    }
    await stage.closeWindows(context);
  });
  return {
    get stage() {
      return now().stage;
    },
    get workbench() {
      return now().workbench;
    },
    get context() {
      return now().context;
    },
    get sandbox() {
      return now().stage.sandbox;
    },
    get folder() {
      return now().stage.folder;
    },
    async another(folder) {
      const { stage, context } = now();
      return new Workbench(await stage.editor.open(folder, { context }));
    },
  };
}

function stageOf(suite: Suite, { env }: StageOptions): Promise<Stage> {
  const key = JSON.stringify(env ?? {});
  let stage = stages.get(key);
  if (stage === undefined) {
    stage = Stage.open(env === undefined ? {} : { env });
    stages.set(key, stage);
    const opened = stage;
    afterAllSuites(suite, 'ends the editor', async () => (await opened).close());
  }
  return stage;
}

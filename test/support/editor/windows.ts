import type { Suite } from 'mocha';
import type { BrowserContext } from 'playwright-core';
import { defined } from '../../../src/core/defined.ts';
import { afterAllSuites } from '../rootHook.ts';
import { leaveEvidence } from './evidence.ts';
import type { LocalSandbox } from './localSandbox.ts';
import { Stage, type Restored, type StageOptions } from './stage.ts';
import { Workbench } from './workbench.ts';

export interface WindowOptions extends Restored, StageOptions {
  /** The window's folder or `.code-workspace` file, created before it opens; undefined for neither. */
  open?: (folder: string) => Promise<string | undefined>;
}

/** A test's window, just opened, on a stage that was reset. */
export interface TestWindow {
  readonly stage: Stage;
  readonly workbench: Workbench;
  readonly context: BrowserContext;
  readonly sandbox: LocalSandbox;
  /** The workspace folder. */
  readonly folder: string;
  /** Opens another window of the same user. */
  another(folder: string | undefined): Promise<Workbench>;
}

/** Stages by the options of their servers. Test files with the same options share one. */
const stages = new Map<string, Promise<Stage>>();
/** Errors from windows that did not close. */
const leftOpen: unknown[] = [];

/**
 * Opens a fresh window for each test of the suite. A failed test leaves screenshots and logs in .test-output/failures
 * and does not affect the next one.
 */
export function useWindow(suite: Suite, options: WindowOptions): TestWindow {
  suite.timeout(180_000);
  let current: { stage: Stage; context: BrowserContext; workbench: Workbench } | undefined;
  let problem: Error | undefined;
  const now = (): NonNullable<typeof current> => {
    if (problem !== undefined) throw problem;
    if (current === undefined) throw new Error('There is a window only while a test runs.');
    return current;
  };
  // A failing hook would skip all other tests of the suite, so the test fails instead.
  suite.beforeEach('opens a window', async function () {
    this.timeout(0);
    problem = undefined;
    try {
      const stage = await stageOf(suite, options);
      const context = await stage.restore(options);
      const folder = options.open === undefined ? stage.folder : await options.open(stage.folder);
      const page = await stage.editor.open(folder, { context });
      current = { stage, context, workbench: new Workbench(page) };
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
    }
  });
  suite.afterEach('closes the window', async function () {
    this.timeout(0);
    if (current === undefined) return;
    const { stage, context } = current;
    current = undefined;
    if (this.currentTest?.state === 'failed') {
      const at = await leaveEvidence(this.currentTest.fullTitle(), context, stage.editor.dataFolder);
      console.log(`      see ${at}`);
    }
    try {
      await stage.closeWindows(context);
    } catch (error) {
      // The next test gets a new editor. That this one did not end is reported as a failure of the run.
      leftOpen.push(error);
      stages.delete(keyOf(options));
      await stage.close();
    }
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

const keyOf = ({ env }: StageOptions): string => JSON.stringify(env ?? {});

function stageOf(suite: Suite, { env }: StageOptions): Promise<Stage> {
  const key = keyOf({ ...defined({ env }) });
  let stage = stages.get(key);
  if (stage === undefined) {
    if (stages.size === 0) afterAllSuites(suite, 'ends the editors', closeAll);
    stage = Stage.open({ ...defined({ env }) });
    stages.set(key, stage);
  }
  return stage;
}

async function closeAll(): Promise<void> {
  const open = [...stages.values()];
  stages.clear();
  for (const stage of open) await (await stage).close();
  if (leftOpen.length > 0)
    throw new AggregateError(leftOpen, `Windows did not close: ${String(leftOpen[0])}`);
}

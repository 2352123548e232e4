import type { Suite } from 'mocha';
import type { BrowserContext } from 'playwright-core';
import { defined } from '../../../src/core/defined.ts';
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
/** Why windows did not close. */
const leftOpen: unknown[] = [];

/**
 * A fresh window for each test of the suite. A test that fails leaves pictures and logs in .test-output/failures; the
 * next one finds nothing of it.
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
  // A hook that fails would take all other tests of the suite with it: the test fails in its place.
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
      // The next test gets an editor of its own; that this one's did not end is a failure of the run.
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

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isEnding, start } from './child.ts';
import type { Display } from './display.ts';
import type { Results } from './results.ts';
import { root } from './stages.ts';
import type { FileRun } from './worker.ts';

/** The message that a file is done may arrive before what it printed. */
const LAST_LINES_MS = 50;

export interface QueueRun {
  ok: boolean;
  results: Results;
  /** Seconds of processor of the process and of those that it started. */
  processor: number;
}

export interface QueueOptions {
  stage: string;
  /** Of a test, in milliseconds. */
  timeout: number;
  env: NodeJS.ProcessEnv;
  begin: Display['begin'];
  /** Of each file, in seconds. */
  onProcessor: (file: string, seconds: number) => void;
}

/**
 * Takes files from the queue, which others take from, too, and runs them in one process until none is left. A file that
 * ends this process has failed, and those after it get another.
 */
export async function workThrough(queue: string[], options: QueueOptions): Promise<QueueRun> {
  const runs: QueueRun[] = [];
  while (queue.length > 0 && !isEnding()) runs.push(await workInOne(queue, options));
  return together(runs);
}

/** What several processes came to. */
export function together(runs: readonly QueueRun[]): QueueRun {
  return {
    ok: runs.every(({ ok }) => ok),
    results: {
      tests: runs.flatMap(({ results }) => results.tests),
      durations: Object.assign({}, ...runs.map(({ results }) => results.durations)) as Results['durations'],
    },
    processor: runs.reduce((sum, run) => sum + run.processor, 0),
  };
}

async function workInOne(queue: string[], options: QueueOptions): Promise<QueueRun> {
  const results: Results = { tests: [], durations: {} };
  let said = '';
  let print: ((text: string) => void) | undefined;
  const command = [process.execPath, '--import', 'tsx', `${root}/test/run/worker.ts`, `${options.timeout}`];
  const { child, ended } = start(
    command,
    options.env,
    (text) => {
      said += text;
      print?.(text);
    },
    'ipc',
  );
  let alive = true;
  let before: string | undefined;
  while (alive && !isEnding()) {
    const file = queue.shift();
    if (file === undefined) break;
    const shown = options.begin(`${options.stage}: ${file}`);
    print = shown.print;
    const answer = once(child, 'message').then(([message]) => message as FileRun);
    child.send(file, () => undefined);
    const run = await Promise.race([answer, ended.then(() => undefined)]);
    await delay(LAST_LINES_MS);
    alive = run !== undefined;
    if (run !== undefined) {
      results.tests.push(...run.tests);
      Object.assign(results.durations, run.durations);
      options.onProcessor(file, run.processor);
    } else {
      // What a file left behind may end the process only while the next one runs.
      const after = before === undefined ? '' : `, maybe for what ${before} left behind`;
      const why = `its process ended with ${child.signalCode ?? child.exitCode}${after}`;
      results.tests.push({ file, title: 'comes to its end', state: 'failed', why });
    }
    shown.end(said);
    said = '';
    before = file;
  }
  if (child.connected) child.disconnect();
  const { status, processor } = await ended;
  // What they share could not be closed, or somebody ended the process.
  if (said !== '') options.begin(`${options.stage}: after its last file`).end(said);
  const failed = results.tests.some(({ state }) => state === 'failed');
  return { ok: status === 0 && !failed, results, processor };
}

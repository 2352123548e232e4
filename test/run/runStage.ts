import { rmSync } from 'node:fs';
import path from 'node:path';
import { defined } from '../../src/core/defined.ts';
import { run } from './child.ts';
import type { Display } from './display.ts';
import { likelyDuration, remember, remembered, testFiles } from './files.ts';
import { type QueueOptions, type QueueRun, together, workThrough } from './queue.ts';
import { dealt, described, failedFiles, merged, ranAll, readResults, type Results } from './results.ts';
import type { Room } from './room.ts';
import { outputFolder, root, STAGES, type Stage } from './stages.ts';

export interface StageOutcome {
  ok: boolean;
  passed: number;
  failed: number;
  skipped: number;
  /** `<file> › <suite> › <title>`, and below it why. */
  flaky: string[];
  /** The same of those that failed. */
  failures: string[];
  /** From the start of its first process to its end. */
  seconds: number;
  /** Seconds of processor that it took, as far as it waited for what it started. */
  processor: number;
  files: FileSeconds[];
}

export interface FileSeconds {
  file: string;
  seconds: number;
  /** Where a process runs one file after another. */
  processor?: number;
}

export interface Surroundings {
  room: Room;
  /** Of all cores, for what has to run alone. */
  everything: number;
  shard?: { index: number; of: number };
  /** Where the coverage goes, when it is measured. */
  coverage?: string;
  /** One process is all that runs, so the terminal may show what it prints at once. */
  alone: boolean;
  begin: Display['begin'];
}

export async function runStage(stage: Stage, given: Surroundings): Promise<StageOutcome> {
  let since: number | undefined;
  const room: Room = {
    take: (cores, work, rank) => {
      const begun = (): ReturnType<typeof work> => {
        since ??= performance.now();
        return work();
      };
      return given.room.take(cores, begun, rank);
    },
  };
  const outcome = await runIn(stage, { ...given, room });
  return { ...outcome, seconds: (performance.now() - (since ?? performance.now())) / 1000 };
}

async function runIn(stage: Stage, around: Surroundings): Promise<Omit<StageOutcome, 'seconds'>> {
  if (stage.command !== undefined) {
    const { ok, processor } = await runOne(stage, stage.name, stage.command, {}, around);
    const counts = { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, flaky: [], failures: [] };
    return { ok, ...counts, processor, files: [] };
  }
  const files = filesOf(stage, around);
  const first = await runTests(stage, stage.name, files, around);
  let results: Results & { flaky?: string[] } = first.results;
  let { ok, processor } = first;
  const again = stage.again === true && !ok ? failedFiles(results) : [];
  if (again.length > 0) {
    const name = `${stage.name}, once more, alone: ${again.join(', ')}`;
    const second = await runTests({ ...stage, cores: around.everything }, name, again, around, 1);
    results = merged(results, second.results, again);
    ok = second.ok && ranAll(second.results, again);
    processor += second.processor;
  }
  remember(results.durations);
  const count = (state: string): number => results.tests.filter((test) => test.state === state).length;
  // A process that died, or in which nothing ran, has failed although no test of it did.
  const died = count('failed') === 0 && (!ok || count('passed') === 0);
  return {
    ok: ok && !died,
    passed: count('passed'),
    failed: count('failed') + (died ? 1 : 0),
    skipped: count('skipped'),
    flaky: results.flaky ?? [],
    failures: results.tests.filter(({ state }) => state === 'failed').map(described),
    processor,
    files: Object.entries(results.durations).map(([file, ms]) => ({
      file,
      seconds: ms / 1000,
      ...defined({ processor: first.processors.get(file) }),
    })),
  };
}

/** The longest first, so that none is left when the others are done. */
function filesOf({ mocha }: Stage, { shard }: Surroundings): string[] {
  if (mocha === undefined) return [];
  const files = testFiles(mocha.tests);
  // By size: what this machine remembers is not what the others do.
  if (shard !== undefined) return dealt(files, shard.of, likelyDuration({}))[shard.index - 1] ?? [];
  return dealt(files, 1, likelyDuration(remembered())).flat();
}

interface TestRun {
  ok: boolean;
  results: Results;
  processor: number;
  /** Seconds of processor by file, where they are known. */
  processors: Map<string, number>;
}

async function runTests(
  stage: Stage,
  name: string,
  files: readonly string[],
  around: Surroundings,
  processes = stage.mocha?.processes ?? 1,
): Promise<TestRun> {
  const env = {
    ...(around.coverage === undefined || stage.coverage !== true
      ? {}
      : { NODE_V8_COVERAGE: around.coverage }),
    ...stage.env?.(),
  };
  const processors = new Map<string, number>();
  const { timeout } = stage.mocha ?? {};
  if (timeout === undefined) {
    const { ok, processor, results } = await runInOne(stage, name, files, env, around);
    return { ok, processor, results, processors };
  }
  const queue = [...files];
  const options: QueueOptions = {
    ...{ stage: name, timeout, env, begin: around.begin },
    onProcessor: (file, seconds) => processors.set(file, seconds),
  };
  const work = (): Promise<QueueRun> => workThrough(queue, options);
  const runs = await Promise.all(
    Array.from({ length: Math.min(processes, files.length) }, () =>
      around.room.take(stage.cores ?? 1, work, rankOf(stage)),
    ),
  );
  return { ...together(runs), processors };
}

/** All files in one process, which deals with them itself. */
async function runInOne(
  stage: Stage,
  name: string,
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  around: Surroundings,
): Promise<{ ok: boolean; results: Results; processor: number }> {
  const resultsFile = path.join(outputFolder, `${name.replaceAll(/\W+/g, '-').slice(0, 60)}.json`);
  rmSync(resultsFile, { force: true });
  const mocha = path.join(root, 'node_modules/.bin/mocha');
  const reporter = ['--reporter', 'test/support/reporter.cjs'];
  const command = [...(stage.counting ?? [mocha, ...reporter, ...(stage.mocha?.options ?? [])]), ...files];
  const ended = await runOne(stage, name, command, { MOCHA_RESULTS: resultsFile, ...env }, around);
  return { ...ended, results: readResults(resultsFile) };
}

async function runOne(
  stage: Stage,
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  { room, alone, begin }: Surroundings,
): Promise<{ ok: boolean; processor: number }> {
  const work = async () => {
    const { print, end } = begin(name);
    const { status, output, processor } = await run(command, env, alone ? undefined : print);
    end(output);
    return { ok: status === 0, processor };
  };
  return await room.take(stage.cores ?? 1, work, rankOf(stage));
}

function rankOf({ name }: Stage): number {
  return STAGES.findIndex((other) => other.name === name);
}

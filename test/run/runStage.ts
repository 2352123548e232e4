import { rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './child.ts';
import type { Display } from './display.ts';
import { likelyDuration, remember, remembered, testFiles } from './files.ts';
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
}

export interface Surroundings {
  room: Room;
  /** Of all cores, for what has to run alone. */
  everything: number;
  shard?: { index: number; of: number };
  /** Where the coverage goes, when it is measured. */
  coverage?: string;
  /** Nothing else runs, so the terminal may show what a process prints at once. */
  alone: boolean;
  begin: Display['begin'];
}

export async function runStage(stage: Stage, around: Surroundings): Promise<StageOutcome> {
  if (stage.command !== undefined) {
    const { ok } = await runOne(stage, stage.name, stage.command, {}, around);
    return { ok, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, flaky: [], failures: [] };
  }
  const parts = await Promise.all(sharesOf(stage, around).map((share) => runShare(stage, share, around)));
  return {
    ok: parts.every(({ ok }) => ok),
    passed: sum(parts.map(({ passed }) => passed)),
    failed: sum(parts.map(({ failed }) => failed)),
    skipped: sum(parts.map(({ skipped }) => skipped)),
    flaky: parts.flatMap(({ flaky }) => flaky),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** One process of a stage, and its files. */
interface Share {
  name: string;
  files: string[];
}

function sharesOf({ name, mocha }: Stage, { shard }: Surroundings): Share[] {
  if (mocha === undefined) return [{ name, files: [] }];
  const weight = likelyDuration(remembered());
  let files = testFiles(mocha.tests);
  // By size: what this machine remembers is not what the others do.
  if (shard !== undefined) files = dealt(files, shard.of, likelyDuration({}))[shard.index - 1] ?? [];
  const shares = dealt(files, mocha.processes ?? 1, weight);
  return shares.map((share, i) => ({
    name: shares.length === 1 ? name : `${name} ${i + 1} of ${shares.length}`,
    files: share,
  }));
}

async function runShare(stage: Stage, share: Share, around: Surroundings): Promise<StageOutcome> {
  const first = await runTests(stage, share, around);
  let results: Results & { flaky?: string[] } = first.results;
  let { ok } = first;
  const again = stage.again === true && !ok ? failedFiles(results) : [];
  if (again.length > 0) {
    const once = { name: `${share.name}, once more, alone: ${again.join(', ')}`, files: again };
    const second = await runTests({ ...stage, cores: around.everything }, once, around);
    results = merged(results, second.results, again);
    ok = second.ok && ranAll(second.results, again);
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
  };
}

async function runTests(
  stage: Stage,
  { name, files }: Share,
  around: Surroundings,
): Promise<{ ok: boolean; results: Results }> {
  const resultsFile = path.join(outputFolder, `${name.replaceAll(/\W+/g, '-').slice(0, 60)}.json`);
  rmSync(resultsFile, { force: true });
  const mocha = path.join(root, 'node_modules/.bin/mocha');
  const reporter = ['--reporter', 'test/support/reporter.cjs'];
  const command = [...(stage.counting ?? [mocha, ...reporter, ...(stage.mocha?.options ?? [])]), ...files];
  const env = {
    MOCHA_RESULTS: resultsFile,
    ...(around.coverage === undefined || stage.coverage !== true
      ? {}
      : { NODE_V8_COVERAGE: around.coverage }),
    ...stage.env?.(),
  };
  const { ok } = await runOne(stage, name, command, env, around);
  return { ok, results: readResults(resultsFile) };
}

async function runOne(
  stage: Stage,
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  { room, alone, begin }: Surroundings,
): Promise<{ ok: boolean }> {
  const work = async () => {
    const { print, end } = begin(name);
    const { status, output } = await run(command, env, alone ? undefined : print);
    end(output);
    return { ok: status === 0 };
  };
  const rank = STAGES.findIndex((other) => other.name === stage.name);
  return await room.take(stage.cores ?? 1, work, rank);
}

// `npm test`: everything, and one closing line `N passed, N failed`. CONTRIBUTING.md names the stages and the options.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { endWithChildren, run } from './child.ts';
import { createDisplay } from './display.ts';
import { createRoom } from './room.ts';
import { runStage, type StageOutcome, type Surroundings } from './runStage.ts';
import { outputFolder, QUICK, root, STAGES, type Stage } from './stages.ts';
import { timeLines } from './times.ts';

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(2);
}

function chosenStages(names: readonly string[], quick: boolean): Stage[] {
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0)
    fail(`Unknown stage ${unknown.join(', ')}. Stages: ${STAGES.map(({ name }) => name).join(', ')}`);
  const wanted = quick ? QUICK : names;
  return STAGES.filter(({ name, part }) => (wanted.length > 0 ? wanted.includes(name) : part !== true));
}

function parsedShard(text: string | undefined): Pick<Surroundings, 'shard'> {
  if (text === undefined) return {};
  const [, index = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index < 1 || index > of) fail(`--shard is written as 1/3, not ${text}`);
  return { shard: { index, of } };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      editor: { type: 'string' },
      shard: { type: 'string' },
      cores: { type: 'string' },
      coverage: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  if (values.editor !== undefined) process.env.CMS_EDITOR = values.editor;
  const stages = chosenStages(positionals, values.quick);
  // Two at least: most of a window's time is waiting.
  const cores = Number(values.cores ?? Math.max(2, availableParallelism()));
  const coverage = path.join(outputFolder, 'v8-coverage');

  rmSync(outputFolder, { recursive: true, force: true });
  mkdirSync(outputFolder, { recursive: true });
  endWithChildren();
  const display = createDisplay();
  const around: Surroundings = {
    room: createRoom(cores),
    everything: cores,
    alone: stages.length === 1,
    begin: display.begin,
    ...parsedShard(values.shard),
    ...(values.coverage ? { coverage } : {}),
  };

  const outcomes = new Map<string, Promise<StageOutcome | undefined>>();
  for (const stage of stages) outcomes.set(stage.name, after(stage));

  /** Nothing when it did not run, because what it needs has failed: it would only repeat that. */
  async function after(stage: Stage): Promise<StageOutcome | undefined> {
    for (const name of stage.after) {
      if (outcomes.has(name) && (await outcomes.get(name))?.ok !== true) {
        display.line(`=== ${stage.name}: not run, for want of ${name}`);
        return undefined;
      }
    }
    const outcome = await runStage(stage, around);
    display.line(`=== ${stage.name}: ${outcome.ok ? 'ok' : 'FAILED'}`);
    return outcome;
  }

  const all = await Promise.all(outcomes.values());
  display.close();
  if (values.coverage) await reportCoverage(coverage);
  for (const line of timeLines(stages.map(({ name }, i) => ({ name, ...all[i] })))) console.log(line);
  closeWith(stages, all);
}

async function reportCoverage(folder: string): Promise<void> {
  console.log('\n=== coverage');
  // Read one by one: every process of the wire tests leaves some megabytes, more than fit into memory together.
  const from = ['--merge-async', '--temp-directory', folder, '--exclude-after-remap'];
  const what = ['--include', 'src/**', '--all', '--src', 'src'];
  const to = [
    '--reporter',
    'text-summary',
    '--reporter',
    'html',
    '--reports-dir',
    path.join(root, 'coverage'),
  ];
  await run([path.join(root, 'node_modules/.bin/c8'), 'report', ...from, ...what, ...to], {}, undefined);
}

function closeWith(stages: readonly Stage[], outcomes: readonly (StageOutcome | undefined)[]): void {
  const broken = stages.filter((_, i) => outcomes[i]?.ok !== true).map(({ name }) => name);
  const total = (key: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((sum, outcome) => sum + (outcome?.[key] ?? 0), 0);
  const flaky = outcomes.flatMap((outcome) => outcome?.flaky ?? []);
  console.log(`\n${Math.round(performance.now() / 1000)} s`);
  if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
  // Once more at the end, where a log that is cut still has them.
  for (const test of outcomes.flatMap((outcome) => outcome?.failures ?? [])) console.log(`Failed: ${test}`);
  if (flaky.length > 0) {
    console.log('');
    for (const test of flaky) console.log(`Flaky: ${test}`);
    console.log(
      `${flaky.length} flaky: failed, and passed when the file was run once more, alone. That is a fault.`,
    );
  }
  const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
  console.log(`\n${total('passed')} passed, ${total('failed')} failed${skipped}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

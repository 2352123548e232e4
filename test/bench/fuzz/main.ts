/**
 * Gives readers what others could have made up, and looks for what must not happen: an exception that is no answer, a
 * reader that hangs, memory that grows. Guided by the branches that inputs reach; the same inputs at every run with
 * the same seed. `npm run fuzz -- [--only <reader> …] [--cases <each>] [--seed <text>] [--input <file>]`
 */
import { parseArgs } from 'node:util';
import path from 'node:path';
import { fuzzed, shareOf, type Outcome } from './runTarget.ts';
import { targets } from './targets/index.ts';

/** More than caches and the engine take, and less than what an input a thousand times over would. */
const MOST_GROWTH_MIB = 16;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      cases: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      input: { type: 'string' },
      out: { type: 'string', default: path.resolve('.test-output/fuzz') },
    },
  });
  const names = targets.map(({ name }) => name);
  const unknown = (values.only ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`Unknown reader ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  const { seed, input, out } = values;
  const chosen = targets.filter(({ name }) => values.only?.includes(name) ?? true);
  const outcomes: Outcome[] = [];
  for (const target of chosen) {
    const cases = shareOf(target, Number(values.cases));
    const outcome = await fuzzed({ name: target.name, seed, cases, input, folder: out });
    outcomes.push(outcome);
    print(outcome);
  }
  const total = outcomes.reduce((sum, { cases }) => sum + cases, 0);
  const faults = outcomes.flatMap(({ faults: own }) => own);
  const grown = outcomes.filter(({ growth }) => growth > MOST_GROWTH_MIB);
  for (const { name, growth } of grown) console.log(`${name}: ${growth.toFixed(1)} MiB more at the end`);
  console.log(`\n${JSON.stringify({ fuzz: { seed, cases: total, outcomes } })}`);
  console.log(
    `\n${total.toLocaleString('en')} cases, ${faults.length} crashes and hangs, ${grown.length} grown`,
  );
  process.exitCode = faults.length + grown.length > 0 ? 1 : 0;
}

function print(outcome: Outcome): void {
  const { name, cases, seconds, slowestMs, slowestBytes, branches, kept, growth, results, faults } = outcome;
  console.log(
    `${name.padEnd(18)} ${cases.toLocaleString('en').padStart(9)} cases ${Math.round(cases / seconds)
      .toLocaleString('en')
      .padStart(7)} /s, slowest ${slowestMs.toFixed(0)} ms (${slowestBytes} bytes), ` +
      `${branches} branches by ${kept} inputs, ${growth.toFixed(1)} MiB more; ${wordsOf(results)}`,
  );
  for (const { what, file } of faults) {
    console.log(`\n${what}\n\n    npm run fuzz -- --only ${name} --input ${path.relative('.', file)}\n`);
  }
}

function wordsOf(results: Readonly<Record<string, number>>): string {
  return Object.entries(results)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 6)
    .map(([result, count]) => `${result} ${count}`)
    .join(', ');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});

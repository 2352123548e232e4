// The process that reads the inputs of one target: one of its own, so that nothing it does ends the others.
import { readFileSync } from 'node:fs';
import { Chance } from './chance.ts';
import { Coverage } from './coverage.ts';
import { mutated } from './mutate.ts';
import type { Order, Report } from './protocol.ts';
import type { OpenTarget, Target } from './target.ts';
import { Watchdog } from './watchdog.ts';

/** So many inputs between two looks at the branches, which take longer than most inputs: more, the less is found. */
const SMALLEST_BATCH = 64;
const BIGGEST_BATCH = 2048;
const MOST_KEPT = 4096;
/** So many inputs between two resets of what they leave behind. */
const RESET_EVERY = 2048;

const report = (message: Report): boolean => process.send?.(message) ?? false;

class Run {
  readonly #open: OpenTarget;
  readonly #watchdog: Watchdog;
  readonly outcomes: Record<string, number> = {};
  slowest = { ms: 0, bytes: 0 };
  #current: { number: number; input: Uint8Array } | undefined;

  constructor(open: OpenTarget, watchdog: Watchdog) {
    this.#open = open;
    this.#watchdog = watchdog;
    // What a case left behind broke later: the one under way is the nearest that is known.
    process.on('uncaughtException', (error) => this.#crashed(error));
    process.on('unhandledRejection', (error) => this.#crashed(error));
  }

  async read(number: number, input: Uint8Array): Promise<void> {
    this.#current = { number, input };
    this.#watchdog.begin(number, input);
    const begun = performance.now();
    const before = process.cpuUsage();
    let outcome: string;
    try {
      outcome = await this.#open.read(input);
    } catch (error) {
      this.#crashed(error);
      outcome = 'crash';
    }
    const { user, system } = process.cpuUsage(before);
    this.#watchdog.end();
    // On a machine that does other things as well the processor's time says what an input takes.
    const ms = Math.min(performance.now() - begun, (user + system) / 1000);
    if (ms > this.slowest.ms) this.slowest = { ms, bytes: input.length };
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  #crashed(error: unknown): void {
    const { number, input } = this.#current ?? { number: -1, input: new Uint8Array() };
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report({ kind: 'crash', number, input: Buffer.from(input).toString('base64'), what });
  }
}

async function main(order: Order): Promise<void> {
  const group = (await import(`./targets/${order.group}.ts`)) as Record<string, readonly Target[]>;
  const target = Object.values(group)
    .flat()
    .find(({ name }) => name === order.target);
  if (target === undefined) throw new Error(`There is no target ${order.target}.`);
  const open = await target.open();
  const watchdog = new Watchdog(order.hangFile, order.hangMs);
  const run = new Run(open, watchdog);
  const begun = performance.now();
  const { branches, kept, growth } = await (order.input === undefined
    ? fuzz(target, open, run, order)
    : once(run, order.input));
  const seconds = (performance.now() - begun) / 1000;
  await watchdog.close();
  await open.close?.();
  const { slowest, outcomes } = run;
  const cases = order.to - order.from;
  const done: Report = {
    kind: 'done', cases, seconds, slowestMs: slowest.ms, slowestBytes: slowest.bytes, branches, kept, growth, outcomes,
  }; // prettier-ignore
  if (process.send) process.send(done, () => process.exit());
}

type Numbered = readonly [number: number, input: Uint8Array];

interface Learnt {
  branches: number;
  kept: number;
  growth: number;
}

async function once(run: Run, file: string): Promise<Learnt> {
  await run.read(0, readFileSync(file));
  return { branches: 0, kept: 0, growth: 0 };
}

async function fuzz(target: Target, open: OpenTarget, run: Run, order: Order): Promise<Learnt> {
  const seeds = target.seeds.map((seed) => Buffer.from(seed));
  const corpus: Uint8Array[] = [...seeds];
  const words = target.words ?? [];
  const coverage = new Coverage(target.sources);
  const inputOf = (number: number): Uint8Array =>
    seeds[number] ?? mutated(new Chance(`${order.seed}/${target.name}/${number}`), { corpus, words });
  const quarter = order.from + Math.floor((order.to - order.from) / 4);
  let early: number | undefined;

  let sinceReset = 0;

  /** Keeps those that led to something new; asks halves first, for one or two of many did. */
  async function keepNew(inputs: readonly Numbered[]): Promise<void> {
    for (const [number, input] of inputs) await run.read(number, input);
    if (!coverage.look()) return;
    const [first] = inputs;
    if (inputs.length > 1) {
      const half = inputs.length >> 1;
      await keepNew(inputs.slice(0, half));
      await keepNew(inputs.slice(half));
    } else if (first !== undefined) {
      coverage.learn();
      if (first[0] >= seeds.length && corpus.length < MOST_KEPT) corpus.push(first[1]);
    }
  }

  let size = SMALLEST_BATCH;
  for (let number = order.from; number < order.to;) {
    const batch: Numbered[] = [];
    for (const end = Math.min(order.to, number + size); number < end; number++) {
      const input = inputOf(number);
      batch.push([number, input]);
      await run.read(number, input);
    }
    const isNew = coverage.look();
    if (isNew) await keepNew(batch);
    size = isNew ? SMALLEST_BATCH : Math.min(BIGGEST_BATCH, 2 * size);
    report({ kind: 'progress', number });
    sinceReset += batch.length;
    if (open.reset && sinceReset >= RESET_EVERY) {
      sinceReset = 0;
      await open.reset();
    }
    if (early === undefined && number >= quarter) early = await heap(open);
  }
  const late = await heap(open);
  const keptBytes = corpus.reduce((sum, { length }) => sum + length, 0);
  coverage.close();
  const growth = (late - (early ?? late) - keptBytes) / 2 ** 20;
  return { branches: coverage.found, kept: corpus.length - seeds.length, growth: Math.max(0, growth) };
}

/** Bytes that are still needed. */
async function heap(open: OpenTarget): Promise<number> {
  await open.reset?.();
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.once('message', (order: Order) => {
  main(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

import { readFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { partOf } from '../../src/scale/shard.ts';
import { type ScaleWorld, scaleWorld, type Started } from '../support/scale.ts';
import { received } from '../support/simulated.ts';
import { usageOf } from './processUsage.ts';
import type { Figure } from './run.ts';

/** Small enough that one process and the sandbox hold it beside each other on two cores. */
const FLEET = 100;
const RATE = 5;
const SECONDS = 30;
const LOOK_MS = 500;

interface Driven {
  acknowledged: number;
  lost: number;
  /** Of everything that drove: workers, or the one process, with their device processes. */
  cpuSeconds: number;
  /** Between the shards that went first and last, each measured from its own slot. Milliseconds. */
  skewMs: number | undefined;
}

/** The same fleet in one process, and in 1, 2 and 4 shards as jobs of the sandbox's AWS Batch, all on this machine. */
export async function shardFigures(): Promise<Figure[]> {
  const world = await scaleWorld(FLEET, ['--run-jobs']);
  try {
    const figures: Figure[] = [];
    for (const shards of [undefined, 1, 2, 4]) figures.push(...figuresOf(shards, await drive(world, shards)));
    return figures;
  } finally {
    await world.close();
  }
}

async function drive(world: ScaleWorld, shards: number | undefined): Promise<Driven> {
  const begunAt = Date.now();
  const run = world.start([
    ...(shards === undefined ? alone(world.simulate) : world.simulate),
    ...['--rate', String(RATE), '--duration', String(SECONDS)],
    ...(shards === undefined ? [] : ['--shards', String(shards), '--on', 'batch']),
  ]);
  const cpu = new Map<number, number>();
  let over = false;
  void run.ended.then(() => (over = true));
  while (!over) {
    const driving = shards === undefined ? [run.child.pid!] : workersOf(idOf(run));
    for (const pid of driving.flatMap((each) => [each, ...childrenOf(each)])) {
      const seconds = cpuOf(pid);
      if (seconds !== undefined) cpu.set(pid, seconds);
    }
    await delay(LOOK_MS);
  }
  const result = run.objects().find(({ type }) => type === 'simulation') as
    { simulationId: string; totals: { acknowledged: number; lost: number } } | undefined;
  if (result === undefined) throw new Error(`the run came to nothing:\n${run.output()}`);
  return {
    ...{ acknowledged: result.totals.acknowledged, lost: result.totals.lost },
    cpuSeconds: [...cpu.values()].reduce((sum, some) => sum + some, 0),
    skewMs: shards === undefined ? undefined : await skewOf(world, result.simulationId, shards, begunAt),
  };
}

/** A run in one process has no store and asks nothing. */
function alone(args: readonly string[]): string[] {
  const store = args.indexOf('--store');
  return args.filter((arg, at) => at !== store && at !== store + 1 && arg !== '--yes');
}

const idOf = (run: Started): string | undefined =>
  run.objects().find(({ type }) => type === 'submitted')?.simulationId as string | undefined;

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function workersOf(run: string | undefined): number[] {
  if (run === undefined) return [];
  return processes().filter((pid) => {
    const command = commandOf(pid);
    return command.includes(' worker ') && command.includes(run);
  });
}

function childrenOf(parent: number): number[] {
  return processes().filter((pid) => {
    try {
      return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === parent;
    } catch {
      return false;
    }
  });
}

/** Undefined for one that has ended. */
function cpuOf(pid: number): number | undefined {
  try {
    return usageOf(pid).cpuSeconds;
  } catch {
    return undefined;
  }
}

/** Each shard begins in a slot of its own, so that connects interleave: what is left beyond that is skew. */
async function skewOf(world: ScaleWorld, run: string, shards: number, begunAt: number): Promise<number> {
  const file = path.join(world.folder, 'runs', 'runs', run, 'plan.json');
  const { connectsPerSecond } = JSON.parse(await readFile(file, 'utf8')) as { connectsPerSecond: number };
  const firsts: number[] = [];
  for (let number = 1; number <= shards; number++) {
    const { from } = partOf({ number, count: shards }, FLEET);
    const { messages } = await received(world.sandbox, world.vins[from]!);
    const times = messages
      .map(({ payload }) => Date.parse((payload as { CreationTimeStamp: string }).CreationTimeStamp))
      .filter((time) => time > begunAt);
    firsts.push(Math.min(...times) - ((number - 1) * 1000) / connectsPerSecond);
  }
  return Math.max(...firsts) - Math.min(...firsts);
}

function figuresOf(shards: number | undefined, { acknowledged, lost, cpuSeconds, skewMs }: Driven): Figure[] {
  const of = shards === undefined ? 'one process' : `shards: ${shards}`;
  return [
    {
      what: `${of}: messages`,
      value: acknowledged / SECONDS,
      unit: 'a second',
      note: `${FLEET} vehicles at ${RATE} Hz for ${SECONDS} s, sandbox on the same machine; ${lost} lost`,
    },
    {
      what: `${of}: processor`,
      value: (cpuSeconds * 1e6) / acknowledged,
      unit: 'µs/message',
      note: 'start and end of the processes included, the controller of shards not',
    },
    ...(skewMs === undefined || shards === 1
      ? []
      : [
          {
            what: `${of}: skew of the start`,
            value: skewMs,
            unit: 'ms',
            note: 'first messages of the shards, each from its own slot',
          },
        ]),
  ];
}

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { partOf } from '../../src/scale/shard.ts';
import { type ScaleWorld, scaleWorld, type Started } from '../support/scale.ts';
import { testCredentials } from '../support/sandbox.ts';
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
    const bucket = await setUp(world);
    const figures: Figure[] = [];
    for (const shards of [undefined, 1, 2, 4]) {
      figures.push(...figuresOf(shards, await drive(world, bucket, shards)));
    }
    return figures;
  } finally {
    await world.close();
  }
}

/** What runs on AWS Batch need, with the keys of the fleet; returns the name of their bucket. */
async function setUp(world: ScaleWorld): Promise<string> {
  const made = world.start(['scale', 'setup', '--yes', '--json', ...world.to]);
  const pushed = (await made.ended) === 0 ? world.start(['identities', 'push', '--yes', ...world.to]) : made;
  if ((await pushed.ended) !== 0) throw new Error(pushed.output());
  return made.objects().find(({ type }) => type === 'result')?.bucket as string;
}

async function drive(world: ScaleWorld, bucket: string, shards: number | undefined): Promise<Driven> {
  const begunAt = Date.now();
  // Keys, plan and results are in the bucket; a run in one process has none of it, and asks nothing.
  const store = world.simulate.indexOf('--store');
  const simulate = world.simulate.filter((_, at) => at !== store && at !== store + 1);
  const run = world.start([
    ...(shards === undefined ? simulate.filter((arg) => arg !== '--yes') : simulate),
    ...['--rate', String(RATE), '--duration', String(SECONDS)],
    ...(shards === undefined ? [] : ['--shards', String(shards), '--on', 'batch']),
  ]);
  const cpu = new Map<number, number>();
  const over = { yes: false };
  void run.ended.then(() => (over.yes = true));
  while (!over.yes) {
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
    skewMs:
      shards === undefined
        ? undefined
        : await skewOf(world, await planOf(world, bucket, result.simulationId), shards, begunAt),
  };
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

interface Plan {
  connectsPerSecond: number;
}

async function planOf(world: ScaleWorld, bucket: string, run: string): Promise<Plan> {
  const s3 = new S3Client({
    ...{ endpoint: world.sandbox.endpoint, region: 'us-west-2', credentials: testCredentials },
    forcePathStyle: true,
  });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `runs/runs/${run}/plan.json` }));
  if (Body === undefined) throw new Error('the plan of the run is empty');
  return JSON.parse(await Body.transformToString()) as Plan;
}

/** Each shard begins in a slot of its own, so that connects interleave: what is left beyond that is skew. */
async function skewOf(
  world: ScaleWorld,
  { connectsPerSecond }: Plan,
  shards: number,
  begunAt: number,
): Promise<number> {
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

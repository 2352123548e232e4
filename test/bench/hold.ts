import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { startSimulation, type RunningSimulation } from '../../src/device/client/startSimulation.ts';
import type { SimulationRequest } from '../../src/protocol/simulation.ts';
import { connectTo } from '../support/cms.ts';
import type { SandboxProcess } from '../support/sandbox.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import type { Received } from '../support/simulated.ts';
import { testWork } from '../support/works.ts';
import type { BenchThing } from './benchThings.ts';
import { childRunning, usageOf } from './processUsage.ts';

export const deviceBundle = path.join(import.meta.dirname, '../../dist/device.js');

/** What came out of a fleet that reported at 1 Hz for a while. */
export interface Held {
  vehicles: number;
  /** Milliseconds from the moment a sample was due to its being sent, and from there to its acknowledgement. */
  lagMs: { p50: number; p99: number; max: number };
  ackMs: { p50: number; p99: number; max: number };
  messages: number;
  /** Made but never acknowledged, not in the cloud's store, and there more than once. */
  lost: number;
  missing: number;
  duplicates: number;
  /** Shares of one core. */
  cpu: { device: number; host: number; sandbox: number };
  memoryMiB: { device: number; deviceBefore: number; host: number };
  /** Load average of the machine, over a minute, at the end. */
  load: number;
}

/** Percentiles reach back 20 s: by then they have forgotten the start. */
const SETTLE_MS = 21_000;
const MEASURE_MS = 20_000;
const ONLINE_TIMEOUT_MS = 120_000;

/** Drives the vehicles in a loop at 1 Hz, and holds what was sent against what the cloud has. */
export async function hold(
  sandbox: SandboxProcess,
  vehicles: BenchThing[],
  route: SimulationRequest['routes'][number],
): Promise<Held> {
  const connection = await connectTo(sandbox);
  const device = await startDevice({ command: deviceBundle });
  try {
    const simulationId = `hold-${vehicles.length}-${Date.now()}`;
    const request: SimulationRequest = {
      simulationId,
      generation: 'cdf',
      broker: await brokerOf(connection),
      routes: [route],
      vehicles: vehicles.map((vehicle, i) => ({ ...vehicle, from: i / vehicles.length })),
      end: 'loop',
      limits: { connectsPerSecond: 100 },
    };
    const simulation = startSimulation(device, request, {}, testWork());
    const pid = childRunning('device.js');
    const deviceBefore = usageOf(pid).memoryMiB;
    await online(simulation, vehicles.length);
    await delay(SETTLE_MS);

    const pids = { device: pid, host: process.pid, sandbox: sandbox.pid };
    const before = mapOf(pids, (it) => usageOf(it).cpuSeconds);
    const started = performance.now();
    await delay(MEASURE_MS);
    const seconds = (performance.now() - started) / 1000;
    const after = mapOf(pids, (it) => usageOf(it).cpuSeconds);
    const cpu = mapOf(pids, (_, name) => (after[name] - before[name]) / seconds);
    const memoryMiB = { device: usageOf(pid).memoryMiB, deviceBefore, host: usageOf(process.pid).memoryMiB };
    const { lag, ack } = simulation.totals!;
    const [load = NaN] = os.loadavg();

    simulation.stop();
    const { totals, vehicles: ends } = await simulation.ended;
    let missing = 0;
    let duplicates = 0;
    for (const { vin, serial } of ends) {
      const serials = await serialsOf(sandbox, vin);
      missing += serial - serials.received;
      duplicates += serials.duplicates;
    }
    return {
      vehicles: vehicles.length,
      lagMs: lag,
      ackMs: ack,
      messages: totals.acknowledged,
      lost: totals.lost,
      missing,
      duplicates,
      cpu,
      memoryMiB,
      load,
    };
  } finally {
    device.dispose();
    connection.dispose();
  }
}

async function serialsOf(sandbox: SandboxProcess, vin: string): Promise<Received['totals']['serials']> {
  const answer = await sandbox.ask('GET', `vehicles/${vin}/messages?limit=0`);
  return (answer as Received).totals.serials;
}

export async function online(simulation: RunningSimulation, count: number): Promise<void> {
  const until = performance.now() + ONLINE_TIMEOUT_MS;
  while ((simulation.totals?.online ?? 0) < count) {
    if (performance.now() > until) {
      throw new Error(`only ${simulation.totals?.online} of ${count} vehicles are online`);
    }
    await delay(50);
  }
}

function mapOf<K extends string>(
  pids: Record<K, number>,
  read: (pid: number, name: K) => number,
): Record<K, number> {
  const names = Object.keys(pids) as K[];
  return Object.fromEntries(names.map((name) => [name, read(pids[name], name)])) as Record<K, number>;
}

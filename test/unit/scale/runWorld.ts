import type { Connection } from '../../../src/aws/connection.ts';
import { codecOf } from '../../../src/cms/codecs.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { english } from '../../../src/core/wording.ts';
import type { Work } from '../../../src/core/work.ts';
import type { DeviceProcess } from '../../../src/device/client/deviceProcess.ts';
import type { DrivingCertificates } from '../../../src/device/client/simulatedVehicles.ts';
import { packed } from '../../../src/protocol/packedPoints.ts';
import type { SimulationRequest, SimulationResult } from '../../../src/protocol/simulation.ts';
import type { openChannel } from '../../../src/scale/channel.ts';
import { conduct, type ConductOptions } from '../../../src/scale/conduct.ts';
import type { JobStatus } from '../../../src/scale/engines/engine.ts';
import { type Plan, writePlan } from '../../../src/scale/plan.ts';
import { partOf } from '../../../src/scale/shard.ts';
import type { Store } from '../../../src/scale/store.ts';
import { runWorker } from '../../../src/scale/worker.ts';
import { createFakeRunChannel } from '../../support/runChannel.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

export const RUN = 'run-1';
const EMPTY = { buckets: [], max: 0 } as unknown as SimulationResult['durations']['lag'];

export interface Fault {
  /** Milliseconds by which the worker's clock is ahead. */
  skewMs?: number;
  opening?: typeof openChannel;
  store?: Partial<Store>;
  /** Vehicles without a certificate. */
  keyless?: readonly string[];
  attempt?: number;
}

/** A worker, and what became of it. */
export interface Worker {
  error: CmsError | undefined;
  over: boolean;
  /** What its vehicles were asked to do. */
  requests: SimulationRequest[];
  warnings: string[];
  /** Messages of its vehicles, all in all. */
  acknowledged: number;
}

/** A whole run in one process: real controllers and workers; channel, store, engine, vehicles and time are made up. */
export async function createRunWorld(
  sizes: { shards?: number; fleet?: number; durationMs?: number | undefined } = {},
) {
  const { shards = 3, fleet = 6 } = sizes;
  const durationMs = 'durationMs' in sizes ? sizes.durationMs : 20_000;
  const timers = createFakeTimers();
  const channel = createFakeRunChannel();
  const files = new Map<string, string>();
  const store: Store = {
    label: 'store',
    put: (key, text) => Promise.resolve(void files.set(key, text)),
    get: (key) => Promise.resolve(files.get(key)),
    list: (prefix) => Promise.resolve([...files.keys()].filter((key) => key.startsWith(prefix)).sort()),
  };
  const points = [0, 1, 2].map((i) => ({ latitude: 48 + i / 100, longitude: 11 }));
  const plan: Plan = {
    format: 'cms-enablement-plan-1',
    ...{ run: RUN, generation: 'cdf', shards, fleet, routes: [{ name: 'r', points: packed(points) }] },
    drive: {
      ...{ rate: 1, speed: 1, pace: 'drive', end: 'loop', events: [], eventRates: {}, jobs: true },
      ...(durationMs === undefined ? {} : { durationMs }),
    },
    ...{ seed: 1, spread: false, from: 0, connectsPerSecond: 1000, barrierMs: 60_000 },
    identities: { kind: 'folder', folder: '/certs' },
  };
  const vins = Array.from({ length: fleet }, (_, i) => `VIN${i}`);
  await writePlan(store, plan, (number) => {
    const { from, to } = partOf({ number, count: shards }, fleet);
    return vins.slice(from, to).map((vin) => ({ vin, id: vin, thingName: vin }));
  });
  const job: JobStatus = { waiting: 0, running: shards, succeeded: 0, failed: 0, reasons: [], over: false };
  const cancels: string[] = [];

  const workOf = (warnings: string[], skewMs = 0): Work => ({
    signal: new AbortController().signal,
    clock: clockOf({ ...timers, now: () => timers.now() + skewMs }),
    random: () => 0.5,
    progress: ({ level, message }) => level === 'warn' && warnings.push(english(message)),
  });

  /** Vehicles that send a message a second, all of which are acknowledged. */
  function deviceOf(worker: Worker): DeviceProcess {
    let end = (): void => undefined;
    return {
      dispose: () => end(),
      simulate: (request: SimulationRequest, handlers: Parameters<DeviceProcess['simulate']>[1]) =>
        new Promise<SimulationResult>((resolve, reject) => {
          worker.requests.push(request);
          const begun = Math.max(timers.now(), request.startAt ?? 0);
          let take = (): void => undefined;
          const resultAt = (phase: 'driving' | 'ended'): SimulationResult => {
            const serial = Math.max(0, Math.floor((timers.now() - begun) / 1000));
            const told = phase === 'ended' ? request.vehicles : [];
            const vehicles = told.map(({ vin, id }) => ({
              ...{ vin, id, phase, link: 'online' as const, point: 1, points: 3, fraction: 0.5, metres: 1 },
              ...{
                trip: 1,
                serial,
                acknowledged: serial,
                unacked: 0,
                queued: 0,
                lost: 0,
                resent: 0,
                connects: 1,
              },
            }));
            const count = request.vehicles.length;
            return {
              totals: {
                ...{ vehicles: count, online: count, ended: phase === 'ended' ? count : 0, failed: 0 },
                ...{ acknowledged: serial * count, unacked: 0, queued: 0, lost: 0, resent: 0 },
                ...{
                  messagesPerSecond: count,
                  lag: { p50: 0, p99: 0, max: 0 },
                  ack: { p50: 0, p99: 0, max: 0 },
                },
              },
              vehicles,
              durations: { lag: EMPTY, ack: EMPTY },
            };
          };
          const finish = (): void => {
            take();
            const result = resultAt('ended');
            worker.acknowledged += result.totals.acknowledged;
            resolve(result);
          };
          end = () => {
            take();
            reject(new CmsError('CANCELLED', l10n.verbatim('Disposed.')));
          };
          handlers.steer((control) => control.do === 'stop' && finish());
          const endsAt = request.durationMs === undefined ? Infinity : timers.now() + request.durationMs;
          const beat = (): void => {
            if (timers.now() >= endsAt) {
              finish();
              return;
            }
            handlers.update({ ...resultAt('driving'), messages: [], omitted: 0 });
            take = timers.after(1000, beat);
          };
          beat();
        }),
    } as unknown as DeviceProcess;
  }

  function startWorker(shard: number, fault: Fault = {}): Worker {
    const worker: Worker = { error: undefined, over: false, requests: [], warnings: [], acknowledged: 0 };
    const certificates: DrivingCertificates = {
      folder: '/certs',
      production: (id) =>
        Promise.resolve(
          fault.keyless?.includes(id) === true
            ? { kind: 'none' as const }
            : {
                kind: 'ok' as const,
                pair: {
                  certificateId: id,
                  identity: { certificatePem: 'c', privateKeyPem: 'k' } as never,
                  facts: undefined,
                },
              },
        ),
    };
    void runWorker(
      { run: RUN, shard, attempt: fault.attempt ?? 1 },
      {
        connection: {} as Connection,
        store: { ...store, ...fault.store },
        device: deviceOf(worker),
        codecOf,
        identities: () => certificates,
        broker: () => Promise.resolve({} as never),
        work: workOf(worker.warnings, fault.skewMs),
        opening: fault.opening ?? channel.open,
      },
    )
      .catch((error: unknown) => (worker.error = error as CmsError))
      .finally(() => (worker.over = true));
    return worker;
  }

  function startController(more: Partial<ConductOptions> = {}) {
    const warnings: string[] = [];
    const stop = new AbortController();
    const told = { ready: 0, views: 0 };
    const ended = conduct({
      ...{ plan, connection: {} as Connection, store, barrierMs: plan.barrierMs, opening: channel.open },
      engine: {
        ...{ name: 'batch', capacity: 'vCPUs of the queue' },
        submit: () => Promise.reject(new Error('not asked')),
        status: () => Promise.resolve({ ...job }),
        cancel: (id) => Promise.resolve(void cancels.push(id)),
      },
      job: () => Promise.resolve('job-1'),
      work: workOf(warnings),
      stop: stop.signal,
      update: ({ ready }) => Object.assign(told, { ready, views: told.views + 1 }),
      ...more,
    });
    // A test may look at what it came to much later.
    ended.catch(() => undefined);
    return { ended, warnings, stop, told };
  }

  /** A round waits for many promises, one after the other. */
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 500) {
      await timers.advance(500);
      await new Promise(setImmediate);
    }
  };
  return { timers, channel, files, store, plan, job, cancels, vins, startWorker, startController, pass };
}

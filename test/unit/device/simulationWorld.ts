import { CmsError } from '../../../src/core/errors.ts';
import type { Wire } from '../../../src/device/process/wire.ts';
import type { Timers } from '../../../src/core/timers.ts';
import type { Drive, DriveStep } from '../../../src/telemetry/drive.ts';
import type { SimulatedMessage } from '../../../src/telemetry/simulation/messages.ts';
import { l10n } from '../../../src/core/message.ts';
import { bytesOf, textOf } from '../../support/bytes.ts';

export interface FakeTimers extends Timers {
  /** Lets time pass: every timer runs at its moment, and what it set off is done before the next. */
  advance(ms: number): Promise<void>;
  /** Lets the computer sleep: time is gone when the next timer runs. */
  sleep(ms: number): void;
}

/** What promises that are settled already still have to do. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

export function createFakeTimers(start = Date.parse('2026-01-05T10:00:00Z')): FakeTimers {
  let now = start;
  let last = 0;
  const waiting = new Map<number, { at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const id = ++last;
      waiting.set(id, { at: now + ms, run });
      return () => waiting.delete(id);
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (;;) {
        const [next] = [...waiting].sort(([a, x], [b, y]) => x.at - y.at || a - b);
        if (next === undefined || next[1].at > end) break;
        waiting.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].run();
        await settled();
      }
      now = Math.max(now, end);
    },
    sleep(ms) {
      now += ms;
    },
  };
}

/** The cloud: connections that open or not, and what arrived on them. */
export interface FakeCloud {
  connect(signal: AbortSignal): Promise<Wire>;
  /** Everything that arrived, in order; a message that was sent twice stands there twice. */
  arrived: { topic: string; payload: string }[];
  serials(): number[];
  /** When a connect was tried. */
  connects: number[];
  /** Why connecting fails now. */
  refusal: CmsError | undefined;
  /** What happens to a message: acknowledged, kept without an answer, or the connection ends. */
  answer: (message: { topic: string; payload: string }) => 'yes' | 'never' | 'drop';
  /** The connection is taken away. */
  drop(): void;
  /** Answers the messages that were not answered. */
  acknowledgeAll(): void;
  /** Unanswered messages of the open connection. */
  unanswered(): number;
  open(): number;
}

export const unreachable = () => new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Nobody is there.'));
export const refused = () => new CmsError('MQTT_CONNECT_REFUSED', l10n.verbatim('Go away.'));

export function createFakeCloud(timers: Timers): FakeCloud {
  let dropOpen: (() => void) | undefined;
  let open = 0;
  let pending: (() => void)[] = [];
  const cloud: FakeCloud = {
    arrived: [],
    connects: [],
    refusal: undefined,
    answer: () => 'yes',
    serials: () => cloud.arrived.map(({ payload }) => serialOf(payload)),
    unanswered: () => pending.length,
    open: () => open,
    drop: () => dropOpen?.(),
    acknowledgeAll: () => {
      for (const acknowledge of pending.splice(0)) acknowledge();
    },
    connect() {
      cloud.connects.push(timers.now());
      if (cloud.refusal) return Promise.reject(cloud.refusal);
      const lost = new AbortController();
      open += 1;
      pending = [];
      const drop = () => lost.abort(new CmsError('MQTT_CONNECTION_LOST', l10n.verbatim('It was dropped.')));
      dropOpen = drop;
      return Promise.resolve({
        lost: lost.signal,
        publish(topic, payload) {
          const message = { topic, payload: textOf(payload) };
          if (lost.signal.aborted) return new Promise(() => undefined);
          cloud.arrived.push(message);
          const verdict = cloud.answer(message);
          if (verdict === 'yes') return Promise.resolve();
          if (verdict === 'drop') drop();
          return new Promise<void>((resolve) => pending.push(resolve));
        },
        close() {
          open -= 1;
          return Promise.resolve();
        },
      });
    },
  };
  return cloud;
}

export function serialOf(payload: string): number {
  const { MessageId } = JSON.parse(payload) as { MessageId: string };
  return Number(MessageId.split('#').at(-1));
}

const TOPICS = { sample: 'cardata', trip: 'trip', trouble: 'dtc', event: 'event' };

export function testMessage(serial: number, type: SimulatedMessage['type'] = 'sample'): SimulatedMessage {
  const payload = bytesOf(JSON.stringify({ MessageId: `V-x#${serial}` }));
  return { serial, type, topic: `dt/cvra/V/${TOPICS[type]}`, payload, time: 0 };
}

/** A straight way of `samples` samples, 10 m apart, one a second; `more` happens in front of the sample of its index. */
export function createFakeDrive(
  options: { samples?: number; trips?: number; tick?: number; more?: Record<number, DriveStep[]> } = {},
): Drive & { jumps: number[] } {
  const { samples = 5, trips = 1, tick = 1, more = {} } = options;
  let trip = 0;
  let index = 0;
  let ticks = 0;
  let odometer = 1000;
  const ahead: DriveStep[] = [];
  const moment = () => ({
    latitude: 48,
    longitude: 11 + index / 1000,
    altitude: 500,
    heading: 90,
    speed: 10,
    maxSpeed: 10,
    averageSpeed: 10,
    odometer,
    tripOdometer: index * 10,
    fuel: 40 - index / 100,
    tankCapacity: 60,
    tripFuel: index / 100,
    charge: 0,
    batteryCapacity: 0,
    tripEnergy: 0,
    engineTemperature: 85,
    oilTemperature: 80,
    throttle: 0.2,
    maxThrottle: 0.3,
    acceleration: 0,
    lateralAcceleration: 0,
  });
  const jumps: number[] = [];
  return {
    jumps,
    samplesPerTrip: samples,
    length: (samples - 1) * 10,
    jumpTo(fraction) {
      jumps.push(fraction);
      index = Math.round(fraction * (samples - 1));
    },
    next() {
      const kept = ahead.shift();
      if (kept) return kept;
      if (trip === trips) return undefined;
      const time = ticks * tick * 1000;
      const sample = moment();
      if (index === 0) ahead.push({ kind: 'trip-start', time });
      ahead.push(...(more[index] ?? []).map((step) => ({ ...step, time })));
      ahead.push({ kind: 'sample', time, sample, index });
      if (index === samples - 1) {
        const { latitude, altitude } = sample;
        const [start, end] = [11, sample.longitude].map((longitude) => ({ latitude, longitude, altitude }));
        const summary = {
          distance: index * 10,
          duration: index * tick * 1000,
          fuel: sample.tripFuel,
          energy: 0,
          start: start!,
          end: end!,
        };
        ahead.push({ kind: 'trip-end', time, summary });
        trip += 1;
        index = 0;
      } else {
        index += 1;
      }
      odometer += 10;
      ticks += 1;
      return ahead.shift();
    },
  };
}

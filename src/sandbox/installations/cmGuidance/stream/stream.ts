import { randomUUID } from 'node:crypto';
import type { MessageListener } from '../../../broker/contract.ts';
import type { Context } from '../../../kernel/context.ts';
import { type Json, parseJson } from '../../../kit/json.ts';
import type { Aws } from '../../../services/services.ts';
import type { Data } from '../data.ts';
import { textOf } from '../rows.ts';
import type { FlinkApp } from '../spec.ts';
import { decode } from './decode.ts';
import { createRules, numberOf } from './rules.ts';
import { createSeen, type Seen } from './seen.ts';
import { createTrips, type Trips } from './trips.ts';

/** What becomes of a vehicle's messages: the two rules, the apps of the stream, the cache, the tables. */
export interface Stream {
  readonly onMessage: MessageListener;
  /** Ends trips that nobody ended, and reads what waits for an app that runs again. Called every second. */
  tick(): void;
  /** Gets each message of a vehicle that is enrolled, with the id of its fleet. */
  onFleetMessage(listener: (fleetId: string, message: Json) => void): void;
  readonly trips: Trips;
  readonly seen: Seen;
  reload(): void;
}

/** The log group of errors of rules. */
export const RULE_ERRORS = '/aws/iot/rule/errors';
const OLDEST_MS = 24 * 3_600_000;
/** The enrolment of a vehicle is looked up so often, also when there is none. */
const LOOK_UP_MS = 5 * 60_000;
/** The signal catalogue is read again so often. */
const CATALOGUE_MS = 1000;
/** Rows of telemetry that are kept: of one vehicle, and of all; the original keeps them by time. */
const MOST_OF_VEHICLE = 100;
const MOST_ROWS = 20_000;
const TTL_S = 90 * 86_400;
/** What waits for the first app, which reads from the earliest. */
const MOST_WAITING = 10_000;

export function createStream(context: Context, aws: Pick<Aws, 's3' | 'iot' | 'logs'>, data: Data): Stream {
  const { names } = data;
  const { rules } = aws.iot.parts;
  const isRunning = (app: FlinkApp): boolean => !data.switches().stopped.includes(app);
  const trips = createTrips(context.store, data, () => isRunning('trip-processor'));
  const eventRules = createRules(data);
  const seen = createSeen(context, data);
  const waiting = context.store.table<string>(`cm-guidance.waiting/${data.stage}`);
  const enrolment = new Map<string, { readonly at: number; readonly fleetId: string | undefined }>();
  const listeners: ((fleetId: string, message: Json) => void)[] = [];
  let signals: { readonly at: number; readonly fields: ReadonlySet<string> } | undefined;
  let number = 0;

  function backUp(payload: Buffer, clientId: string): void {
    const [day = '', time = ''] = new Date(data.now()).toISOString().split('T');
    const [year, month, date] = day.split('-');
    const folder = `raw-telemetry/year=${year}/month=${month}/day=${date}/hour=${time.slice(0, 2)}`;
    const value = parseJson(payload.toString('utf8'));
    // A rule writes JSON anew, and leaves anything else as it is.
    const content = value === undefined ? payload : Buffer.from(JSON.stringify(value));
    aws.s3.buckets
      .ensure(names.backupBucket)
      .put(`${folder}/${clientId}-${data.now()}.json`, content, 'application/octet-stream');
  }

  /** The app `simulator-preprocessor`. */
  function preprocess(payload: Buffer, clientId: string): void {
    const decoded = decode(payload);
    if ('problem' in decoded) {
      seen.note(clientId, 'TELEMETRY', decoded.problem);
      return;
    }
    const { message } = decoded;
    const type = textOf(message.messageType) || 'TELEMETRY';
    const problem = process(message);
    seen.note(textOf(message.vehicleId) || clientId, type, problem);
  }

  /** The app `event-driven-telemetry-processor`, and those behind it. Why it drops a message. */
  function process(message: Json): string | undefined {
    if (!isRunning('event-driven-telemetry-processor')) return 'the stream is stopped';
    const vehicleId = textOf(message.vehicleId);
    if (vehicleId === '') return 'its vehicleId is no text';
    const timestamp = numberOf(message.timestamp);
    // What has no time passes.
    if (timestamp !== undefined && data.now() - timestamp > OLDEST_MS) return 'it is older than 24 hours';
    const trip = isRunning('trip-processor') ? trips.take(message) : undefined;
    cache(vehicleId, message, timestamp ?? data.now());
    if (isRunning('telemetry-processor')) keep(vehicleId, message, timestamp ?? data.now(), trip);
    eventRules.take(message, trip, {
      safety: isRunning('safety-processor'),
      maintenance: isRunning('maintenance-processor'),
    });
    const fleetId = fleetOf(vehicleId);
    if (fleetId !== undefined && data.switches().fleetTopics === 'made') {
      for (const listener of listeners) listener(fleetId, { ...message, fleetId });
    }
    return undefined;
  }

  function knownFields(): ReadonlySet<string> {
    const now = data.now();
    if (signals === undefined || now - signals.at >= CATALOGUE_MS || now < signals.at) {
      const fields = data.signals.all().map(({ json_field: field }) => textOf(field));
      signals = { at: now, fields: new Set(fields) };
    }
    return signals.fields;
  }

  /** Only what the signal catalogue knows; when that is nothing, the vehicle is not seen at all. */
  function cache(vehicleId: string, message: Json, timestamp: number): void {
    const known = knownFields();
    const fields = Object.entries(message).filter(([name]) => known.has(name));
    if (fields.length === 0) return;
    const before = data.live.get(vehicleId);
    const [lat, lng] = [numberOf(message.lat), numberOf(message.lng)];
    const isOff = message.ignitionOn === false || message.engineEvent === 'ENGINE_STOP';
    const place = lat === undefined || lng === undefined ? before?.location : { lat, lng, at: timestamp };
    data.live.put(vehicleId, {
      signals: {
        ...before?.signals,
        ...Object.fromEntries(fields.map(([name, value]) => [name, { value, timestamp }])),
      },
      lastSeenAt: data.now(),
      tripId: trips.openOf(vehicleId),
      driverId: textOf(message.driverId) || before?.driverId,
      source: textOf(message.source) || 'simulator',
      location: isOff ? undefined : place,
    });
  }

  function keep(vehicleId: string, message: Json, timestamp: number, trip: string | undefined): void {
    const rows = data.storage('telemetry');
    const tripId = textOf(message.tripId) || trip;
    rows.put({
      ...message,
      ...{ vehicleId, timestamp, ttl: Math.floor(data.now() / 1000) + TTL_S },
      ...(tripId === undefined ? {} : { tripId }),
    });
    const own = rows.partition(vehicleId);
    for (const row of own.slice(0, Math.max(0, own.length - MOST_OF_VEHICLE))) {
      rows.remove({ vehicleId, timestamp: row.timestamp });
    }
    if (rows.count > MOST_ROWS) {
      const oldest = own[0];
      if (oldest !== undefined) rows.remove({ vehicleId, timestamp: oldest.timestamp });
    }
  }

  function fleetOf(vehicleId: string): string | undefined {
    const now = data.now();
    const known = enrolment.get(vehicleId);
    if (known !== undefined && now - known.at < LOOK_UP_MS && now >= known.at) return known.fleetId;
    const [row] = data.storage('fleet-enrollment').indexed('vehicleId-index', vehicleId);
    const fleetId = row === undefined ? undefined : textOf(row.fleetId);
    enrolment.set(vehicleId, { at: now, fleetId });
    return fleetId;
  }

  /** What a rule writes where its errors go. */
  function noteError(payload: Buffer, clientId: string, topic: string): void {
    const error = {
      ...{ ruleName: names.rule, topic, clientId, cloudwatchTraceId: randomUUID() },
      base64OriginalPayload: payload.toString('base64'),
      failures: [
        {
          failedAction: 'KafkaAction',
          failedResource: 'cms-telemetry-raw',
          errorMessage: 'Failed to authenticate with the Kafka cluster',
        },
      ],
    };
    aws.logs.put(RULE_ERRORS, names.rule, JSON.stringify(error));
    seen.note(clientId, 'TELEMETRY', 'the rule did not reach Kafka');
  }

  function read(payload: Buffer, clientId: string): void {
    if (isRunning('simulator-preprocessor')) {
      preprocess(payload, clientId);
      return;
    }
    // It reads from the earliest when it runs again.
    number++;
    waiting.set(`${data.now()}-${number}/${clientId}`, payload.toString('base64'));
    for (const key of waiting.keys()) {
      if (waiting.size <= MOST_WAITING) break;
      waiting.delete(key);
    }
  }

  return {
    trips,
    seen,
    onFleetMessage: (listener) => void listeners.push(listener),
    onMessage({ topic, payload, clientId, rule }) {
      const isTelemetry = rule === undefined && isBelow(names.telemetryTopic, topic);
      const concerns = (name: string): boolean => rules.isEnabled(name) && (rule === name || isTelemetry);
      if (concerns(names.productRule)) backUp(payload, clientId);
      if (!concerns(names.rule)) return;
      backUp(payload, clientId);
      const { kafka, destination } = data.switches();
      if (kafka === 'reached' && destination === 'enabled') read(payload, clientId);
      else noteError(payload, clientId, topic);
    },
    tick() {
      trips.sweep();
      if (waiting.size === 0 || !isRunning('simulator-preprocessor')) return;
      for (const [key, payload] of [...waiting.entries()]) {
        waiting.delete(key);
        preprocess(Buffer.from(payload, 'base64'), key.slice(key.indexOf('/') + 1));
      }
    },
    reload() {
      enrolment.clear();
      signals = undefined;
      eventRules.reload();
    },
  };
}

/** Whether a topic has exactly one level more. */
function isBelow(start: string, topic: string): boolean {
  return topic.startsWith(`${start}/`) && !topic.slice(start.length + 1).includes('/');
}

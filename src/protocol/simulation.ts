import * as z from 'zod';
import { brokerSchema, identitySchema, payloadFields } from './device.ts';
import { messageSchema, problemSchema } from './message.ts';
import { controlSchema, rateSchema, speedSchema, troubleCodeSchema } from './control.ts';
import { packed, packedPointsSchema, type PointOfRoute } from './packedPoints.ts';

/**
 * Simulations, as they cross the border of the device process. A `simulate` request is answered by any number of
 * `simulation-update`s, ten a second at most, and ends with the `done` or `failed` of every request; `control`s with
 * its id steer it meanwhile.
 */

const fraction = z.number().min(0).max(1);

const routeSchema = z.object({ name: z.string(), points: packedPointsSchema });

const scriptedEventSchema = z.object({
  /** Metres from the start of the trip. */
  at: z.number().min(0),
  kind: z.enum(['dtc', 'oil-temperature', 'braking']),
  code: troubleCodeSchema.optional(),
});

export const simulatedVehicleSchema = z.object({
  vin: z.string().min(1),
  /** What its CMS knows it by. */
  id: z.string().min(1),
  thingName: z.string().min(1),
  /** Where it sends its telemetry, for a CMS whose topics do not follow from these names. */
  topic: z.string().min(1).max(256).optional(),
  identity: identitySchema,
  /** Index into `routes`. */
  route: z.number().int().min(0).default(0),
  /** Where on the route it starts. */
  from: fraction.default(0),
  seed: z.number().int(),
  powertrain: z.enum(['combustion', 'electric']).default('combustion'),
  /** So many simulated seconds after the clock of the run it began, or would have. */
  after: z.number().min(0).default(0),
  /** Metres, litres, fraction of the battery. */
  odometer: z.number().min(0).optional(),
  fuel: z.number().min(0).optional(),
  charge: fraction.optional(),
});

/** Bounds of one vehicle's connection, and of the fleet's start. */
const limitsSchema = z.object({
  /** Below AWS IoT's 500 an account. */
  connectsPerSecond: z.number().positive().max(500).default(100),
  /** Below AWS IoT's 100 a connection. */
  publishesPerSecond: z.number().positive().max(100_000).default(90),
  /** Unacknowledged messages; AWS IoT allows 100 a connection. */
  inFlight: z.number().int().min(1).max(100).default(20),
  /** Messages kept for a vehicle while it is offline. */
  queue: z.number().int().min(1).optional(),
  /** Without an acknowledgement for so long a connection counts as broken. */
  ackTimeoutMs: z.number().int().min(10).default(10_000),
  connectTimeoutMs: z.number().int().min(10).default(20_000),
  /** At the end, how long the last messages may take to be acknowledged. */
  drainTimeoutMs: z.number().int().min(0).default(10_000),
});

/** The clock of a run of several processes: `RunClock`. */
export const runClockSchema = z.object({ at: z.number(), simulated: z.number(), factor: z.number().min(0) });

const base = { id: z.number().int() };
export const simulateSchema = z.object({
  ...base,
  kind: z.literal('simulate'),
  simulationId: z.string().min(1).max(128),
  /** Whose payloads are sent. */
  generation: z.string().min(1).max(64),
  broker: brokerSchema,
  routes: z.array(routeSchema).min(1),
  vehicles: z.array(simulatedVehicleSchema).min(1),
  /** Front ends keep to `rateSchema`; more is for where no limit counts. */
  rate: z
    .number()
    .min(rateSchema.minValue ?? 0.01)
    .max(1000)
    .default(1),
  speed: speedSchema.default(1),
  pace: z.enum(['drive', 'points']).default('drive'),
  end: z.enum(['stop', 'loop', 'ping-pong']).default('stop'),
  events: z.array(scriptedEventSchema).default([]),
  /** How often each happens by chance: times per 100 km. */
  eventRates: z
    .object({ dtc: z.number().min(0), 'oil-temperature': z.number().min(0), braking: z.number().min(0) })
    .partial()
    .default({}),
  /** Stops by itself after so long. */
  durationMs: z.number().positive().optional(),
  /** Updates carry the payload of every acknowledged message, for recording. */
  payloads: z.boolean().default(false),
  /** Vehicles take AWS IoT jobs, or the commands of their CMS, addressed to them, as far as their policy lets them. */
  jobs: z.boolean().default(true),
  limits: limitsSchema.prefault({}),
  /** No vehicle connects before; milliseconds since 1970. */
  startAt: z.number().optional(),
  /** Vehicles begin where this clock says they are by now, instead of at their start. */
  clock: runClockSchema.optional(),
  /** A vehicle that lost its connection opens another one only while a `lease` says that it is still ours. */
  leased: z.boolean().default(false),
  /** Updates carry the durations of the run so far. */
  measured: z.boolean().default(false),
});

export const simulationRequestSchema = z.discriminatedUnion('kind', [
  simulateSchema,
  z.object({ ...base, kind: z.literal('control'), control: controlSchema }),
]);
/** As the device process has it: every default is filled in. */
export type SimulateOrder = z.infer<typeof simulateSchema>;
/** What a front end asks for. */
export type SimulationRequest = Omit<z.input<typeof simulateSchema>, 'id' | 'kind' | 'routes'> & {
  routes: readonly { name: string; points: readonly PointOfRoute[] }[];
};

/** What stays known of a run where its vehicles' keys, and the way to the broker, are not. */
export type RunRequest = Omit<SimulationRequest, 'broker' | 'vehicles'> &
  Partial<Pick<SimulationRequest, 'broker'>> & {
    vehicles: (Omit<SimulatedVehicle, 'identity'> & Partial<Pick<SimulatedVehicle, 'identity'>>)[];
  };
type SimulatedVehicle = SimulationRequest['vehicles'][number];

/** The same as it is sent. */
export function packedRequest<Request extends RunRequest>({ routes, ...request }: Request) {
  return { ...request, routes: routes.map(({ name, points }) => ({ name, points: packed(points) })) };
}

export const vehicleStateSchema = z.object({
  vin: z.string(),
  /** What its CMS knows it by, which no other vehicle has. */
  id: z.string(),
  /** `ending`: the last messages are on their way. */
  phase: z.enum(['waiting', 'driving', 'paused', 'ending', 'ended', 'failed']),
  link: z.enum(['connecting', 'online', 'offline']),
  /** Of the route: the point reached, from 1, how many there are, and the same as a fraction. */
  point: z.number(),
  points: z.number(),
  fraction: z.number(),
  /** Metres since the simulation began. */
  metres: z.number(),
  /** Trips begun. */
  trip: z.number(),
  /** Of the last message made; they count from 1. */
  serial: z.number(),
  acknowledged: z.number(),
  /** Sent, and waiting for its acknowledgement. */
  unacked: z.number(),
  /** Made, and waiting to be sent. */
  queued: z.number(),
  /** Given up: the queue was full, or the end did not wait longer. */
  lost: z.number(),
  /** Sent again after a drop; the cloud may have got these twice. */
  resent: z.number(),
  connects: z.number(),
  /** Why it is offline, or why it failed. */
  problem: problemSchema.optional(),
});
export type VehicleState = z.infer<typeof vehicleStateSchema>;

/** Durations in the buckets of `src/core/histogram.ts`. */
export const durationsSchema = z.object({
  buckets: z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)])),
  max: z.number(),
});
/** Of a whole run, as `lag` and `ack` of the totals are of the last seconds. */
export const simulationDurationsSchema = z.object({ lag: durationsSchema, ack: durationsSchema });
export type SimulationDurations = z.infer<typeof simulationDurationsSchema>;

/** Milliseconds; zeros before anything was measured. */
const spreadSchema = z.object({ p50: z.number(), p99: z.number(), max: z.number() });

export const totalsSchema = z.object({
  vehicles: z.number(),
  online: z.number(),
  ended: z.number(),
  failed: z.number(),
  acknowledged: z.number(),
  unacked: z.number(),
  queued: z.number(),
  lost: z.number(),
  resent: z.number(),
  /** Acknowledged in the last second. */
  messagesPerSecond: z.number(),
  /** Of the last seconds: from the moment a message was due to its being sent, and from there to its acknowledgement. */
  lag: spreadSchema,
  ack: spreadSchema,
});
export type SimulationTotals = z.infer<typeof totalsSchema>;

export const acknowledgedSchema = z.object({
  vin: z.string(),
  /** What its CMS knows the vehicle by; older recordings lack it. */
  id: z.string().optional(),
  serial: z.number(),
  topic: z.string(),
  type: z.enum(['sample', 'trip', 'trouble', 'event']),
  /** When it was made; milliseconds since 1970. */
  time: z.number(),
  ackMs: z.number(),
  /** Of a `sample`: degrees, metres per second, metres, litres; of a battery car the fraction that is charged. */
  place: z
    .object({
      latitude: z.number(),
      longitude: z.number(),
      heading: z.number(),
      speed: z.number(),
      odometer: z.number(),
      fuel: z.number(),
      charge: z.number().optional(),
    })
    .optional(),
  /** Of a `trouble`. */
  code: z.string().optional(),
  payload: payloadFields.payload.optional(),
  encoding: payloadFields.encoding,
});
export type AcknowledgedMessage = z.infer<typeof acknowledgedSchema>;

const toldSchema = z.object({
  vin: z.string(),
  id: z.string(),
  serial: z.number(),
  topic: z.string(),
  /** When it was made; milliseconds since 1970. */
  time: z.number(),
  ...payloadFields,
});
export type ToldMessage = z.infer<typeof toldSchema>;

/** A job, or a command, that the cloud has for a vehicle; sent at each change of its status. */
const commandSchema = z.object({
  vin: z.string(),
  jobId: z.string(),
  /** Nothing said: a job. */
  kind: z.enum(['job', 'command']).optional(),
  /** Of the document, if it names one. */
  operation: z.string().optional(),
  /** JSON text. */
  document: z.string(),
  /** QUEUED when it came, then what the vehicle reported (IN_PROGRESS, SUCCEEDED, REJECTED) or the cloud decided. */
  status: z.string(),
  /** Milliseconds since 1970. */
  time: z.number(),
  /** The status details that the vehicle sent with it. */
  details: z.record(z.string(), z.string()).optional(),
});
export type VehicleCommand = z.infer<typeof commandSchema>;

/** Something about the run that people should know. It is sent once. */
const noticeSchema = z.object({ vin: z.string(), sentence: messageSchema, remedy: messageSchema });
export type SimulationNotice = z.infer<typeof noticeSchema>;

export const simulationUpdateSchema = z.object({
  ...base,
  kind: z.literal('simulation-update'),
  totals: totalsSchema,
  /** Those that changed since the last update. */
  vehicles: z.array(vehicleStateSchema),
  /** Acknowledged since the last update, in order of their acknowledgement. */
  messages: z.array(acknowledgedSchema),
  /** Acknowledged messages left out of `messages` because the reader is too slow. */
  omitted: z.number(),
  /** Answers to `tell`. */
  told: z.array(toldSchema).optional(),
  /** Jobs whose status changed since the last update. */
  commands: z.array(commandSchema).optional(),
  notice: noticeSchema.optional(),
  durations: simulationDurationsSchema.optional(),
});
export type SimulationUpdate = Omit<z.infer<typeof simulationUpdateSchema>, 'id' | 'kind'>;

/** The result of a simulation that came to its end. */
export const simulationResultSchema = z.object({
  totals: totalsSchema,
  vehicles: z.array(vehicleStateSchema),
  durations: simulationDurationsSchema,
});
export type SimulationResult = z.infer<typeof simulationResultSchema>;

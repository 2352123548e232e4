import * as z from 'zod';
import { MOST_CHARTED_SIGNALS, MOST_CHARTED_VEHICLES } from './chartLimits.ts';

/**
 * What crosses the border of the webview with charts (`postMessage`, one object a message). The page says `ready`, again
 * after every reload, and gets the `scene`; it says what it `want`s to draw, and gets the `data` of that, once a second
 * at most while more comes. Units are SI.
 */

/** Names in the lists to choose from. */
const MOST_NAMED = 20_000;

const id = z.string().min(1).max(128);
/** `speed` and its like, or the path of a number in the payload. */
const signal = z.string().min(1).max(1024);

export const chartSceneSchema = z.object({
  kind: z.literal('scene'),
  title: z.string(),
  /** More may come. */
  live: z.boolean(),
  /** All that there are, to choose from. */
  vehicles: z.array(z.object({ id, vin: z.string().min(1).max(128) })).max(MOST_NAMED),
  signals: z.array(signal).max(MOST_NAMED),
  /** What of `act` has an effect. */
  acts: z.array(z.enum(['show-payload'])),
  /** A sentence about what is shown. */
  note: z.string().optional(),
  /** Drawn, whatever was drawn before. */
  select: z.array(id).max(MOST_CHARTED_VEHICLES).optional(),
});
export type ChartScene = z.infer<typeof chartSceneSchema>;

const chartedSchema = z.object({
  id,
  /** Milliseconds since 1970, rising; one for each value of each column. */
  times: z.array(z.number()),
  /** Of the signals that were wanted, as far as the vehicle has them. */
  columns: z.record(signal, z.array(z.number().nullable())),
  codes: z.array(z.object({ time: z.number(), code: z.string() })),
  /** Samples that came and are not kept any more, so that the rest fits. */
  dropped: z.number().int().min(0),
});
export type ChartedVehicle = z.infer<typeof chartedSchema>;

export const chartDataSchema = z.object({ kind: z.literal('data'), vehicles: z.array(chartedSchema) });

/** To the page. */
export const chartMessageSchema = z.discriminatedUnion('kind', [chartSceneSchema, chartDataSchema]);
export type ChartMessage = z.infer<typeof chartMessageSchema>;

/** From the page. */
export const chartRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({
    kind: z.literal('want'),
    vehicles: z.array(id).max(MOST_CHARTED_VEHICLES),
    signals: z.array(signal).max(MOST_CHARTED_SIGNALS),
  }),
  z.object({ kind: z.literal('act'), act: z.enum(['show-payload']), id }),
  z.object({ kind: z.literal('problem'), message: z.string().max(2000) }),
]);
export type ChartRequest = z.infer<typeof chartRequestSchema>;

/** JSON in the page (`<script type="application/json" id="settings">`). */
export const chartSettingsSchema = z.object({
  /** By the keys of `mapWords`; English where one is missing. */
  words: z.record(z.string(), z.string()),
  locale: z.string(),
  units: z.enum(['metric', 'us']),
  /** For the panel's serializer: comes back as `restore` of the page's state. */
  restore: z.unknown().optional(),
});
export type ChartSettings = z.infer<typeof chartSettingsSchema>;

/** What the page keeps through `setState`. */
export const chartStateSchema = z.object({
  vehicles: z.array(id).optional(),
  signals: z.array(signal).optional(),
  restore: z.unknown().optional(),
});
export type ChartState = z.infer<typeof chartStateSchema>;

import * as z from 'zod';
import { controlSchema } from './control.ts';

/**
 * What crosses the border of the fleet map's webview (`postMessage`, one object a message). The editor sends one
 * `scene`, then `frame`s, ten a second at most; the map answers with `ready` when it can draw, again after every
 * reload, and the editor then sends the scene and a frame with `reset`. Units are SI; degrees are WGS 84.
 */

const longitude = z.number().min(-180).max(180);
const latitude = z.number().min(-90).max(90);
const vin = z.string().min(1).max(128);
/** Tells a vehicle from the others of its map, whatever their VINs are. */
const id = z.string().min(1).max(128);
const count = z.number().int().min(0);

export const mapRouteSchema = z.object({
  name: z.string(),
  /** Longitude, latitude. */
  points: z.array(z.tuple([longitude, latitude])).min(2),
  /** Meters, and milliseconds as a driver takes; absent where nobody knows. */
  length: z.number().min(0).optional(),
  duration: z.number().min(0).optional(),
});
export type MapRoute = z.infer<typeof mapRouteSchema>;

/** Street tiles, when the user has chosen some: a style document, or a raster template with {z}, {x} and {y}. */
const tilesSchema = z.object({
  kind: z.enum(['style', 'raster']),
  url: z.url(),
  attribution: z.string(),
});
export type MapTiles = z.infer<typeof tilesSchema>;

export const mapSceneSchema = z.object({
  kind: z.literal('scene'),
  source: z.enum(['simulation', 'watch', 'route', 'recording']),
  title: z.string(),
  routes: z.array(mapRouteSchema),
  /** What of `steer` has an effect on this source. */
  steers: z.array(z.enum(['pause', 'speed', 'jump', 'seek', 'dtc', 'stop'])),
  /** What of `act` has an effect. */
  acts: z.array(z.enum(['show-payload', 'show-log', 'diagnose'])),
  /** The stack that the vehicles are of, where that is known: for their menus. */
  stack: z.object({ connectionId: z.string(), stack: z.string() }).optional(),
  tiles: tilesSchema.optional(),
  /** A sentence about what is shown, such as why it is older than its file. */
  note: z.string().optional(),
  /** Selected and followed from the start. */
  select: id.optional(),
});
export type MapScene = z.infer<typeof mapSceneSchema>;

/** Some sources say only where a vehicle is: the rest is not known then. */
export const mapPlaceSchema = z.object({
  longitude,
  latitude,
  /** Degrees clockwise from north. */
  heading: z.number().optional(),
  /** Metres per second. */
  speed: z.number().optional(),
  /** Metres. */
  odometer: z.number().optional(),
  /** Litres. */
  fuel: z.number().optional(),
  /** Where only that is known: the fraction [0, 1] of the tank that is full. */
  fuelLevel: z.number().min(0).max(1).optional(),
  /** Of a battery car: the fraction [0, 1] that is charged. */
  charge: z.number().min(0).max(1).optional(),
  /** When the vehicle was there; milliseconds since 1970. */
  time: z.number(),
});

export type MapPlace = z.infer<typeof mapPlaceSchema>;

export const mapVehicleSchema = z.object({
  id,
  /** What people name it by. */
  vin,
  /** Absent until a position was acknowledged. */
  place: mapPlaceSchema.optional(),
  /** Its place is from before the map was opened: when that was, in milliseconds since 1970, if anybody knows. */
  earlier: z.object({ at: z.number().optional() }).optional(),
  /** Positions since the last frame, oldest first; in a frame with `reset` the whole trail that is kept. */
  trail: z.array(
    z.object({
      longitude,
      latitude,
      speed: z.number().optional(),
      /** When; milliseconds since 1970. */
      time: z.number().optional(),
      /** It did not drive here from the point before. */
      apart: z.boolean().optional(),
    }),
  ),
  /** `watched`: somebody else's vehicle, of which only messages are known. */
  phase: z.enum(['waiting', 'driving', 'paused', 'ending', 'ended', 'failed', 'watched']),
  link: z.enum(['connecting', 'online', 'offline']).optional(),
  /** Fraction [0, 1] of the route. */
  fraction: z.number().min(0).max(1).optional(),
  acknowledged: count,
  unacked: count,
  lost: count,
  /** Trouble codes reported since the source began, oldest first. */
  troubleCodes: z.array(z.string()),
  lastMessage: z
    .object({
      time: z.number(),
      topic: z.string(),
      type: z.string(),
      serial: z.number().optional(),
      /** Milliseconds until the acknowledgement; absent when watched. */
      ackMs: z.number().optional(),
    })
    .optional(),
  /** Why it is offline, or why it failed; a sentence. */
  problem: z.string().optional(),
});
export type MapVehicle = z.infer<typeof mapVehicleSchema>;

export const mapRunSchema = z.object({
  state: z.enum(['starting', 'running', 'paused', 'ended', 'failed']),
  /** Simulated time against the clock on the wall. */
  speed: z.number(),
  messagesPerSecond: z.number(),
  /** Its messages are being written to a file. */
  recording: z.boolean().optional(),
  /** Of a recording that is played: milliseconds from its beginning, and its length. */
  played: z.object({ at: z.number().min(0), length: z.number().min(0) }).optional(),
  /** A sentence: why it ended or failed, or what is being waited for. */
  note: z.string().optional(),
});
export type MapRun = z.infer<typeof mapRunSchema>;

export const mapFrameSchema = z.object({
  kind: z.literal('frame'),
  /** Everything shown before is forgotten. */
  reset: z.boolean().optional(),
  /** Those that changed. */
  vehicles: z.array(mapVehicleSchema),
  run: mapRunSchema.optional(),
});
export type MapFrame = z.infer<typeof mapFrameSchema>;

/** To the map. */
export const mapMessageSchema = z.discriminatedUnion('kind', [
  mapSceneSchema,
  mapFrameSchema,
  /** Somebody opened the map for this vehicle: it is selected and followed. */
  z.object({ kind: z.literal('select'), id }),
  /** The answer to `load`: a status of HTTP, and base64. */
  z.object({
    kind: z.literal('loaded'),
    request: z.number().int(),
    status: z.number().int(),
    content: z.string(),
  }),
  /** The route that was drawn is in a file. */
  z.object({ kind: z.literal('route-saved') }),
]);
export type MapMessage = z.infer<typeof mapMessageSchema>;

/** A route that somebody draws: longitude, latitude. Nobody clicks more often. */
const drawnSchema = z.array(z.tuple([longitude, latitude])).max(10_000);
/** Characters of base64. Larger files are opened from the Explorer. */
export const DROPPED_MOST = 24 * 2 ** 20;

/** From the map. */
export const mapRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('steer'), control: controlSchema }),
  /** A part of the street tiles that the editor loads: the path of an address `cms-tiles://…`. */
  z.object({ kind: z.literal('load'), request: z.number().int(), path: z.string().startsWith('/').max(512) }),
  /** The route that is shown is to be driven. */
  z.object({ kind: z.literal('simulate') }),
  z.object({ kind: z.literal('save-route'), points: drawnSchema.min(2) }),
  /** A file that was dropped on the map: what is in it, or where it is. */
  z.object({
    kind: z.literal('drop'),
    name: z.string().min(1).max(255),
    content: z.base64().max(DROPPED_MOST),
  }),
  z.object({ kind: z.literal('drop-uri'), uri: z.string().min(1).max(4096) }),
  z.object({
    kind: z.literal('act'),
    act: z.enum(['show-payload', 'show-log', 'diagnose']),
    id: id.optional(),
  }),
  /** What went wrong in the browser, for the log: no WebGL, tiles that do not come, a message that was refused. */
  z.object({ kind: z.literal('problem'), message: z.string().max(2000) }),
]);
export type MapRequest = z.infer<typeof mapRequestSchema>;

/** JSON in the page of the map (`<script type="application/json" id="settings">`). */
export const mapSettingsSchema = z.object({
  workerUri: z.string(),
  basemapUri: z.string(),
  /** By the keys of `mapWords`; English where one is missing. */
  words: z.record(z.string(), z.string()),
  locale: z.string(),
  units: z.enum(['metric', 'us']).default('metric'),
  /** For the panel's serializer: comes back as `restore` of the map's state. */
  restore: z.unknown().optional(),
});
export type MapSettings = z.infer<typeof mapSettingsSchema>;

/** What the map keeps through `setState`: what somebody sees is the same after a reload. */
export const mapStateSchema = z.object({
  camera: z.object({ longitude: z.number(), latitude, zoom: z.number() }).optional(),
  selected: id.optional(),
  /** Others that are selected together with it. */
  also: z.array(id).optional(),
  follow: z.boolean(),
  view: z.enum(['map', 'table']),
  search: z.string(),
  sort: z.object({ column: z.string(), descending: z.boolean() }),
  /** A route that is being drawn. */
  draft: drawnSchema.optional(),
  restore: z.unknown().optional(),
});
export type MapState = z.infer<typeof mapStateSchema>;

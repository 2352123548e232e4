import * as z from 'zod';
import { troubleCodeSchema } from './control.ts';
import { packedPointsSchema } from './packedPoints.ts';
import { simulateSchema } from './simulation.ts';

/** What a drive came to and sent, as it is kept on the disk between two windows. Units are SI. */

export const vehicleHistorySchema = z.object({
  id: z.string(),
  vin: z.string(),
  /** Milliseconds since 1970, rising; one for each value of each column. */
  times: z.array(z.number()),
  /** By name: `speed` in m/s and its like, `ack` in ms, and numbers of the payload by their paths. */
  columns: z.record(z.string(), z.array(z.number().nullable())),
  codes: z.array(z.object({ time: z.number(), code: troubleCodeSchema })),
  /** Rows that were left out, so that the others fit. */
  dropped: z.number().int().min(0).optional(),
});
export type VehicleHistory = z.infer<typeof vehicleHistorySchema>;

/** What a `DriveMeter` has added up. Units are SI. */
export const meterStateSchema = z.object({
  /** By vehicle: the last fuel (l), and charge if it has a battery. */
  gauges: z.array(z.object({ id: z.string(), fuel: z.number(), charge: z.number().optional() })),
  codes: z.array(z.string()),
  samples: z.number(),
  speeds: z.number(),
  top: z.number(),
  fuel: z.number(),
  charge: z.number(),
  omitted: z.number(),
});
export type MeterState = z.infer<typeof meterStateSchema>;

const pointSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  altitude: z.number().optional(),
  time: z.number().optional(),
  until: z.number().optional(),
});

/** Packed as the numbers that they are; drives that 0.4.0 kept have a list. */
const pointsSchema = z.union([packedPointsSchema, z.array(pointSchema).min(2)]);

/** Enough to drive the same again: without certificates, and without where they lead. */
export const keptDriveSchema = z.object({
  version: z.literal(1),
  drive: simulateSchema
    .pick({
      rate: true,
      speed: true,
      pace: true,
      end: true,
      events: true,
      eventRates: true,
      jobs: true,
      durationMs: true,
    })
    .extend({ routes: z.array(z.object({ name: z.string(), points: pointsSchema })).min(1) }),
  vehicles: z
    .array(
      z.object({
        vin: z.string(),
        id: z.string(),
        from: z.number().optional(),
        seed: z.number(),
        powertrain: z.enum(['combustion', 'electric']).optional(),
      }),
    )
    .min(1),
  history: z.array(vehicleHistorySchema),
});
export type KeptDrive = z.infer<typeof keptDriveSchema>;

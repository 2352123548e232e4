import * as z from 'zod';

/** Rows come as they are stored: seeds and older releases leave fields out, or write numbers as text. */
const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : String(value)))
  .catch(undefined);
const number = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/)])
  .nullish()
  .transform((value) => (value === null || value === undefined ? undefined : Number(value)))
  .catch(undefined);

export const vehicleSchema = z.looseObject({
  vehicleId: z.string().min(1),
  vin: text,
  make: text,
  model: text,
  year: number,
  fleetId: text,
  status: text,
  connectionStatus: text,
  activityStatus: text,
  dataSource: text,
  modelManifestName: text,
  fuelType: text,
  vehicleType: text,
});
export type VehicleRow = z.infer<typeof vehicleSchema>;

/** An empty answer may lack the totals. */
export const vehiclePageSchema = z.looseObject({
  vehicles: z.array(vehicleSchema),
  total: number,
  page: number,
  totalPages: number,
});

export const vehicleDetailSchema = z.looseObject({
  vehicle: z.looseObject({
    ...vehicleSchema.shape,
    fleetName: text,
    lastConnectedAt: text,
    currentLocation: z
      .looseObject({ latitude: number, longitude: number, heading: number })
      .nullish()
      .catch(undefined),
  }),
  latestTelemetry: z
    .looseObject({ timestamp: number, lat: number, lng: number, heading: number })
    .nullish()
    .catch(undefined),
});
export type VehicleDetail = z.infer<typeof vehicleDetailSchema>;

export const createdSchema = z.looseObject({
  vehicle: z.looseObject({
    vehicleId: z.string().min(1),
    vin: text,
    hasCertificate: z.boolean().nullish(),
    certificateId: text,
    certificateError: text,
  }),
  classificationWarnings: z
    .array(z.looseObject({ code: text, message: text }))
    .nullish()
    .catch(undefined),
});

export const fleetSchema = z.looseObject({
  fleetId: z.string().min(1),
  name: text,
  description: text,
  status: text,
  vehicleCount: number,
  connectedVehicles: number,
});
export type Fleet = z.infer<typeof fleetSchema>;
export const fleetsSchema = z.looseObject({ fleets: z.array(fleetSchema) });
export const createdFleetSchema = z.looseObject({ fleet: fleetSchema });

export const driverSchema = z.looseObject({
  driverId: z.string().min(1),
  name: text,
  firstName: text,
  lastName: text,
  status: text,
  assignedVehicleId: text,
});
export const driversSchema = z.looseObject({
  drivers: z.array(driverSchema),
  total: number,
  totalPages: number,
});

export const manifestSchema = z.looseObject({
  modelManifestName: z.string().min(1),
  modelManifestVersion: text,
  status: text,
  decoderManifestRef: text,
  isDefault: z.boolean().nullish().catch(undefined),
});
export type Manifest = z.infer<typeof manifestSchema>;
export const manifestsSchema = z.looseObject({ modelManifests: z.array(manifestSchema) });

export const tripSchema = z.looseObject({
  tripId: text,
  /** Seconds since 1970. */
  startTime: number,
  endTime: number,
  /** Minutes. */
  duration: number,
  distance: number,
  driverName: text,
  safetyEventsCount: number,
});
export const tripsSchema = z.looseObject({ trips: z.array(tripSchema), total: number });
export const eventSchema = z.looseObject({
  vehicleId: text,
  eventId: text,
  eventType: text,
  severity: text,
  timestamp: number,
  message: text,
});
export const eventsSchema = z.looseObject({ events: z.array(eventSchema) });
export const alertSchema = z.looseObject({
  vehicleId: text,
  alertId: text,
  alertType: text,
  severity: text,
  status: text,
  message: text,
  timestamp: number,
});
/** The array goes by several names. */
export const alertsSchema = z.looseObject({
  alerts: z.array(alertSchema).optional(),
  maintenanceAlerts: z.array(alertSchema).optional(),
});
export const codeSchema = z.looseObject({
  code: text,
  dtcCode: text,
  dtc_code: text,
  status: text,
  description: text,
});
export const codesSchema = z.looseObject({ dtcs: z.array(codeSchema) });

export const locationSchema = z.looseObject({
  vehicleId: z.string().min(1),
  vin: text,
  fleetId: text,
  lat: number,
  lng: number,
  /** Seconds since 1970. */
  lastUpdate: number,
  connectionStatus: text,
});
export type Location = z.infer<typeof locationSchema>;
export const locationsSchema = z.looseObject({ vehicles: z.array(locationSchema) });

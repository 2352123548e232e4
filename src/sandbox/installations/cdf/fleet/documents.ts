import type { Json } from '../../../kit/json.ts';

/** The Elasticsearch documents of the fleet manager. Keys in lower case, values as the vehicle sent them. */

export interface SharedDocument {
  /** In the case that the asset library stores. */
  vin: string;
  attributes: Json;
  devices: { deviceid: string; softwareversion?: unknown }[];
  trouble_codes: { code: string }[];
  anomalies: { anomaly_type: string }[];
}

/** Index `latest_telemetry`: the last cardata of a VIN, with the shared data known at that time. */
export interface LatestDocument {
  vin: string;
  message: Json;
  /** Longitude, latitude. */
  location: [number, number];
  /** Milliseconds since 1970, from `sendtimestamp`. */
  sentAt: number;
  shared?: SharedDocument;
}

/** A document of the indexes `trip` and `event`. */
export interface StoredMessage {
  vin: string;
  message: Json;
  sentAt: number;
}

export interface DeviceDocument {
  deviceid: string;
  /** Lower case. */
  vin?: string;
  softwareversion?: unknown;
}

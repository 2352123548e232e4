import type { Store } from '../../../kernel/store.ts';
import type { Json } from '../../../kit/json.ts';
import type { DeviceDocument, SharedDocument } from './documents.ts';

/** Indexes `shared_cardata` and `devices`: what the fleet manager learned from the asset library. Account-wide. */
export interface SharedIndex {
  /** Adds a document. Existing documents of the VIN are kept. */
  add(vin: string, attributes: Json): void;
  /** The newest document of exactly this VIN. */
  find(vin: string): SharedDocument | undefined;
  /** Changes every document of a VIN, ignoring case. Returns how many there were. */
  changeEach(vin: string, change: Partial<SharedDocument>): number;
  /** Sets the software version of a control unit (id in lower case) in every document that lists it. */
  changeSoftware(deviceid: string, softwareversion: string): void;
  /** Merges new facts about a control unit into its document. */
  mergeDevice(device: DeviceDocument): void;
  reload(): void;
}

export function createSharedIndex(store: Store): SharedIndex {
  const documents = store.table<SharedDocument>('cms/fleet/shared');
  const devices = store.table<DeviceDocument>('cms/fleet/devices');
  /** Document keys by VIN in lower case. */
  const byVin = new Map<string, string[]>();
  const devicesByVin = new Map<string, Set<string>>();
  let last = 0;

  function reload(): void {
    byVin.clear();
    devicesByVin.clear();
    last = 0;
    for (const [key, { vin }] of documents.entries()) index(key, vin);
    for (const device of devices.values()) indexDevice(device);
  }

  function index(key: string, vin: string): void {
    last = Math.max(last, Number(key));
    byVin.set(vin.toLowerCase(), [...(byVin.get(vin.toLowerCase()) ?? []), key]);
  }

  function indexDevice({ vin, deviceid }: DeviceDocument): void {
    if (vin === undefined) return;
    const ids = devicesByVin.get(vin) ?? new Set();
    devicesByVin.set(vin, ids.add(deviceid));
  }

  const keysOf = (vin: string): string[] => byVin.get(vin.toLowerCase()) ?? [];

  reload();
  return {
    add(vin, attributes) {
      const existing = keysOf(vin)
        .map((key) => documents.get(key))
        .at(-1);
      const key = String(last + 1);
      documents.set(key, {
        vin,
        attributes,
        devices: [...(devicesByVin.get(vin.toLowerCase()) ?? [])].flatMap((id) => {
          const device = devices.get(id);
          if (!device) return [];
          const { deviceid, softwareversion } = device;
          return [softwareversion === undefined ? { deviceid } : { deviceid, softwareversion }];
        }),
        trouble_codes: existing?.trouble_codes ?? [],
        anomalies: existing?.anomalies ?? [],
      });
      index(key, vin);
    },
    find: (vin) =>
      keysOf(vin)
        .map((key) => documents.get(key))
        .findLast((document) => document?.vin === vin),
    changeEach(vin, change) {
      const keys = keysOf(vin);
      for (const key of keys) {
        const document = documents.get(key);
        if (document) documents.set(key, { ...document, ...change });
      }
      return keys.length;
    },
    changeSoftware(deviceid, softwareversion) {
      for (const [key, document] of documents.entries()) {
        if (!document.devices.some((device) => device.deviceid === deviceid)) continue;
        const changed = (device: (typeof document.devices)[number]) =>
          device.deviceid === deviceid ? { ...device, softwareversion } : device;
        documents.set(key, { ...document, devices: document.devices.map(changed) });
      }
    },
    mergeDevice(device) {
      const existing = devices.get(device.deviceid);
      if (existing?.vin !== undefined && device.vin !== undefined) {
        devicesByVin.get(existing.vin)?.delete(device.deviceid);
      }
      const merged = { ...existing, ...device };
      devices.set(device.deviceid, merged);
      indexDevice(merged);
    },
    reload,
  };
}

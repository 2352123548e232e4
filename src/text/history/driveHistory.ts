import { defined } from '../../core/defined.ts';
import { shownPayload } from '../../core/payload.ts';
import type { AcknowledgedMessage } from '../../protocol/simulation.ts';
import type { VehicleHistory } from '../../protocol/driveHistory.ts';

type Place = NonNullable<AcknowledgedMessage['place']>;

/** What of a message a history is made of. */
export type HistoryMessage = Pick<
  AcknowledgedMessage,
  'vin' | 'id' | 'time' | 'code' | 'payload' | 'encoding'
> & { place?: (Pick<Place, 'latitude' | 'longitude'> & Partial<Place>) | undefined; ackMs?: number };

interface Limits {
  /** Rows of one vehicle, and of all together. */
  rows: number;
  allRows: number;
  /** Columns that payloads add to one vehicle, and vehicles whose payloads are looked into. */
  signals: number;
  signalVehicles: number;
  codes: number;
  /** Anybody may publish under any name: those beyond are left out. */
  vehicles: number;
}

const LIMITS: Limits = {
  rows: 3600,
  allRows: 100_000,
  signals: 40,
  signalVehicles: 50,
  codes: 200,
  vehicles: 20_000,
};
/** Deeper in a payload nobody looks for a number. */
const DEEPEST = 4;

/**
 * What vehicles sent of themselves over time, for charts and exports. Bounded whatever comes: a vehicle that has sent
 * more than it may keeps every second row, so that the whole drive stays there.
 */
export class DriveHistory {
  readonly #limits: Limits;
  readonly #vehicles = new Map<string, VehicleHistory>();
  #version = 0;

  /** @param before what was kept of the same vehicles until now */
  constructor(limits: Partial<Limits> = {}, before: readonly VehicleHistory[] = []) {
    this.#limits = { ...LIMITS, ...limits };
    for (const vehicle of before) this.#vehicles.set(vehicle.id, structuredClone(vehicle));
  }

  /** In the order in which they were first heard of. */
  get vehicles(): readonly VehicleHistory[] {
    return [...this.#vehicles.values()];
  }

  /** Another one after every message that was taken in. */
  get version(): number {
    return this.#version;
  }

  add(messages: readonly HistoryMessage[]): void {
    for (const message of messages) this.#add(message);
  }

  clear(): void {
    this.#vehicles.clear();
    this.#version += 1;
  }

  #add({ vin, id = vin, time, code, place, ackMs, payload, encoding }: HistoryMessage): void {
    if (code === undefined && place === undefined) return;
    this.#version += 1;
    const vehicle = this.#vehicleOf(id, vin);
    if (vehicle === undefined) return;
    if (code !== undefined && vehicle.codes.length < this.#limits.codes) vehicle.codes.push({ time, code });
    if (place === undefined) return;
    const { latitude, longitude, heading, speed, odometer, fuel, charge } = place;
    const row: Record<string, number> = {
      latitude: rounded(latitude, 1e6),
      longitude: rounded(longitude, 1e6),
      ...(charge !== undefined && { charge: rounded(charge, 1e4) }),
    };
    const others = defined({ heading, speed, odometer, fuel, ack: ackMs });
    for (const [name, value] of Object.entries(others)) row[name] = rounded(value);
    const isLookedInto =
      payload !== undefined && encoding === undefined && this.#vehicles.size <= this.#limits.signalVehicles;
    this.#insert(vehicle, time, isLookedInto ? { ...row, ...signalsIn(payload), ...row } : row);
    this.#thin(vehicle);
  }

  #vehicleOf(id: string, vin: string): VehicleHistory | undefined {
    let vehicle = this.#vehicles.get(id);
    if (vehicle === undefined) {
      if (this.#vehicles.size >= this.#limits.vehicles) return undefined;
      vehicle = { id, vin, times: [], columns: {}, codes: [] };
      this.#vehicles.set(id, vehicle);
    }
    return vehicle;
  }

  /** Acknowledgements overtake each other: rows stand in the order of their times. */
  #insert({ times, columns }: VehicleHistory, time: number, row: Record<string, number>): void {
    let at = times.length;
    while (at > 0 && (times[at - 1] ?? 0) > time) at -= 1;
    const rows = times.length;
    times.splice(at, 0, time);
    for (const [name, values] of Object.entries(columns)) values.splice(at, 0, row[name] ?? null);
    const most = this.#limits.signals + OWN.size;
    for (const [name, value] of Object.entries(row)) {
      if (Object.hasOwn(columns, name)) continue;
      if (!OWN.has(name) && Object.keys(columns).length >= most) continue;
      const values: (number | null)[] = Array.from({ length: rows }, () => null);
      values.splice(at, 0, value);
      columns[name] = values;
    }
  }

  #thin(vehicle: VehicleHistory): void {
    const { rows, allRows } = this.#limits;
    const share = Math.max(2, Math.min(rows, Math.floor(allRows / this.#vehicles.size)));
    if (vehicle.times.length <= share) return;
    const last = vehicle.times.length - 1;
    const halved = <T>(values: readonly T[]): T[] => values.filter((_, i) => i % 2 === 0 || i === last);
    const before = vehicle.times.length;
    vehicle.times = halved(vehicle.times);
    vehicle.dropped = (vehicle.dropped ?? 0) + before - vehicle.times.length;
    for (const [name, values] of Object.entries(vehicle.columns)) vehicle.columns[name] = halved(values);
  }
}

/** The columns that every codec has; all others are called as in the payload. */
const OWN: ReadonlySet<string> = new Set([
  'latitude', 'longitude', 'heading', 'speed', 'odometer', 'fuel', 'charge', 'ack',
]); // prettier-ignore

/** The numbers in a payload by their paths, such as `GeoLocation.Altitude`. */
function signalsIn(payload: string): Record<string, number> {
  const found: Record<string, number> = {};
  const look = (value: unknown, path: string, depth: number): void => {
    if (typeof value === 'number') found[path] = value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < DEEPEST)
      for (const [key, inner] of Object.entries(value))
        look(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  look(shownPayload({ payload }), '', 0);
  delete found[''];
  return found;
}

function rounded(value: number, parts = 1000): number {
  return Math.round(value * parts) / parts;
}

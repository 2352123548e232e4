import type { KnownVehicle, VehicleName } from '../base/stackRef.ts';

/** What the vehicles of a run are called. Their CMS tells them apart by their ids; several may have one VIN. */
export class VehicleNames {
  readonly ids: readonly string[];
  readonly #vins: ReadonlyMap<string, string>;
  readonly #idsByVin: ReadonlyMap<string, string>;

  constructor(vehicles: readonly KnownVehicle[]) {
    this.ids = vehicles.map(({ id }) => id);
    this.#vins = new Map(vehicles.map(({ vin, id }) => [id, vin]));
    this.#idsByVin = new Map(vehicles.map(({ vin, id }) => [vin, id]));
  }

  has(id: string): boolean {
    return this.#vins.has(id);
  }

  /** Undefined for a vehicle that is none of these. */
  idOf({ vin, id }: VehicleName): string | undefined {
    if (id !== undefined) return this.has(id) ? id : undefined;
    return this.#idsByVin.get(vin) ?? (this.has(vin) ? vin : undefined);
  }

  vinOf(id: string): string {
    return this.#vins.get(id) ?? id;
  }

  /** These of them, or all. */
  of(ids: readonly string[] = this.ids): KnownVehicle[] {
    return ids.map((id) => ({ vin: this.vinOf(id), id }));
  }
}

import type { VehicleRef } from '../../core/vehicleRef.ts';

/** One stack of one connection. */
export interface StackRef {
  connectionId: string;
  stack: string;
}

/** A vehicle as somebody named it. */
export interface VehicleName {
  /** Its VIN; or, where somebody typed it, its id; or, where a topic named it, its thing. */
  vin: string;
  /** What its CMS knows it by, if that is known here. */
  id?: string | undefined;
}

/** Whether it names a stack of a connection. */
export function isStackRef(value: unknown): value is StackRef {
  return (
    typeof value === 'object' &&
    value !== null &&
    'connectionId' in value &&
    typeof value.connectionId === 'string' &&
    'stack' in value &&
    typeof value.stack === 'string'
  );
}

/** A vehicle that its CMS told of, or that has files here. */
export type KnownVehicle = Pick<VehicleRef, 'vin' | 'id'>;

/** A vehicle of a stack. */
export interface VehicleOfStack extends VehicleName {
  ref: StackRef;
}

/** Whether it names a vehicle of a stack; anybody may call a command. */
export function isVehicleOfStack(target: unknown): target is VehicleOfStack {
  if (typeof target !== 'object' || target === null || !('vin' in target && 'ref' in target)) return false;
  const id = 'id' in target ? target.id : undefined;
  return (
    typeof target.vin === 'string' && (id === undefined || typeof id === 'string') && isStackRef(target.ref)
  );
}

/** A row, in whatever view, that stands for vehicles of a stack. */
export interface StandsForVehicles {
  readonly vehicles: readonly VehicleOfStack[];
}

/** The vehicles a row stands for; none for anything else. */
export function vehiclesOfRow(row: unknown): readonly VehicleOfStack[] {
  if (typeof row !== 'object' || row === null || !('vehicles' in row) || !Array.isArray(row.vehicles))
    return [];
  return row.vehicles.filter(isVehicleOfStack);
}

/** What a row with one vehicle says of itself, for menus: what can be done with a VIN is offered there. */
export function oneWord(vehicles: readonly unknown[]): string[] {
  return vehicles.length === 1 ? ['one'] : [];
}

export function sameStack(a: StackRef, b: StackRef): boolean {
  return a.connectionId === b.connectionId && a.stack === b.stack;
}

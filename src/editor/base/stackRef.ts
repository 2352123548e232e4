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

export function sameStack(a: StackRef, b: StackRef): boolean {
  return a.connectionId === b.connectionId && a.stack === b.stack;
}

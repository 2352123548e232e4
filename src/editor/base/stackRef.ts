/** One stack of one connection. */
export interface StackRef {
  connectionId: string;
  stack: string;
}

/** A vehicle of a stack. */
export interface VehicleOfStack {
  ref: StackRef;
  vin: string;
  /** What its CMS knows it by, if that is known here. */
  id?: string | undefined;
}

/** Whether it names a vehicle of a stack; anybody may call a command. */
export function isVehicleOfStack(target: unknown): target is VehicleOfStack {
  if (typeof target !== 'object' || target === null || !('vin' in target && 'ref' in target)) return false;
  const { vin, ref } = target;
  return (
    typeof vin === 'string' &&
    typeof ref === 'object' &&
    ref !== null &&
    'connectionId' in ref &&
    typeof ref.connectionId === 'string' &&
    'stack' in ref &&
    typeof ref.stack === 'string'
  );
}

export function sameStack(a: StackRef, b: StackRef): boolean {
  return a.connectionId === b.connectionId && a.stack === b.stack;
}

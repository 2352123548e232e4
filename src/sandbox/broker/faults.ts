import type { Context, Fault } from '../contracts.ts';

/** A fault for `operation:detail` (such as `mqtt:publish:dt/cvra/VIN/cardata`), or for the operation as a whole. */
export function takeFault(context: Context, operation: string, detail: string): Fault['action'] | undefined {
  return context.faults.take(`${operation}:${detail}`) ?? context.faults.take(operation);
}

import type * as vscode from 'vscode';
import type { StackRef, VehicleName, VehicleOfStack } from './stackRef.ts';

/** Which vehicles this window simulates now. Known to features below the simulations. */
export interface Driving {
  /** How the drive of a vehicle stands; undefined when it is not simulated. */
  driveOf(vehicle: VehicleOfStack): 'driving' | 'paused' | undefined;
  /** When its last message of this window was acknowledged; milliseconds since 1970. */
  lastSentAt(vehicle: VehicleOfStack): number | undefined;
  /** Lets a vehicle report a trouble code on its drive; false when it is not simulated. */
  reportTrouble(vehicle: VehicleOfStack, code: string): boolean;
  /** Ends the trips of these vehicles; resolves when none is under way any more. Throws CmsError CANCELLED. */
  endTrips(ref: StackRef, vehicles: readonly VehicleName[], signal: AbortSignal): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

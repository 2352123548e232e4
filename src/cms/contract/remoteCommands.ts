import type { Retrying } from '../../core/retry.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { CredentialNeed } from './credentials.ts';

/** What a vehicle is told to do. */
export interface RemoteCommand {
  /** As the catalog of the CMS has it, such as `lock_all_doors`. */
  readonly name: string;
  /** Any JSON value. */
  readonly value: unknown;
  /** How long the vehicle may take; milliseconds. */
  readonly timeoutMs: number;
}

/** How far a command is, as the CMS has it. */
export interface CommandState {
  readonly id: string;
  /** `SENT` and `IN_PROGRESS` are not the end; `SUCCEEDED`, `FAILED` and `TIMEOUT` are. */
  readonly status: string;
  /** In the words of the vehicle. */
  readonly reason: string | undefined;
  readonly resultValue: unknown;
}

/** Commands that a CMS sends to vehicles, and whose answers it keeps. */
export interface RemoteCommands {
  readonly needs: CredentialNeed;
  /** The names it takes; empty where it does not say. */
  names(signal: AbortSignal): Promise<readonly string[]>;
  /** Sends one, once: an answer that was lost is looked for. @throws CmsError CMS_REQUEST_REFUSED, … */
  send(vehicle: VehicleRef, command: RemoteCommand, work: Retrying): Promise<CommandState>;
  /** Undefined once the CMS has forgotten it. */
  look(vehicle: VehicleRef, id: string, signal: AbortSignal): Promise<CommandState | undefined>;
}

import type { CmsError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import type { Work } from '../../core/work.ts';
import type { CredentialNeed } from './credentials.ts';

/** What the simulator of a CMS is asked to do for some vehicles. */
export interface CloudDrive {
  readonly vehicles: readonly VehicleRef[];
  /** Whole seconds that each vehicle sends for. */
  readonly duration: number;
  /** Whole seconds between two messages of a vehicle. */
  readonly interval: number;
}

/**
 * One simulation of the simulator: the part of a drive that it can take at a time. Plain data: it is kept on the disk
 * until it is over, so that whoever comes after a crash can end it.
 */
export interface CloudRun {
  /** As the simulator knows it; made here, and by its form not to be taken for anybody else's. */
  readonly id: string;
  readonly vins: readonly string[];
  /** What the CMS calls them, in the same order; left out where those are the VINs. */
  readonly ids?: readonly string[] | undefined;
  /** Whole seconds. */
  readonly duration: number;
  readonly interval: number;
}

/** How a simulator names a run that it gives a name of its own. */
export interface RunHandle {
  readonly simulation: string;
  /** The task that does it. */
  readonly task?: string | undefined;
  /** When it began by the clock of the CMS; milliseconds since 1970. */
  readonly since?: number | undefined;
}

/** A run that was started, and when; milliseconds since 1970. */
export interface StartedRun extends CloudRun {
  readonly startedAt: number;
  /** Known once the start was answered. */
  readonly handle?: RunHandle | undefined;
}

/**
 * `over`: it has ended by itself. `failed`: the simulator says that it runs, but its time is over. `gone`: the simulator
 * does not know it.
 */
export type CloudRunState = 'running' | 'over' | 'failed' | 'gone';

/** A simulator that a CMS brings, which sends for vehicles from the cloud. */
export interface CloudSimulator {
  readonly needs: CredentialNeed;
  /** What a drive there shows, and what it does not test; said before one is started. */
  readonly caveat: Message;
  /** Seconds between two messages: what is usual, and whether it can be another. */
  readonly interval: { readonly usual: number; readonly isFixed: boolean };
  /** So many vehicles may be under way at the same time. */
  readonly mostAtOnce: number;
  /** The drive in runs within the limits of the simulator; changes nothing. @throws CmsError REQUEST_INVALID */
  plan(drive: CloudDrive, work: Retrying): readonly CloudRun[];
  /**
   * @returns what it is called there, to be kept with the run; undefined where that is its own id
   * @throws CmsError REQUEST_INVALID if a vehicle is in another run that is under way
   */
  start(run: StartedRun, work: Work): Promise<RunHandle | undefined>;
  look(run: StartedRun, work: Retrying): Promise<CloudRunState>;
  /** What is done of what was asked for; absent where the simulator is not asked. Undefined where it may not be. */
  progress?(run: StartedRun, work: Retrying): Promise<{ done: number; of: number } | undefined>;
  /**
   * Ends a run, whatever its state, looks until it has ended, and takes away what it left in the simulator. Safe to run
   * again, and for one that never began.
   * @returns what there is to say where nobody can tell whether it began: it stays noted, and is looked for again
   * @throws CmsError CMS_UNAVAILABLE if it does not end
   */
  end(run: StartedRun, work: Work): Promise<CmsError | undefined>;
  /** How many of its vehicles have telemetry where the CMS keeps it; undefined where that may not be looked at. */
  arrived(run: StartedRun, signal: AbortSignal): Promise<number | undefined>;
}

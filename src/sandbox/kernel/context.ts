import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';

export interface SandboxConfig {
  httpPort: number;
  mqttPort: number;
  /** Folder for state. Undefined means a temporary folder, removed on exit. */
  stateFolder: string | undefined;
  region: string;
  accountId: string;
  /** Whether AWS quotas are enforced. */
  limits: boolean;
  /** Whether functions that come with a stack are run, as this process's user. */
  runFunctions?: boolean;
  /** Whether AWS Batch runs jobs, as processes of this computer. */
  runJobs?: boolean;
}

/** Passed to every part. */
export interface Context {
  readonly config: SandboxConfig;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly log: Log;
  /** Only set once the ports are open, so read them at call time and do not store copies. */
  readonly endpoints: { http: string; mqttHost: string; mqttPort: number; caFile: string };
}

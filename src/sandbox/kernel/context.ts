import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Store } from './store.ts';

export interface CmsStackSpec {
  name: string;
  /** Name of the CDF core stack it is paired with. */
  core: string;
}

export interface SandboxConfig {
  httpPort: number;
  mqttPort: number;
  /** Folder for state. Undefined means a temporary folder, removed on exit. */
  stateFolder: string | undefined;
  stacks: CmsStackSpec[];
  region: string;
  accountId: string;
  /** Whether AWS quotas are enforced. */
  limits: boolean;
  /** Milliseconds between an asset library event and the fleet manager knowing it (AWS: about 3,000). */
  eventDelayMs: number;
  /** The documented installation leaves the asset library open (`none`); the full one uses Cognito. */
  assetLibraryAuth: 'none' | 'cognito';
}

/** Passed to every part. */
export interface Context {
  readonly config: SandboxConfig;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly log: Log;
  /** Only set once the ports are open, so read them at call time and do not store copies. */
  readonly endpoints: { http: string; mqttHost: string; mqttPort: number };
}

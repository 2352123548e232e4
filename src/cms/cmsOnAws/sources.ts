import type { Connection } from '../../aws/connection.ts';
import type { LastSeen } from './lastSeen.ts';
import type { Names } from './names.ts';
import type { Store } from './store.ts';

/** What everything of one app works with. */
export interface Sources {
  readonly connection: Connection;
  readonly names: Names;
  readonly store: Store;
  /** Undefined where the app stores no telemetry. */
  readonly lastSeen: LastSeen | undefined;
}

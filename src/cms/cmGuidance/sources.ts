import type { Connection } from '../../aws/connection.ts';
import type { Api } from './api.ts';
import type { Entry } from './entry.ts';
import type { Names } from './names.ts';
import type { Store } from './store.ts';

/** What everything of one deployment works with. The API signs in when it is first asked. */
export interface Sources {
  readonly connection: Connection;
  readonly names: Names;
  readonly api: Api;
  readonly store: Store;
  readonly entry: Entry;
}

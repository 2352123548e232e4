import type { Store } from '../../../kernel/store.ts';
import type { Json } from '../../../kit/json.ts';
import type { LatestDocument, StoredMessage } from './documents.ts';
import { createRoutePoints, type RoutePoints } from './routePoints.ts';
import { createSharedIndex, type SharedIndex } from './shared.ts';

/** Everything the fleet manager reads from. CMS never deletes from it. */
export interface FleetIndex {
  readonly shared: SharedIndex;
  readonly points: RoutePoints;
  /** Keeps the document as the latest of its VIN. */
  putLatest(document: LatestDocument): void;
  latest(vin: string): LatestDocument | undefined;
  allLatest(): Iterable<LatestDocument>;
  addTrip(trip: StoredMessage): void;
  tripsOf(vin: string): StoredMessage[];
  /** All trips with this trip id, whatever their VIN. */
  tripsById(tripId: string): StoredMessage[];
  addEvent(event: StoredMessage): void;
  eventsOf(vin: string): StoredMessage[];
  reload(): void;
}

export function createFleetIndex(store: Store): FleetIndex {
  const latest = store.table<LatestDocument>('cms/fleet/latest');
  const shared = createSharedIndex(store);
  const points = createRoutePoints(store);
  const trips = createRows(store, 'cms/fleet/trips', (message) => message.tripid);
  const events = createRows(store, 'cms/fleet/events', () => undefined);
  return {
    shared,
    points,
    putLatest: (document) => latest.set(document.vin, document),
    latest: (vin) => latest.get(vin),
    allLatest: () => latest.values(),
    addTrip: (trip) => trips.add(trip),
    tripsOf: trips.ofVin,
    tripsById: trips.ofName,
    addEvent: (event) => events.add(event),
    eventsOf: events.ofVin,
    reload() {
      shared.reload();
      points.reload();
      trips.reload();
      events.reload();
    },
  };
}

/** Messages in order of arrival, indexed by VIN and by one more name. */
function createRows(store: Store, table: string, nameOf: (message: Json) => unknown) {
  const rows = store.table<StoredMessage>(table);
  const byVin = new Map<string, string[]>();
  const byName = new Map<unknown, string[]>();
  let last = 0;

  function index(key: string, { vin, message }: StoredMessage): void {
    last = Math.max(last, Number(key));
    append(byVin, vin, key);
    const name = nameOf(message);
    if (name !== undefined) append(byName, name, key);
  }

  function reload(): void {
    byVin.clear();
    byName.clear();
    last = 0;
    for (const [key, row] of rows.entries()) index(key, row);
  }

  const read = (keys: string[] | undefined): StoredMessage[] =>
    (keys ?? []).map((key) => rows.get(key)).filter((row) => row !== undefined);

  reload();
  return {
    reload,
    add(row: StoredMessage): void {
      const key = String(last + 1);
      rows.set(key, row);
      index(key, row);
    },
    ofVin: (vin: string) => read(byVin.get(vin)),
    ofName: (name: string) => read(byName.get(name)),
  };
}

function append(index: Map<unknown, string[]>, name: unknown, key: string): void {
  const keys = index.get(name);
  if (keys) keys.push(key);
  else index.set(name, [key]);
}

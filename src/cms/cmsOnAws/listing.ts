import PQueue from 'p-queue';
import { isThingName } from '../../aws/iot/thingName.ts';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Page, PageRequest } from '../contract/pages.ts';
import type { VehicleRecord } from '../contract/vehicles.ts';
import { conditionOf, isWrong, type Known } from './condition.ts';
import { currentRow, type Item, type ProvisionedRow, STRANGER } from './rows.ts';
import type { Sources } from './sources.ts';
import type { Store } from './store.ts';
import { canonicalVin, refOf, THING_PREFIX } from './thingName.ts';
import { otherTemplate, pageOfThings } from './things.ts';

/** Rows that nobody needs to see may fill whole pages; so many are read for one that is shown. */
const MOST_READS = 10;

/** Queries of a page that are under way together. */
const AT_A_TIME = 8;

/**
 * A place in the list: it begins with those that are authorized, goes on with those that were provisioned and are not
 * authorized any more, and ends with things of the template that no row names. `last` is the VIN that was listed last.
 */
type Place =
  { part: 'authorized' | 'provisioned'; after?: Item; last?: string } | { part: 'things'; after?: string };

/**
 * One row a VIN, a page at a time. A page has fewer vehicles than asked for, and a next, only where most of what was read
 * is of the past.
 */
export async function listPage(
  sources: Omit<Sources, 'lastSeen'>,
  { size, next }: PageRequest,
  signal: AbortSignal,
): Promise<Page<VehicleRecord>> {
  const items: VehicleRecord[] = [];
  let place: Place = next === undefined ? { part: 'authorized' as const } : placeIn(next);
  for (let reads = 1; ; reads++) {
    const read = await readAt(sources, place, size - items.length, signal);
    items.push(...read.items);
    if (read.follows === undefined) return { items, next: undefined };
    if (items.length >= size || reads >= MOST_READS) return { items, next: textOf(read.follows) };
    place = read.follows;
  }
}

/** At most so many vehicles of one part of the list, and where it goes on. */
async function readAt(
  sources: Omit<Sources, 'lastSeen'>,
  place: Place,
  size: number,
  signal: AbortSignal,
): Promise<{ items: VehicleRecord[]; follows: Place | undefined }> {
  const { store, connection, names } = sources;
  const { clock, random } = connection;
  const work = { signal, clock, random };
  switch (place.part) {
    case 'authorized': {
      const scanned = await store.scanAuthorized(size, place.after, signal);
      const items = await inParallel(scanned.items, async (authorized) => {
        const { vin } = authorized;
        const known = { authorized, rows: await store.provisioned(vin, signal) };
        return recordOf(vin, await withOwner(vin, known, sources, signal));
      });
      const follows: Place =
        scanned.next === undefined ? { part: 'provisioned' } : { part: 'authorized', after: scanned.next };
      return { items, follows };
    }
    case 'provisioned': {
      const scanned = await store.scanProvisioned(size, place.after, signal);
      const byVin = new Map<string, ProvisionedRow>(scanned.items.map((row) => [row.vin, row]));
      // Rows of one VIN stand side by side, but a page may end between them.
      if (place.last !== undefined) byVin.delete(place.last);
      const authorized = await store.whichAuthorized([...byVin.keys()], work);
      const vins = [...byVin.keys()].filter((vin) => !authorized.has(vin));
      const found = await inParallel(vins, async (vin) => {
        const known = { authorized: undefined, rows: await store.provisioned(vin, signal) };
        return recordOf(vin, await withOwner(vin, known, sources, signal));
      });
      // Rows of vehicles that are gone stay for ever.
      const items = found.filter((record) => !isGone(record));
      const last = scanned.items.at(-1)?.vin ?? place.last;
      const follows: Place =
        scanned.next === undefined
          ? { part: 'things' }
          : { part: 'provisioned', after: scanned.next, ...defined({ last }) };
      return { items, follows };
    }
    case 'things': {
      const page = await pageOfThings(connection, names, { size, next: place.after }, signal);
      const vins = page.things.map(({ vin, thingName }) => vinOf(vin, thingName));
      const authorized = await store.whichAuthorized(vins, work);
      const others = page.things.filter((_, i) => !authorized.has(vins[i] ?? ''));
      const found = await inParallel(others, async ({ vin, thingName }) => {
        const name = vinOf(vin, thingName);
        const rows = await store.provisioned(name, signal);
        const record = recordOf(name, { authorized: undefined, rows });
        return isGone(record) || rows.length === 0 ? [{ ...record, thingName }] : [];
      });
      return {
        items: found.flat(),
        follows: page.next === undefined ? undefined : { part: 'things', after: page.next },
      };
    }
  }
}

/**
 * Says whose vehicle it is where only that explains its rows: one that another app's vehicle left by its greeting is no
 * fault of the vehicle.
 */
export async function withOwner(
  vin: string,
  known: Known,
  { connection, names }: Omit<Sources, 'lastSeen'>,
  signal: AbortSignal,
): Promise<Known> {
  if (known.rows.every(({ missing }) => missing.length === 0)) return known;
  const thingName = `${THING_PREFIX}${vin}`;
  if (!isThingName(thingName)) return known;
  return { ...known, otherTemplate: await otherTemplate(connection, names, thingName, signal) };
}

/** Everything that the tables know of one VIN. */
export async function knownOf(store: Store, vin: string, signal: AbortSignal): Promise<Known> {
  const [authorized, rows] = await Promise.all([
    store.authorized(vin, signal),
    store.provisioned(vin, signal),
  ]);
  return { authorized, rows };
}

/** The vehicle as both tables describe it; a row that somebody else's message made has no words. */
export function recordOf(vin: string, known: Known): VehicleRecord {
  const { authorized, rows } = known;
  const described = [authorized, currentRow(rows), ...rows].find(
    (row) => row !== undefined && row.make !== '' && row.make !== STRANGER,
  );
  const { make = '', model = '', year = '' } = described ?? {};
  const condition = conditionOf(known);
  const names = { vin, id: vin, thingName: `${THING_PREFIX}${vin}` };
  return {
    ...names,
    ...{ make, model, modelYear: /^\d{1,4}$/.test(year) ? Number(year) : 0 },
    attributes: { condition: condition.kind },
    owners: [],
    condition: { words: condition.words, wrong: isWrong(condition) },
  };
}

/** Whether nothing but rows of the past name it. */
function isGone({ attributes }: VehicleRecord): boolean {
  return attributes.condition === 'offboarded';
}

/** Of a thing: as its attribute says, which the template made of what was sent. */
function vinOf(attribute: string, thingName: string): string {
  return canonicalVin(attribute === '' ? refOf(thingName).vin : attribute);
}

async function inParallel<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  return new PQueue({ concurrency: AT_A_TIME }).addAll(items.map((item) => () => task(item)));
}

function textOf(place: Place): string {
  return JSON.stringify(place);
}

function placeIn(text: string): Place {
  try {
    const place = JSON.parse(text) as Place;
    if (['authorized', 'provisioned', 'things'].includes(place.part)) return place;
  } catch {
    // Said below.
  }
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('That is not a position in the list of vehicles: {place}.', { place: text }),
  );
}

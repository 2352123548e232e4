import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import type { Retrying } from '../../../core/retry.ts';
import { IAM } from '../../contract/credentials.ts';
import type { ListInfo, ListItem, NamedList } from '../../contract/lists.ts';
import type { PageOfRows, TelemetryQuery } from './telemetryQuery.ts';

export const STORED_LIST: ListInfo = {
  id: 'stored',
  command: 'stored',
  description: 'list the vehicles whose telemetry the GraphQL API of CMS on AWS has',
  columns: [
    { heading: 'VIN', width: 24 },
    { heading: 'TELEMETRY', width: 40 },
  ],
};

/** Of one VIN there may be a million rows: pages of it are passed over in growing steps. */
const MOST_STEPS = 40;

/**
 * The VINs that GraphQL finds. Its rows are messages, by VIN: each page of this list shows the VINs of one page of rows,
 * and goes on where the rows of its last VIN end.
 */
export function createStoredList(query: TelemetryQuery, work: Omit<Retrying, 'signal'>): NamedList {
  return {
    ...STORED_LIST,
    title: l10n.t('Vehicles with telemetry'),
    empty: l10n.t('No telemetry is stored yet'),
    signIn: l10n.t('Sign in to see the vehicles with telemetry…'),
    icon: 'database',
    needs: IAM,
    async page({ next }, signal) {
      const at = placeOf(next);
      const read = await rowsAt(query, at.page, { ...work, signal });
      if (read === 'incomplete') return { items: [withoutVin()], next: undefined };
      const vins = [...new Set(read.vins)].filter((vin) => at.last === undefined || vin > at.last);
      const last = read.vins.at(-1);
      const items = vins.map((vin): ListItem => ({
        ...{ key: vin, words: '', icon: 'circuit-board' },
        ...{ cells: [vin, 'found by GraphQL'], value: { vin } },
      }));
      if (read.isLast || last === undefined) return { items, next: undefined };
      const page = await pageAfter(query, last, at.page, { ...work, signal });
      return { items, next: page === undefined ? undefined : JSON.stringify({ page, last }) };
    },
  };
}

/** The first page, after one that ends with a VIN, that has another one too; undefined where none follows. */
async function pageAfter(
  query: TelemetryQuery,
  vin: string,
  from: number,
  work: Retrying,
): Promise<number | undefined> {
  /** Pages that were read with nothing behind this VIN. */
  const ends = new Set<number>();
  const isPast = async (page: number): Promise<boolean> => {
    const read = await rowsAt(query, page, work);
    if (read === 'incomplete') return true;
    const isOther = read.vins.some((each) => each > vin);
    if (read.isLast && !isOther) ends.add(page);
    return read.isLast || isOther;
  };
  let low = from;
  let high = from + 1;
  for (let step = 0; step < MOST_STEPS && !(await isPast(high)); step++) {
    low = high;
    high += 2 ** (step + 1);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isPast(middle)) high = middle;
    else low = middle;
  }
  return ends.has(high) ? undefined : high;
}

/** @throws CmsError CMS_UNAVAILABLE if a stored message makes the query fail */
async function rowsAt(
  query: TelemetryQuery,
  page: number,
  work: Retrying,
): Promise<PageOfRows | 'incomplete'> {
  const answer = await query.page(page, work);
  switch (answer.kind) {
    case 'found':
      return answer.value;
    case 'unknown':
      return { vins: [], isLast: true };
    case 'incomplete':
      return 'incomplete';
    case 'broken':
      throw new CmsError(
        'CMS_UNAVAILABLE',
        l10n.t('A stored message is malformed, and every query over the telemetry of CMS fails.'),
        { remedy: l10n.t('Run doctor for any vehicle: it names the message, and --fix deletes it.') },
      );
  }
}

/** Rows without a VIN come last, and break the page they are on. */
function withoutVin(): ListItem {
  return {
    key: '-',
    words: l10n.t('messages without a VIN: their page cannot be read'),
    icon: 'warning',
    cells: ['-', 'messages without a VIN: their page cannot be read'],
    value: { vin: null },
  };
}

function placeOf(next: string | undefined): { page: number; last?: string } {
  if (next === undefined) return { page: 0 };
  try {
    const place = JSON.parse(next) as { page?: unknown; last?: unknown };
    if (typeof place.page === 'number' && typeof place.last === 'string')
      return { page: place.page, last: place.last };
  } catch {
    // Said below.
  }
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('That is not a position in the list of vehicles: {place}.', { place: next }),
  );
}

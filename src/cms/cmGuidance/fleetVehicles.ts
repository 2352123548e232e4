import { throwIfAborted } from '../../core/errors.ts';
import type { VehicleFolder } from '../contract/lists.ts';
import type { VehicleRecord } from '../contract/vehicles.ts';
import type { Api } from './api.ts';
import { recordOf } from './vehicles.ts';

type Lists = Pick<Api, 'vehicles'>;

/** Rows the API is asked for at a time where it cannot filter; it gives no more. */
const READ = 1000;

/** The vehicles of a fleet, as their rows name it. */
export function inFleet(api: Lists, fleetId: string): VehicleFolder['vehicles'] {
  return async (page, signal) => {
    const { items, next } = await api.vehicles({ ...page, fleetId }, signal);
    return { items: items.map(recordOf), next };
  };
}

/**
 * The vehicles whose rows name no fleet. The API has no filter for them: its pages are read until enough were found.
 * `next` is the page of the API to go on with, and how many of it were given already.
 */
export function inNoFleet(api: Lists): VehicleFolder['vehicles'] {
  return async ({ size, next: from = '1:0' }, signal) => {
    const [start = '1', given = '0'] = from.split(':');
    const found: VehicleRecord[] = [];
    let skipped = Number(given);
    for (let at: string | undefined = start; at !== undefined;) {
      throwIfAborted(signal);
      const { items, next } = await api.vehicles({ size: READ, next: at }, signal);
      const fitting = items.filter(({ fleetId }) => fleetId === undefined || fleetId === '');
      const wanted = fitting.slice(skipped, skipped + size - found.length);
      found.push(...wanted.map(recordOf));
      const used = skipped + wanted.length;
      if (used < fitting.length) return { items: found, next: `${at}:${used}` };
      if (found.length === size) return { items: found, next: next && `${next}:0` };
      skipped = 0;
      at = next;
    }
    return { items: found, next: undefined };
  };
}

import type { DriveOptions, ScriptedEvent } from '../drive.ts';
import { chance } from './chance.ts';

/** Common trouble codes, for random events. */
const TROUBLE_CODES = ['P0217', 'P0300', 'P0420', 'P0171', 'P0128', 'P0455', 'P1734'] as const;
const EVENT = 5;
/** Limits the memory that a rate entered far too high can use. */
const MAX_EVENTS = 10_000;

/** The events of one trip, ordered by distance: the scripted ones, and random ones at their rates. */
export function scriptOf(
  options: Pick<DriveOptions, 'events' | 'eventRates' | 'seed'>,
  trip: number,
  length: number,
): ScriptedEvent[] {
  const script = [...(options.events ?? [])];
  for (const [kind, number] of [
    ['dtc', 1],
    ['oil-temperature', 2],
    ['braking', 3],
  ] as const) {
    const rate = options.eventRates?.[kind] ?? 0;
    let at = 0;
    for (let k = 0; rate > 0 && k < MAX_EVENTS; k++) {
      // The distances between events of a Poisson process.
      at += (-Math.log(1 - chance(options.seed, EVENT, trip, number, 2 * k)) * 100_000) / rate;
      if (at > length) break;
      if (kind === 'dtc')
        script.push({ at, kind, code: anyCode(chance(options.seed, EVENT, trip, number, 2 * k + 1)) });
      else script.push({ at, kind });
    }
  }
  return script.filter(({ at }) => at <= length).sort((a, b) => a.at - b.at);
}

/** The code of a scripted `dtc` without a code. */
export const UNNAMED_CODE = TROUBLE_CODES[0];

function anyCode(part: number): string {
  return TROUBLE_CODES[Math.floor(part * TROUBLE_CODES.length)] ?? UNNAMED_CODE;
}

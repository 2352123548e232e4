import type { Units } from '../../text/measures.ts';

/** The international mile. */
const KILOMETERS_A_MILE = 1.609344;

/** The number of `3:P0217` or of `braking:5`, and what stands before and behind it. */
const NUMBER = /^(\s*(?:[^\d.:-]+:)?\s*)(\d+(?:\.\d*)?|\.\d+)(.*)$/;

/** Events as a person reads them, from those that are kept, which are in kilometers. */
export interface EventUnits {
  /** `3:P0217` and its like, several with commas. */
  places: Conversion;
  /** `braking:5`: how often in 100 km. */
  rates: Conversion;
}

interface Conversion {
  shown: (kept: string) => string;
  kept: (typed: string) => string;
}

export function eventUnits(units: Units): EventUnits {
  const miles = (factor: number): Conversion => ({
    shown: (kept) => scaled(kept, factor, 3),
    kept: (typed) => scaled(typed, 1 / factor, 6),
  });
  const asItIs: Conversion = { shown: (text) => text, kept: (text) => text };
  if (units === 'metric') return { places: asItIs, rates: asItIs };
  return { places: miles(1 / KILOMETERS_A_MILE), rates: miles(KILOMETERS_A_MILE) };
}

/** Each number of a list times a factor; what has none stays as it is, to be refused. */
function scaled(list: string, factor: number, digits: number): string {
  return list
    .split(',')
    .map((part) =>
      part.replace(
        NUMBER,
        (_, before: string, number: string, rest: string) =>
          `${before}${Number((Number(number) * factor).toFixed(digits))}${rest}`,
      ),
    )
    .join(',');
}

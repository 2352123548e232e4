import type { Format } from '../base/format.ts';
import type { Words } from '../base/words.ts';

/** A signal as people read it. */
export interface Signal {
  /** Its name in the data. */
  name: string;
  label: string;
  /** Such as `km/h`; empty where nobody says. */
  unit: string;
  /** From SI units to those of `unit`. */
  factor: number;
  /** Decimal places. */
  digits: number;
}

/** The signals that every vehicle has, in the order in which they are offered. */
export const OWN_SIGNALS = ['speed', 'odometer', 'fuel', 'charge', 'heading', 'latitude', 'longitude', 'ack'];

/** How a signal is named and measured: own ones in the units of the setting, others as the payload has them. */
export function signalOf(name: string, words: Words, { units }: Format): Signal {
  // Without the value the unit is left.
  const unitOf = (word: Parameters<Words>[0]): string => words(word, { value: '' }).trim();
  switch (name) {
    case 'speed':
      return own(words('speed'), unitOf(units.speed.word), units.speed.perMetreSecond, 1);
    case 'odometer':
      return own(words('odometer'), unitOf(units.distance.word), 1 / units.distance.metres, 2);
    case 'fuel':
      return own(words('fuel'), unitOf(units.volume.word), 1 / units.volume.litres, 2);
    case 'charge':
      return own(words('battery'), '%', 100, 1);
    case 'heading':
      return own(words('heading'), '°', 1, 0);
    case 'latitude':
      return own(words('latitude'), '°', 1, 5);
    case 'longitude':
      return own(words('longitude'), '°', 1, 5);
    case 'ack':
      return own(words('ackTime'), unitOf('ms'), 1, 0);
    default:
      return own(isOwn(name) ? words('ofPayload', { name }) : name, '', 1, 3);
  }

  /** Whether a signal that every vehicle has is called so, too. */
  function isOwn(called: string): boolean {
    const own = (['speed', 'odometer', 'fuel', 'battery', 'heading', 'latitude', 'longitude'] as const).map(
      (key) => words(key).toLowerCase(),
    );
    return own.includes(called.toLowerCase());
  }

  function own(label: string, unit: string, factor: number, digits: number): Signal {
    return { name, label, unit, factor, digits };
  }
}

/** Own signals first, then those of the payload by their names. */
export function inOrder(names: readonly string[]): string[] {
  const place = (name: string): number => {
    const at = OWN_SIGNALS.indexOf(name);
    return at < 0 ? OWN_SIGNALS.length : at;
  };
  return [...names].sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

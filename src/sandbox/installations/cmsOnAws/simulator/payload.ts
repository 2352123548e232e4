import { randomInt, randomUUID } from 'node:crypto';
import type { Attribute } from './library.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LONGEST_TEXT = 20;

/** A message of a simulated device at its n-th tick. Throws what ends a run: a static number. */
export function messageOf(payload: readonly Attribute[], tick: number, now: number, top = true): object {
  return Object.fromEntries(payload.map((each) => [each.name, valueOf(each, tick, now, top)]));
}

function valueOf(attribute: Attribute, tick: number, now: number, top: boolean): unknown {
  const { type, static: isStatic = false, default: given, arr = [], payload = [] } = attribute;
  // Below an object only texts stay as they are.
  if (isStatic && given !== undefined && (top || type === 'string')) {
    if (typeof given === 'number') throw new TypeError('Object of type Decimal is not JSON serializable');
    return given;
  }
  switch (type) {
    case 'id':
      return randomUUID().slice(0, attribute.length ?? 36);
    case 'bool':
      return randomInt(2) === 1;
    case 'int':
      return randomInt(100_001);
    case 'float':
      return Number((randomInt(1_000_001) / 1_000_000).toFixed(attribute.precision ?? 6));
    case 'pickOne':
      return arr.length === 0 ? '' : arr[randomInt(arr.length)];
    case 'timestamp':
      return new Date(now).toISOString();
    case 'decay':
      return Math.exp(-tick);
    case 'sinusoidal':
      return Math.sin(tick);
    case 'object':
      return messageOf(payload, tick, now, false);
    default:
      return Array.from({ length: randomInt(1, LONGEST_TEXT + 1) }, () =>
        LETTERS.charAt(randomInt(LETTERS.length)),
      ).join('');
  }
}

import { isObject } from '../../../kit/json.ts';

/** Python behavior that clients can observe: dictionary look-ups, arithmetic with strings, printing of values. */

/** `value[key]`: throws when the key is missing. */
export function item(value: unknown, key: string): unknown {
  if (!isObject(value)) throw new TypeError('object is not subscriptable');
  if (!Object.hasOwn(value, key)) throw new TypeError(`KeyError: '${key}'`);
  return value[key];
}

/** The value as a list (`len(value)`): throws when it is not a list. */
export function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('object has no len()');
  return value;
}

/** A number to calculate with. Throws for a numeric string, as Python's operators do. */
export function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError("can't multiply sequence by non-int of type 'float'");
  return value;
}

/** `float(value)`, which also accepts a numeric string. */
export function float(value: unknown): number {
  const result = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof result !== 'number' || Number.isNaN(result)) throw new TypeError('could not convert to float');
  return result;
}

/** `round(value, digits)`: a tie goes to the even digit. */
export function round(value: number, digits: number): number {
  const scaled = value * 10 ** digits;
  const tie = Number.isInteger(value * 8) && Math.abs(scaled % 1) === 0.5;
  return tie ? (2 * Math.round(scaled / 2)) / 10 ** digits : Number(value.toFixed(digits));
}

/** `repr()` of a dictionary, list or string, for error messages. */
export function repr(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (isObject(value)) return `{${Object.entries(value).map(pair).join(', ')}}`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

const pair = ([key, value]: [string, unknown]): string =>
  `${/^\d+$/.test(key) ? key : repr(key)}: ${repr(value)}`;

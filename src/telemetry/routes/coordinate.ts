import { numberOf } from './numbers.ts';

/** Degrees, minutes and seconds with their signs, or degrees and minutes; the letter of the hemisphere before or after. */
const PARTS =
  /^([NSEWO]?)\s?([+-]?\d{1,3}(?:[.,]\d+)?)\s?[°º]?\s?(?:(\d{1,2}(?:[.,]\d+)?)\s?['′’]?\s?)?(?:(\d{1,2}(?:[.,]\d+)?)\s?(?:["″”]|'')?\s?)?([NSEWO]?)$/i;
const LONGEST = 40;

/**
 * Degrees from a text: `48.137`, `48,137`, `48.137° N`, `S 33 51.5`, `48°08'14.5"N`. NaN for everything else.
 * @param hemisphere what another column says: N, S, E or W
 */
export function coordinateOf(text: string | undefined, hemisphere = ''): number {
  const trimmed = text?.trim() ?? '';
  const plain = numberOf(trimmed);
  if (!Number.isNaN(plain)) return signed(plain, hemisphere);
  if (trimmed === '' || trimmed.length > LONGEST) return NaN;
  const [, before = '', degrees, minutes, seconds, after = ''] = PARTS.exec(trimmed) ?? [];
  if (degrees === undefined || (before !== '' && after !== '')) return NaN;
  const part = (value: string | undefined) => (value === undefined ? 0 : Number(value.replace(',', '.')));
  if (part(minutes) >= 60 || part(seconds) >= 60) return NaN;
  const whole = part(degrees);
  const size = Math.abs(whole) + part(minutes) / 60 + part(seconds) / 3600;
  return signed(degrees.startsWith('-') ? -size : size, before || after || hemisphere);
}

/** South and west are negative, unless the number says it already. */
function signed(degrees: number, hemisphere: string): number {
  return /^\s*[sw]/i.test(hemisphere) && degrees > 0 ? -degrees : degrees;
}

/** A pair in one text: `48.137, 11.575`, `(48.137 11.575)`, `geo:48.137,11.575`, `POINT (11.575 48.137)`. */
export function pairOf(
  text: string,
  longitudeFirst = false,
): { latitude: number; longitude: number } | undefined {
  const isShape = /^\s*(?:srid=\d+;)?\s*point/i.test(text);
  const inner = text
    .slice(0, 120)
    .replace(/^\s*(?:srid=\d+;)?\s*(?:point\s*z?|geo:)/i, '')
    .replace(/[()[\]{}]/g, ' ')
    .trim();
  const between = inner.includes(';') ? /\s*;\s*/ : inner.includes(',') ? /\s*,\s*/ : /\s+/;
  const [first, second] = inner.split(between);
  const [a, b] = [coordinateOf(first), coordinateOf(second?.replace(/\?.*$/, ''))];
  if (Number.isNaN(a + b)) return undefined;
  return isShape || longitudeFirst ? { latitude: b, longitude: a } : { latitude: a, longitude: b };
}

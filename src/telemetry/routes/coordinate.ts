import { numberOf } from './numbers.ts';

/** Whether the letter O is east (Ost) or west (Ouest, Oeste, Ovest). */
export type LetterO = 'east' | 'west';

const DECIMAL = String.raw`\d{1,2}(?:[.,]\d+)?`;
/** Degrees alone, or with minutes, or with minutes and seconds; something must stand between them. */
const PARTS = new RegExp(
  String.raw`^([NSEWO]?)\s?([+-]?\d{1,3}(?:[.,]\d+)?)\s?(?:[°º]\s?|deg\.?\s?|\s|$|(?=[NSEWO]$))` +
    String.raw`(?:(${DECIMAL})\s?(?:['′’]\s?|\s|$|(?=[NSEWO]$))(?:(${DECIMAL})\s?(?:["″”]|''|′′|’’)?\s?)?)?([NSEWO]?)$`,
  'i',
);
/** The same with colons, which without a letter would be a time of day. */
const COLONS = new RegExp(
  String.raw`^([NSEWO]?)\s?(\d{1,3}):(${DECIMAL})(?::(${DECIMAL}))?\s?([NSEWO]?)$`,
  'i',
);
/** `4807.038N`, `0113430E`: degrees, minutes and perhaps seconds without anything between, as NMEA and aviation write them. */
const PACKED = /^([NSEWO]?)\s?(\d{4,7})([.,]\d+)?\s?([NSEWO]?)$/i;
const LONGEST = 40;

/**
 * Degrees from a text: `48.137`, `48,137`, `48.137° N`, `S 33 51.5`, `48°08'14.5"N`, `4808.24N`. NaN for everything
 * else, such as `48.137.154`, which a spreadsheet has made of a number.
 * @param hemisphere what another column says: N, S, E, W or O
 */
export function coordinateOf(text: string | undefined, hemisphere = '', letterO: LetterO = 'east'): number {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || trimmed.length > LONGEST) return NaN;
  const other = hemisphere.trim();
  const plain = numberOf(trimmed);
  // Without a letter nothing is packed.
  if (other === '' && !Number.isNaN(plain)) return plain;
  const packed = packedOf(trimmed, other, letterO);
  if (packed !== undefined) return packed;
  if (!Number.isNaN(plain)) return signed(plain, other, letterO);
  const [, before = '', degrees, minutes, seconds, after = ''] =
    PARTS.exec(trimmed) ?? withLetter(COLONS.exec(trimmed)) ?? [];
  if (degrees === undefined || (before !== '' && after !== '')) return NaN;
  // Only the last part of a number has a fraction.
  if (minutes !== undefined && /[.,]/.test(seconds === undefined ? degrees : degrees + minutes)) return NaN;
  // Seconds that were rounded may be 60.
  if (valueOf(minutes) >= 60 || valueOf(seconds) > 60) return NaN;
  const size = Math.abs(valueOf(degrees)) + valueOf(minutes) / 60 + valueOf(seconds) / 3600;
  return signed(degrees.startsWith('-') ? -size : size, before || after || other, letterO);
}

/** Whether a text says east or west with the letter O. */
export function hasLetterO(text: string): boolean {
  return /^\s*O(?:\s|\d|$)|(?:\d|\s|[°'′’"″”])O\s*$/i.test(text);
}

/** A number with more than one sign for its fraction, or for its thousands. */
export function isSplitNumber(text: string): boolean {
  return (
    /^\s*[+-]?\d{1,3}(?:([.,'’\u00a0\u202f])\d{3})(?:\1\d{3})+\s*$/.test(text) ||
    /^\s*[+-]?\d+(?:[.,]\d+){2,}\s*$/.test(text)
  );
}

function valueOf(part: string | undefined): number {
  return part === undefined ? 0 : Number(part.replace(',', '.'));
}

function withLetter(found: RegExpExecArray | null): RegExpExecArray | null {
  return found !== null && (found[1] !== '' || found[5] !== '') ? found : null;
}

/** Only where a letter says that it is one; undefined if it is not packed, or what is packed is no coordinate. */
function packedOf(text: string, hemisphere: string, letterO: LetterO): number | undefined {
  const [, before = '', digits, fraction = '', after = ''] = PACKED.exec(text) ?? [];
  const letter = before || after || hemisphere;
  if (digits === undefined || letter === '' || (before !== '' && after !== '')) return undefined;
  const hasSeconds = digits.length > 5;
  const [whole, minutes, seconds] = hasSeconds
    ? [digits.slice(0, -4), digits.slice(-4, -2), digits.slice(-2) + fraction]
    : [digits.slice(0, -2), digits.slice(-2) + fraction, '0'];
  const most = /^[ns]/i.test(letter) ? 90 : 180;
  const size = Number(whole) + valueOf(minutes) / 60 + valueOf(seconds) / 3600;
  if (valueOf(minutes) >= 60 || valueOf(seconds) >= 60 || size > most) return undefined;
  return signed(size, letter, letterO);
}

/** South and west are negative, unless the number says it already. */
function signed(degrees: number, hemisphere: string, letterO: LetterO): number {
  const isMinus = letterO === 'west' ? /^[swo]/i.test(hemisphere) : /^[sw]/i.test(hemisphere);
  return isMinus && degrees > 0 ? -degrees : degrees;
}

/**
 * A pair in one text: `48.137, 11.575`, `48,137 11,575`, `(48.137 11.575)`, `geo:48.137,11.575`, `POINT (11.575
 * 48.137)`, `48°08.2'N 11°34.5'E`.
 */
export function pairOf(
  text: string,
  longitudeFirst = false,
  letterO: LetterO = 'east',
): { latitude: number; longitude: number } | undefined {
  const isShape = /^\s*(?:srid=\d+;)?\s*point/i.test(text);
  const inner = text
    .slice(0, 120)
    .replace(/^\s*(?:srid=\d+;)?\s*(?:point\s*z?|geo:)/i, '')
    .replace(/\?.*$/, '')
    .replace(/[()[\]{}]/g, ' ')
    .trim();
  const [first, second] = partsOf(inner);
  const [a, b] = [coordinateOf(first, '', letterO), coordinateOf(second, '', letterO)];
  if (Number.isNaN(a + b)) return undefined;
  const isSwapped = isShape || longitudeFirst || /[EWO]\s*$|^\s*[EWO]/i.test(first ?? '');
  return isSwapped ? { latitude: b, longitude: a } : { latitude: a, longitude: b };
}

/** What stands on both sides of what divides them; a third part is a height. */
function partsOf(text: string): string[] {
  if (text.includes(';')) return text.split(/\s*;\s*/);
  // The letters divide as well as anything, and blanks stand between degrees and minutes, too.
  const byLetter =
    /^([^NSEWO]+[NSEWO])[\s,/]*([^NSEWO]+[NSEWO])$/i.exec(text) ??
    /^([NSEWO][^NSEWO]+?)[\s,/]*([NSEWO][^NSEWO]+)$/i.exec(text);
  if (byLetter !== null) return byLetter.slice(1);
  const byBlank = text.split(/\s*[,/]\s+|\s+/);
  const isDecimalComma = byBlank.length > 1 && byBlank.slice(0, 2).every((it) => /^[+-]?\d+,\d+$/.test(it));
  if (isDecimalComma) return byBlank;
  if (/^[+-]?\d+,\d+,[+-]?\d+,\d+$/.test(text)) {
    const [a = '', b = '', c = '', d = ''] = text.split(',');
    return [`${a}.${b}`, `${c}.${d}`];
  }
  const between = text.includes(',') ? /\s*,\s*/ : text.includes('/') ? /\s*\/\s*/ : /\s+/;
  const parts = text.split(between);
  return parts.length <= 3 ? parts : [];
}

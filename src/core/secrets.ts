import { decodedViews, type View } from './secretViews.ts';
import { PATTERNS } from './secretPatterns.ts';
import { LONG, LONGEST, SHORTEST, SURE, spellings } from './secretSpellings.ts';

/**
 * The values that are secret in this process. Whoever learns one says so here (`keepSecret`); whatever shows or sends
 * text asks for it without them (`redact`), whoever wrote the text: an endpoint, a tool or a library may repeat it.
 *
 * Found as it is, in Base64 at any offset, in hexadecimal, escaped for a URL, JSON or HTML, broken into lines, and cut
 * short at either end. Not found: what was encrypted, compressed or spelled backwards.
 */

/** What stands in place of a secret; the same in every language. */
export const REDACTED = '[secret]';

/** So much of a secret is one that was cut short. */
const PART = 20;
/** From one place in a secret by which a part of it is found to the next: every part has one in it. */
const STEP = PART - SHORTEST;
/** Keys of the vehicles of a fleet and signatures of addresses: the oldest make room. */
const MOST_PASSING = 20_000;
/** The lines of the keys of a fleet would be too many. */
const MOST_KEYS_BY_LINE = 5000;

interface Registry {
  /** Spellings of the secrets by their first characters. */
  readonly starts: Map<string, Set<string>>;
  /** Where in a spelling the same number of characters stands, of those whose parts are found. */
  readonly parts: Map<string, { spelling: string; at: number }>;
  /** For each pair of first characters, whether a spelling begins so: most of a text is passed over with this. */
  readonly pairs: Uint8Array;
  /** Spellings that only count where they stand alone. */
  readonly alone: Set<string>;
  readonly kept: Set<string>;
  readonly passing: Set<string>;
}

/** One for all bundles of a process: the editor's backend has a copy of this module. */
const KEY = Symbol.for('cmsEnablement.secrets');

function registry(): Registry {
  const home = globalThis as unknown as Record<symbol, Registry | undefined>;
  return (home[KEY] ??= {
    starts: new Map(),
    parts: new Map(),
    pairs: new Uint8Array(0x10000),
    alone: new Set(),
    kept: new Set(),
    passing: new Set(),
  });
}

/**
 * Keeps a value out of all text from now on. One of less than six characters is not kept; one of less than eight, and
 * a single word or number of less than twelve, only where it stands alone.
 */
export function keepSecret(value: string | undefined): void {
  if (value === undefined || value.trim().length < SHORTEST) return;
  if (value.includes('PRIVATE KEY-----')) keepPrivateKey(value);
  else keep(value, registry().kept);
}

/** The same for what is worth something for a short time only, and there are many of. */
export function keepPassingSecret(value: string | undefined): void {
  if (value === undefined || value.length < LONG) return;
  const { passing } = registry();
  keep(value, passing);
  for (const oldest of passing) {
    if (passing.size <= MOST_PASSING) break;
    forget(oldest);
    passing.delete(oldest);
  }
}

/** A private key in PEM: found in any breaking of its lines and without its header, and its single lines, too. */
export function keepPrivateKey(pem: string | undefined): void {
  const body = bodyOf(pem ?? '');
  // Every key of a kind begins alike: only what is its own tells it.
  keepPassingSecret(body.replace(/\s+/g, '').slice(48));
  if (registry().passing.size > MOST_KEYS_BY_LINE) return;
  for (const line of body.trim().split(/\s+/).slice(1)) keepPassingSecret(line);
}

/** What stands between its header and its end; looked for once, for a file may have thousands of headers. */
function bodyOf(pem: string): string {
  const header = /-----BEGIN[A-Z ]*PRIVATE KEY-----/.exec(pem);
  if (header === null) return '';
  const from = header.index + header[0].length;
  const to = pem.indexOf('-----END', from);
  return to < 0 ? '' : pem.slice(from, to);
}

/** The text with `[secret]` in place of every secret. */
export function redact(text: string): string {
  const { starts } = registry();
  const ranges: [number, number][] = [];
  for (const pattern of PATTERNS) {
    for (const found of text.matchAll(pattern)) {
      const [whole, before = ''] = found;
      ranges.push([found.index + before.length, found.index + whole.length]);
    }
  }
  if (starts.size > 0) {
    for (const view of decodedViews(text)) collect(view, ranges);
  }
  return ranges.length === 0 ? text : replaced(text, ranges);
}

/** Plain data with every text in it, names of fields too, without secrets; what is no plain data stays. */
export function redacted<T>(value: T): T {
  return redactedAny(value, 0) as T;
}

function redactedAny(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'number') return redactedNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  // Nothing of ours goes so deep.
  if (depth > 50) return '…';
  if (Array.isArray(value)) return value.map((item) => redactedAny(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [redact(name), redactedAny(item, depth + 1)]),
  );
}

/** A one-time code or a password of digits may come back as a number. */
export function redactedNumber(value: number): number | string {
  if (!Number.isSafeInteger(value) || value < 100_000) return value;
  return redact(String(value)) === String(value) ? value : REDACTED;
}

/** Forgets everything: for tests. */
export function forgetSecrets(): void {
  Reflect.deleteProperty(globalThis, KEY);
}

function keep(value: string, group: Set<string>): void {
  if (group.has(value)) return;
  group.add(value);
  const { starts, pairs, alone, kept } = registry();
  for (const spelling of spellings(value, group === kept)) {
    const start = spelling.slice(0, SHORTEST);
    const known = starts.get(start);
    if (known === undefined) starts.set(start, new Set([spelling]));
    else known.add(spelling);
    pairs[pairOf(spelling, 0)] = 1;
    if (isWord(spelling)) alone.add(spelling);
    // The passing ones are too many; a line of a key is found by itself.
    if (group === kept && !/\s/.test(value)) keepParts(spelling);
  }
}

function keepParts(spelling: string): void {
  const { parts, pairs } = registry();
  const end = Math.min(spelling.length, LONGEST) - SHORTEST;
  for (let at = STEP; at <= end; at += STEP) {
    parts.set(spelling.slice(at, at + SHORTEST), { spelling, at });
    pairs[pairOf(spelling, at)] = 1;
  }
}

function forget(value: string): void {
  const { starts, alone } = registry();
  for (const spelling of spellings(value, false)) {
    const start = spelling.slice(0, SHORTEST);
    const known = starts.get(start);
    known?.delete(spelling);
    if (known?.size === 0) starts.delete(start);
    alone.delete(spelling);
  }
}

/** Whether it could be a word of a sentence, or a number in it. */
function isWord(value: string): boolean {
  return value.length < SURE || (value.length < 12 && /^(\p{L}+|\d+)$/u.test(value));
}

function pairOf(text: string, at: number): number {
  return (text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) & 0xffff;
}

function collect(view: View, ranges: [number, number][]): void {
  const { starts, parts, pairs, alone } = registry();
  const { text, compact } = view;
  for (let i = 0; i + SHORTEST <= text.length; i++) {
    if (pairs[pairOf(text, i)] === 0) continue;
    const begin = text.slice(i, i + SHORTEST);
    let longest = 0;
    for (const candidate of starts.get(begin) ?? []) {
      if (compact && candidate.length < LONG) continue;
      const length = commonLength(text, i, candidate);
      const counts =
        length === candidate.length ? !alone.has(candidate) || standsAlone(text, i, length) : length >= PART;
      if (counts && length > longest) longest = length;
    }
    const part = parts.get(begin);
    if (part !== undefined) {
      const before = commonBefore(text, i, part);
      const behind = commonLength(text, i, part.spelling, part.at);
      if (before + behind >= PART) {
        ranges.push([view.from(i - before), view.to(i + behind - 1)]);
        longest = Math.max(longest, behind);
      }
    }
    if (longest === 0) continue;
    ranges.push([view.from(i), view.to(i + longest - 1)]);
    i += longest - 1;
  }
}

function commonLength(text: string, at: number, candidate: string, from = 0): number {
  let length = 0;
  while (
    from + length < candidate.length &&
    text.charCodeAt(at + length) === candidate.charCodeAt(from + length)
  )
    length++;
  return length;
}

function commonBefore(text: string, at: number, part: { spelling: string; at: number }): number {
  let length = 0;
  while (
    length < part.at &&
    length < at &&
    text.charCodeAt(at - length - 1) === part.spelling.charCodeAt(part.at - length - 1)
  )
    length++;
  return length;
}

function standsAlone(text: string, at: number, length: number): boolean {
  const word = /[\p{L}\p{N}_]/u;
  return !word.test(text.charAt(at - 1)) && !word.test(text.charAt(at + length));
}

function replaced(text: string, ranges: [number, number][]): string {
  ranges.sort((a, b) => a[0] - b[0]);
  let result = '';
  let done = 0;
  for (const [start, end] of ranges) {
    if (end <= done) continue;
    if (start >= done) result += `${text.slice(done, start)}${REDACTED}`;
    done = end;
  }
  return result + text.slice(done);
}

import { defined } from '../../core/defined.ts';
import { l10n } from '../../core/message.ts';
import type { Collector } from './collector.ts';
import { isNothing, numberOf } from './numbers.ts';
import { routeInvalid } from './routeInvalid.ts';

/** `longitude,latitude[,altitude]`, blanks around the commas forgiven; everything bounded, for files come from anywhere. */
const TUPLE = /[^\s,]{1,64}(?:\s{0,8},\s{0,8}[^\s,]{0,64}){0,8}/g;
/** Characters that wait for the end of a tuple; one that is longer is none. */
const LONGEST_REST = 65_536;

/**
 * Coordinates with blanks or line ends between them: what KML has in `coordinates` and Google My Maps shows as text.
 * The text comes in pieces of any size, so that a long one is read in turns.
 * Source: OGC KML 2.3, 9.11.3.5 kml:coordinates.
 */
export class CoordinatesText {
  readonly #from: { file: string; element?: string };
  readonly #collector: Collector;
  #line: number;
  #rest = '';

  constructor(from: { file: string; line: number; element?: string }, collector: Collector) {
    this.#from = from;
    this.#line = from.line;
    this.#collector = collector;
  }

  add(piece: string): void {
    const text = this.#rest + piece;
    const end = text.length > LONGEST_REST + piece.length ? text.length : wholeUntil(text);
    this.#rest = text.slice(end);
    this.#read(text.slice(0, end));
  }

  /** No more pieces come. */
  end(): void {
    const rest = this.#rest;
    this.#rest = '';
    this.#read(rest);
  }

  #read(text: string): void {
    let read = 0;
    const countLines = (until: number) => {
      for (let at = text.indexOf('\n', read); at >= 0 && at < until; at = text.indexOf('\n', at + 1)) {
        this.#line++;
        read = at + 1;
      }
    };
    for (const { 0: tuple, index } of text.matchAll(TUPLE)) {
      countLines(index);
      this.#add(tuple);
    }
    countLines(text.length);
  }

  #add(tuple: string): void {
    const { file, element } = this.#from;
    const where = defined({ line: this.#line, element });
    const [longitude = '', latitude, altitude] = tuple.split(',');
    if (latitude === undefined) {
      throw routeInvalid(file, l10n.t('"{tuple}" is not a longitude and latitude pair', { tuple }), where);
    }
    if (isNothing(longitude) || isNothing(latitude)) {
      this.#collector.leaveOutRecord(where);
      return;
    }
    this.#collector.add(
      {
        latitude: numberOr(latitude),
        longitude: numberOr(longitude),
        ...defined({ altitude: altitude?.trim() ? numberOr(altitude) : undefined }),
      },
      where,
    );

    function numberOr(value: string): number {
      const number = numberOf(value);
      if (Number.isNaN(number))
        throw routeInvalid(file, l10n.t('"{value}" is not a number', { value: value.trim() }), where);
      return number;
    }
  }
}

/** Where the last tuple begins that the next piece may go on with: after blanks that are at no comma. */
function wholeUntil(text: string): number {
  let next = ',';
  for (let at = text.length - 1; at > 0; at--) {
    if (!isBlank(text[at])) {
      next = text[at] ?? ',';
      continue;
    }
    const after = at + 1;
    while (at > 0 && isBlank(text[at - 1])) at--;
    if (next !== ',' && text[at - 1] !== ',') return after;
  }
  return 0;
}

function isBlank(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}

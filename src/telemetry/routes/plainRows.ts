import { BOUNDS } from './bounds.ts';

/** Characters of a line that may be bytes beyond `BOUNDS.record`; csv-parse counts and refuses them. */
const LONGEST = BOUNDS.record / 4;

/**
 * The rows of a table up to the first line that csv-parse is needed for: with a quotation mark, a lone carriage return
 * between others, or very long. Loggers write no such line, and csv-parse takes five times as long for each row.
 */
export class PlainRows {
  readonly #delimiter: string;
  readonly #take: (cells: string[], line: number) => void;
  #rest = '';
  #isOver = false;
  /** Lines that were taken, empty ones and comments included. */
  lines = 0;

  constructor(delimiter: string, take: (cells: string[], line: number) => void) {
    this.#delimiter = delimiter;
    this.#take = take;
  }

  /** Takes whole lines. @returns what was not taken once such a line has come, which is all from there on */
  add(piece: string): string {
    if (this.#isOver) return piece;
    const text = this.#rest + piece;
    this.#rest = '';
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      if (!this.#takeLine(text, from, end)) return this.#leave(text.slice(from));
      from = end + 1;
    }
    if (text.length - from > LONGEST) return this.#leave(text.slice(from));
    this.#rest = text.slice(from);
    return '';
  }

  /** The last line, which nothing ends. @returns what was not taken */
  end(): string {
    const text = this.#rest;
    this.#rest = '';
    return text === '' || this.#takeLine(text, 0, text.length) ? '' : this.#leave(text);
  }

  #leave(text: string): string {
    this.#isOver = true;
    return text;
  }

  #takeLine(text: string, from: number, end: number): boolean {
    const last = end > from && text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
    const line = text.slice(from, last);
    if (line.length > LONGEST || line.includes('\r')) return false;
    const isComment = this.#isComment(line);
    if (!isComment && line.includes('"')) return false;
    this.lines++;
    if (!isComment && line !== '')
      this.#take(
        line.split(this.#delimiter).map((cell) => cell.trim()),
        this.lines,
      );
    return true;
  }

  /** Whether nothing but blanks stands before a "#"; a tab may be an empty cell. */
  #isComment(line: string): boolean {
    for (const char of line) {
      if (char === '#') return true;
      if (char === this.#delimiter || char.trim() !== '') return false;
    }
    return false;
  }
}

const CARRIAGE_RETURN = 0x0d;

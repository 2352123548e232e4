import { defined } from '../../core/defined.ts';
import { messageOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { BOUNDS, tooDeep, tooManyPoints } from './bounds.ts';
import { decoded, inTurns } from './decoded.ts';
import { routeInvalid } from './routeInvalid.ts';

/** The value of a JSON file, of a file with a value on each line the list of them. */
export async function parsedJson(
  bytes: Uint8Array,
  file: string,
  progress: (part: number) => void,
): Promise<unknown> {
  const structure = structureOf(file);
  const pieces: string[] = [];
  for await (const piece of inTurns(decoded(bytes, file, progress))) {
    structure.check(piece);
    pieces.push(piece);
  }
  return parsed(pieces.join(''), file);
}

const [QUOTE, BACKSLASH, NEWLINE, COMMA] = [0x22, 0x5c, 0x0a, 0x2c];
const [MINUS, LETTER_N, LETTER_I] = [0x2d, 0x4e, 0x49];
const [LIST, END_OF_LIST, OBJECT, END_OF_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * A look at brackets and commas before the text becomes objects: a file of empty lists or of ones would otherwise
 * fill the memory, and a deep one the stack.
 */
function structureOf(file: string): { check(piece: string): void } {
  let depth = 0;
  let brackets = 0;
  let commas = 0;
  let inString = false;
  let escaped = false;
  let line = 1;
  return {
    check(piece) {
      for (let i = 0; i < piece.length; i++) {
        const char = piece.charCodeAt(i);
        if (char === NEWLINE) line++;
        if (escaped) escaped = false;
        else if (inString) {
          if (char === BACKSLASH) escaped = true;
          else if (char === QUOTE) inString = false;
        } else if (char === QUOTE) inString = true;
        else if (char === COMMA) commas++;
        else if (char === LIST || char === OBJECT) {
          depth++;
          brackets++;
        } else if (char === END_OF_LIST || char === END_OF_OBJECT) depth--;
        if (depth > BOUNDS.nesting) throw routeInvalid(file, tooDeep(), { line });
        // A point is one list of two to four numbers; features, properties and times are some more.
        if (brackets > 2 * BOUNDS.points || commas > 8 * BOUNDS.points) {
          throw routeInvalid(file, tooManyPoints(), { line });
        }
      }
    },
  };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const known = withoutNaN(text);
    if (known !== undefined) return parsed(known, file);
    const values = valuesByLine(text, file);
    if (values !== undefined) return values;
    const line = lineOfMistake(text);
    throw routeInvalid(file, l10n.t('this is not well-formed JSON'), defined({ line }), error);
  }
}

/** The same with null where programs write NaN or Infinity, which JSON does not know; undefined if there is none. */
function withoutNaN(text: string): string | undefined {
  // Not by one expression for texts, too: a text of some megabytes takes more of the stack than there is.
  const token = /-?\b(?:NaN|Infinity)\b/y;
  const pieces: string[] = [];
  let from = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString && char === BACKSLASH) i++;
    else if (char === QUOTE) inString = !inString;
    else if (!inString && (char === MINUS || char === LETTER_N || char === LETTER_I)) {
      token.lastIndex = i;
      const [found] = token.exec(text) ?? [];
      if (found === undefined) continue;
      if (pieces.length > 8 * BOUNDS.points) return undefined;
      pieces.push(text.slice(from, i), 'null');
      from = i + found.length;
      i = from - 1;
    }
  }
  return from === 0 ? undefined : pieces.join('') + text.slice(from);
}

/** A value on each line, as GeoJSONSeq (RFC 8142) and logs have it; undefined if one line is no JSON. */
function valuesByLine(text: string, file: string): unknown[] | undefined {
  const values: unknown[] = [];
  // One line that is broken says that the file is broken; the first two show whether there is one value a line.
  for (let from = 0, end = 0, line = 1; end < text.length; from = end + 1, line++) {
    end = text.indexOf('\n', from);
    if (end < 0) end = text.length;
    const json = text.slice(text[from] === '\u001e' ? from + 1 : from, end).trim();
    if (json === '') continue;
    if (values.length >= BOUNDS.points) throw routeInvalid(file, tooManyPoints(), { line });
    try {
      values.push(JSON.parse(json));
    } catch {
      return undefined;
    }
  }
  return values.length > 1 ? values : undefined;
}

/** Larger files are not parsed again and again to find their mistake. */
const SEARCHED = 4 * 2 ** 20;

/** JSON.parse does not always say where it stopped: the mistake is in the first line with which the text is broken. */
function lineOfMistake(text: string): number | undefined {
  if (text.length > SEARCHED) return undefined;
  const lines = text.split('\n');
  let whole = 0;
  let broken = lines.length;
  while (broken - whole > 1) {
    const middle = (whole + broken) >> 1;
    if (isBeginning(lines.slice(0, middle).join('\n'))) whole = middle;
    else broken = middle;
  }
  return broken;
}

/** Whether a text is JSON as far as it goes. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = messageOf(error);
    const [, position] = /position (\d+)/.exec(message) ?? [];
    if (position !== undefined) return Number(position) >= text.length || message.startsWith('Unterminated');
    return message.startsWith('Unexpected end');
  }
}

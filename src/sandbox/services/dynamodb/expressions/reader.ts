import type { AwsError } from '../../../kernel/http.ts';
import { validation, type Value } from '../values.ts';
import type { Placeholders } from './placeholders.ts';
import { isReservedWord } from './reservedWords.ts';

/** A place in an item: names of attributes and of members of maps, and indexes of lists. */
export type Path = readonly (string | number)[];

/** What stands for a value: a place in the item, or a value of the request. */
export type Operand = { readonly path: Path } | { readonly value: Value };

const TOKEN = /\s*(?:(<>|<=|>=|[=<>(),.[\]+-])|([#:]?[A-Za-z0-9_]+))/y;

/** The words of an expression, one after the other. What does not fit is thrown as ValidationException. */
export interface Reader {
  /** The next word, as it is written; undefined at the end. */
  readonly next: string | undefined;
  /** Whether the next word is this one, in capitals or not. */
  isWord(word: string): boolean;
  /** Takes the next word if it is this one. */
  takes(word: string): boolean;
  expect(word: string): void;
  /** Takes the next word, whatever it is. */
  take(): string;
  path(): Path;
  value(): Value;
  operand(): Operand;
  /** All of `read`, with commas between. */
  listOf<T>(read: () => T): T[];
  end(): void;
  invalid(why: string): AwsError;
}

/** @param kind the name of the parameter, for errors: `ConditionExpression` */
export function createReader(kind: string, text: string, placeholders: Placeholders): Reader {
  const invalid = (why: string): AwsError => validation(`Invalid ${kind}: ${why}`);
  if (text.trim() === '') throw invalid('The expression can not be empty;');
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (const end = text.trimEnd().length; TOKEN.lastIndex < end;) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw syntaxError(text.slice(at).trim().charAt(0));
    tokens.push(match[1] ?? match[2] ?? '');
  }
  let position = 0;

  function syntaxError(token = tokens[position] ?? '<EOF>'): AwsError {
    const near = tokens.slice(Math.max(0, position - 1), position + 2).join(' ');
    return invalid(`Syntax error; token: "${token}", near: "${near}"`);
  }

  const reader: Reader = {
    get next() {
      return tokens[position];
    },
    isWord: (word) => tokens[position]?.toUpperCase() === word,
    takes(word) {
      if (!reader.isWord(word)) return false;
      position++;
      return true;
    },
    expect(word) {
      if (!reader.takes(word)) throw syntaxError();
    },
    take() {
      const token = tokens[position];
      if (token === undefined) throw syntaxError();
      position++;
      return token;
    },
    path() {
      const path: (string | number)[] = [name()];
      for (;;) {
        if (reader.takes('.')) path.push(name());
        else if (reader.takes('[')) {
          const index = reader.take();
          if (!/^\d{1,9}$/.test(index)) throw syntaxError(index);
          path.push(Number(index));
          reader.expect(']');
        } else return path;
      }
    },
    value() {
      const token = reader.take();
      if (!token.startsWith(':')) throw syntaxError(token);
      const value = placeholders.value(token);
      if (value === undefined) {
        throw invalid(
          `An expression attribute value used in expression is not defined; attribute value: ${token}`,
        );
      }
      return value;
    },
    operand: () =>
      reader.next?.startsWith(':') === true ? { value: reader.value() } : { path: reader.path() },
    listOf(read) {
      const all = [read()];
      while (reader.takes(',')) all.push(read());
      return all;
    },
    end() {
      if (position < tokens.length) throw syntaxError();
    },
    invalid,
  };

  function name(): string {
    const token = reader.take();
    if (token.startsWith('#')) {
      const found = placeholders.name(token);
      if (found !== undefined) return found;
      throw invalid(
        `An expression attribute name used in the document path is not defined; attribute name: ${token}`,
      );
    }
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(token)) {
      position--;
      throw syntaxError(token);
    }
    if (isReservedWord(token)) {
      throw invalid(`Attribute name is a reserved keyword; reserved keyword: ${token}`);
    }
    return token;
  }

  return reader;
}

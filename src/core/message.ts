/**
 * What a room says to people: the English source text and its values by name, never a finished sentence. A front end
 * words it in its reader's language (`src/core/wording.ts`); only it knows which.
 */
export type Message = Text | Plural | Listing | Capital | Verbatim;

/** What may stand for `{name}` in a text. A string stays as it is in every language: an id, a path, a name. */
export type MessageValue = string | number | Message;

interface Text {
  readonly kind: 'text';
  /** English, and the key of the translations. */
  readonly text: string;
  readonly values: Readonly<Record<string, MessageValue>>;
}

interface Plural {
  readonly kind: 'plural';
  readonly count: number;
  readonly one: Message;
  readonly other: Message;
}

/** `sentences` stand one behind the other; `lines` below each other. */
export type Joining = 'and' | 'or' | 'comma' | 'semicolon' | 'sentences' | 'lines';

interface Listing {
  readonly kind: 'list';
  readonly items: readonly MessageValue[];
  readonly by: Joining;
}

/** For words of ours that begin a sentence here and stand in the middle of one elsewhere. */
interface Capital {
  readonly kind: 'capital';
  readonly of: Message;
}

interface Verbatim {
  readonly kind: 'verbatim';
  readonly text: string;
}

/** The names in the braces of a text. */
type NamesIn<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;
type Values<T extends string> = [NamesIn<T>] extends [never]
  ? []
  : [values: Readonly<Record<NamesIn<T>, MessageValue>>];
/** A text that stands in the source as it is: neither `string` nor a template with something put in. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- only an index signature is satisfied by {}
type Literal<T extends string> = {} extends Record<T, unknown> ? never : T;

/**
 * Makes messages. `l10n.t` is written like VS Code's own, so that `npm run l10n` finds the texts of both in
 * one way; the text must be one string literal.
 */
export const l10n = {
  /** `l10n.t('Could not find stack {name}.', { name })`: a missing or surplus value is a type error. */
  t<const T extends string>(text: Literal<T>, ...[values]: Values<T>): Message {
    return { kind: 'text', text, values: values ?? {} };
  },
  /** The form that `count` takes in the reader's language. Both name the count themselves where they need it. */
  plural(count: number, one: Message, other: Message): Message {
    return { kind: 'plural', count, one, other };
  },
  /** "a, b and c", "a, b or c", or one behind the other. */
  list(items: readonly MessageValue[], by: Joining): Message {
    return { kind: 'list', items, by };
  },
  /** The message with a capital first letter, to begin a sentence with. */
  capital(of: Message): Message {
    return { kind: 'capital', of };
  },
  /** Somebody else's words: what AWS, a tool or a file said. Never translated. */
  verbatim(text: string): Message {
    return { kind: 'verbatim', text };
  },
};

/** The property that each kind has and nothing else of that kind's name would. */
const MARKS: Readonly<Record<Message['kind'], string>> = {
  text: 'values',
  plural: 'other',
  list: 'items',
  capital: 'of',
  verbatim: 'text',
};

export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const mark = typeof value.kind === 'string' && Object.hasOwn(MARKS, value.kind) ? value.kind : undefined;
  return mark !== undefined && MARKS[mark as Message['kind']] in value;
}

import { oneLine, visible } from './foreignText.ts';
import { type Joining, type Message, type MessageValue } from './message.ts';
import { redact } from './secrets.ts';

/** The translation of a text with its values put in, as `vscode.l10n.t` does it. */
export type Translate = (text: string, values: Record<string, string | number>) => string;

/**
 * Says a message in a language, given its BCP 47 tag and its translations. The texts are ours; what is put into them is
 * somebody else's, and is made harmless here: on one line, without secrets, cut when it is long.
 */
export function worded(message: Message | string, translate: Translate, language: string): string {
  const word = (part: Message): string => {
    switch (part.kind) {
      case 'text': {
        const values = Object.entries(part.values).map(([name, value]) => [name, wordValue(value)] as const);
        return translate(part.text, Object.fromEntries(values));
      }
      case 'plural':
        return word(new Intl.PluralRules(language).select(part.count) === 'one' ? part.one : part.other);
      case 'list':
        return joined(
          part.items.map((item) => String(wordValue(item))),
          part.by,
          language,
        );
      case 'capital': {
        const text = word(part.of);
        return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
      }
      case 'verbatim':
        return foreign(part.text);
    }
  };
  const wordValue = (value: MessageValue): string | number => {
    if (typeof value === 'string') return foreign(value);
    return typeof value === 'object' ? word(value) : value;
  };
  return typeof message === 'string' ? visible(redact(message)) : word(message);
}

/** Nothing longer is looked at: the answer of an endpoint may be megabytes. */
const LONGEST_FOREIGN = 65_536;

function foreign(text: string): string {
  // Secrets first: half of one would not be known as one.
  return oneLine(redact(text.slice(0, LONGEST_FOREIGN)));
}

/** The source text: for the command line, logs, and JSON. */
export function english(message: Message | string): string {
  return worded(message, withValues, 'en');
}

/** Puts each value where its name stands in braces; what has no value stays. */
function withValues(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{([^{}]+)\}/g, (mark, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : mark,
  );
}

function joined(items: readonly string[], by: Joining, language: string): string {
  switch (by) {
    case 'and':
      return new Intl.ListFormat(language, { type: 'conjunction' }).format(items);
    case 'or':
      return new Intl.ListFormat(language, { type: 'disjunction' }).format(items);
    case 'comma':
      return items.join(', ');
    case 'semicolon':
      return items.join('; ');
    case 'sentences':
      return items.join(' ');
    case 'lines':
      return items.join('\n');
  }
}

/**
 * What the rooms below say reaches the window as finished English sentences. Here they are taken apart again by the
 * keys of a language's bundle, `{0}` for each value, and said in that language; what no key fits stays as it is.
 */
export type Translate = (text: string) => string;

interface Phrase {
  fits: RegExp;
  /** The numbers of the values in the order in which they stand in the text. */
  values: number[];
  translated: string;
  /** Characters that are no value: of two phrases that fit, the one with more says more. */
  weight: number;
}

/** A phrase of less than that is punctuation around values, and fits anything. */
const LEAST_WEIGHT = 7;
/** Values are phrases again, a few times over. */
const DEEPEST = 4;
/** Longer texts are documents of somebody. */
const LONGEST = 4000;
const VALUE = /\{(\d+)\}/;
const VALUES = new RegExp(VALUE, 'g');

/** `bundle` has the translated text by the English one, both with `{0}`, `{1}`, … where values stand. */
export function translator(bundle: Readonly<Record<string, string>>): Translate {
  const exact = new Map(Object.entries(bundle));
  let phrases: Phrase[] | undefined;
  const known = new Map<string, string>();

  function translate(text: string, depth: number): string {
    const whole = exact.get(text);
    if (whole !== undefined) return whole;
    if (depth > DEEPEST || text.length > LONGEST) return text;
    phrases ??= [...exact]
      .flatMap(([english, translated]) => phraseOf(english, translated))
      .sort((a, b) => b.weight - a.weight);
    for (const { fits, values, translated } of phrases) {
      const match = fits.exec(text);
      if (match !== null) {
        return inserted(translated, new Map(values.map((number, i) => [number, match[i + 1] ?? ''])), depth);
      }
    }
    // Sentences are also put one behind the other.
    const sentences = text.split(/(?<=[.!?]) (?=\S)/);
    if (sentences.length > 1) return sentences.map((sentence) => translate(sentence, depth + 1)).join(' ');
    // What a sentence begins with is written in small letters elsewhere.
    const small = text.charAt(0).toLowerCase() + text.slice(1);
    const said = small === text ? text : translate(small, DEEPEST);
    return said === small ? text : said.charAt(0).toUpperCase() + said.slice(1);
  }

  function inserted(translated: string, values: ReadonlyMap<number, string>, depth: number): string {
    return translated.replaceAll(VALUES, (mark, number: string) => {
      const value = values.get(Number(number));
      if (value === undefined) return mark;
      // A single word is somebody's name for something.
      return value.includes(' ') ? translate(value, depth + 1) : value;
    });
  }

  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const said = translate(text, 0);
    if (known.size >= 500) known.clear();
    known.set(text, said);
    return said;
  };
}

/** None for what is text only, or hardly any text. */
function phraseOf(english: string, translated: string): Phrase[] {
  const parts = english.split(VALUE);
  const literals = parts.filter((_, i) => i % 2 === 0);
  const weight = literals.join('').length;
  if (parts.length === 1 || weight < LEAST_WEIGHT) return [];
  const source = literals.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('([^]*?)');
  return [
    {
      fits: new RegExp(`^${source}$`),
      values: parts.filter((_, i) => i % 2 === 1).map(Number),
      translated,
      weight,
    },
  ];
}

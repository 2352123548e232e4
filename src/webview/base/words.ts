import { mapWords, type MapWord } from '../../protocol/mapWords.ts';

export type Words = (key: MapWord, values?: Readonly<Record<string, string | number>>) => string;

/** Texts in the editor's language, or English if missing. `{name}` is replaced by the value with that name. */
export function createWords(translated: Readonly<Record<string, string>>): Words {
  return (key, values = {}) =>
    (translated[key] ?? mapWords[key]).replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      String(values[name] ?? whole),
    );
}

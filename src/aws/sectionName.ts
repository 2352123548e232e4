/** A section of an AWS config file: `default`, or a kind and a name, as in `[profile dev]`. */
export interface SectionName {
  kind: 'profile' | 'sso-session' | 'services';
  name: string;
}

const KINDS = ['profile', 'sso-session', 'services'] as const;

/** The text between the brackets of a line that begins a section; undefined for any other line. */
export function headerIn(line: string): string | undefined {
  const [, shortest] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
  if (shortest === undefined || splitWords(shortest) !== undefined) return shortest;
  // A bracket in a quoted name.
  return /^\s*\[(.+)\]/.exec(line)?.[1] ?? shortest;
}

/**
 * What a header of the config file names, by the rules of the AWS CLI (`build_profile_map` of botocore): two words of a
 * shell, the first of which is the kind. Undefined for what the AWS CLI skips.
 */
export function sectionNameOf(header: string): SectionName | undefined {
  if (header === 'default') return { kind: 'profile', name: header };
  const kind = KINDS.find((known) => header.startsWith(known));
  const words = kind === undefined ? undefined : splitWords(header);
  const [, name] = words ?? [];
  return kind === undefined || name === undefined || words?.length !== 2 ? undefined : { kind, name };
}

/**
 * The words of a line as Python's `shlex.split` finds them, which follows a POSIX shell: undefined where that finds an
 * error, which is a quote or a backslash that nothing follows.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && quote !== "'") {
      at += 1;
      if (at === text.length) return undefined;
      const next = text.charAt(at);
      // Between double quotes a backslash stands for itself before most characters.
      word = (word ?? '') + (quote === undefined || next === quote || next === '\\' ? next : `\\${next}`);
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote === undefined && /[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

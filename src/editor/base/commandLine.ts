export type Shell = 'posix' | 'powershell';

/** Words that no shell reads anything into. */
const PLAIN = { posix: /^[\w./:=@%+,-]+$/, powershell: /^[\w./:=+][\w./:=+-]*$|^--?[A-Za-z][A-Za-z-]*$/ };
/** What PowerShell takes for a single quote, besides the one of ASCII. */
const POWERSHELL_QUOTES = /['\u2018\u2019\u201a\u201b]/g;

/** A command line to paste into a shell, in which each word arrives as it is. */
export function commandLine(words: readonly string[], shell: Shell): string {
  return words.map((word) => (PLAIN[shell].test(word) ? word : quoted(word, shell))).join(' ');
}

/** A word in single quotes, in which a shell changes nothing. */
export function quoted(word: string, shell: Shell): string {
  return shell === 'powershell'
    ? `'${word.replaceAll(POWERSHELL_QUOTES, '$&$&')}'`
    : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `--first-name Test`: what says a field on the command line; nothing for an empty value. */
export function flag(field: string, ...values: readonly string[]): string[] {
  const name = field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return values.length === 0 || values[0] === '' ? [] : [`--${name}`, ...values];
}

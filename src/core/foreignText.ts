/**
 * Makes harmless what others say: topics, errors of an endpoint, file names, headers of files. Every place where text is
 * shown calls one of these; data that is saved, sent or recorded stays as it is.
 */

/** Longer values are cut: what somebody else said must not push our own words out of sight. */
export const LONGEST_VALUE = 2000;

/**
 * Characters that drive a terminal, turn text round, or cannot be seen: controls (C0, DEL, C1), line separators,
 * direction overrides and isolates, zero-width characters, fillers, variation selectors, tags, and halves of surrogate
 * pairs.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\p{Cs}]/gu;
/** Ends of lines, and the whitespace around them. A run of blanks is looked at once, however long it is. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const LINE_ENDS = /(?<![ \t])[ \t]*[\n\r\u000b\u000c\u0085\u2028\u2029][\s\u0085]*/g;

/** Text of any number of lines: what is unsafe becomes a visible escape such as `\u001b`. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeUnlessSpelling);
}

/** Text that must stay on one line: ends of lines and tabs become blanks. */
export function oneLine(text: string, most = LONGEST_VALUE): string {
  return shortened(visible(text.replace(LINE_ENDS, ' ').replaceAll('\t', ' ')), most);
}

/** Cut with "…" when it is longer, never within a character. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  return `${text.slice(0, /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end)}…`;
}

/** One line inside a Markdown document: nothing in it is markup, a link, also a bare address, an entity or HTML. */
export function inMarkdown(text: string, most?: number): string {
  return oneLine(text, most)
    .trimStart()
    .replace(/[\\`*_{}[\]<>|#&~$@]|:(?=\/\/)|(?<=\bwww)\.|^[-+=]|(?<=^\d{1,9})[.)]/gi, '\\$&');
}

/** Text inside HTML, in an element or an attribute in double quotes. */
export function inHtml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** JSON whose text is harmless in a terminal, and means the same: what is unsafe stands there as `\uXXXX`. */
export function safeJson(
  value: unknown,
  replacer?: (this: unknown, key: string, value: unknown) => unknown,
  indent?: number,
): string {
  const json = JSON.stringify(value, replacer, indent) as string | undefined;
  return (json ?? 'null').replace(UNSAFE, units);
}

/**
 * Joiners belong to the spelling of some languages and to emoji: between letters of those they stay. So does one
 * variation selector behind a sign that has variants: an emoji or a Chinese character.
 */
function escapeUnlessSpelling(character: string, offset: number, text: string): string {
  const joins = character === '\u200c' || character === '\u200d';
  if (joins && isJoined(text, offset - 1) && isJoined(text, offset + 1)) return character;
  if (SELECTOR.test(character) && HAS_VARIANTS.test(text.slice(Math.max(0, offset - 2), offset)))
    return character;
  return units(character);
}

const SELECTOR = /^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]$/u;
const HAS_VARIANTS = /[\p{Emoji}\p{So}\p{Sm}\p{Script=Han}]$/u;

function isJoined(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  // Beyond Latin, Greek and Cyrillic; no joiner, space or mark of punctuation.
  return code >= 0x0600 && !(code >= 0x2000 && code <= 0x206f);
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, i) => escapeOf(character.charCodeAt(i))).join('');
}

function escapeOf(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

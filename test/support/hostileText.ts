import assert from 'node:assert/strict';

/** What a hostile endpoint, file or vehicle may put into a text. */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a colour (CSI)': '\u001b[31m',
  'a title (OSC)': '\u001b]0;owned\u0007',
  'a link (OSC 8)': '\u001b]8;;https://example.com\u001b\\',
  'a string (DCS)': '\u001bPx\u001b\\',
  'C1 controls': '\u009b31m\u009d0;owned\u009c\u0085',
  'a carriage return': 'x\rok',
  backspaces: 'x\b\b\b',
  'a bell and a null': '\u0007\u0000',
  DEL: '\u007f',
  'direction overrides': '\u202eabc\u202c\u202a\u202b\u202d',
  isolates: '\u2066a\u2067b\u2068c\u2069',
  marks: '\u200e\u200f\u061c',
  'zero-width characters': 'a\u200bb\u200cc\u200dd\u2060e\ufefff',
  'line separators': 'a\u2028b\u2029c',
  tags: '\u{e0001}\u{e0041}\u{e007f}',
  fillers: '\u3164\u115f\u00ad',
  'variation selectors': 'a\ufe00\ufe0f\u{e0100}\u{e01ef}\u{e0fff}',
  'half a character': '\ud800x\udc00',
};

export const ALL_HOSTILE = Object.values(HOSTILE).join('');

const DANGER =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\u{e0000}-\u{e007f}\p{Cs}]/u;

/** Nothing in the text drives a terminal, turns it round or hides in it. */
export function assertHarmless(text: string, what = 'The text'): void {
  const found = DANGER.exec(text);
  if (found === null) return;
  const around = text.slice(Math.max(0, found.index - 40), found.index + 40);
  assert.fail(`${what} holds U+${found[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(around)}`);
}

/**
 * Characters that turn text round, cannot be seen, or end a line for some readers. Controls are the log's own matter.
 * The sandbox shares no code with the product: this is its own copy of src/core/foreignText.ts, as far as it needs it.
 */
const UNSEEN =
  // eslint-disable-next-line no-misleading-character-class -- these are what is looked for
  /[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\p{Cs}]/gu;

/** The text with a visible escape such as `\\u202e` in place of each of them. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same, and no control but ends of lines and tabs: what a terminal may be given. JSON goes on meaning the same. */
export function forTerminal(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return visible(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, escaped);
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}

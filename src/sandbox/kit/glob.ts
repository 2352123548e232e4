/**
 * Patterns of IoT policies: `*` stands for any string, `?` for one character, and everything else (including the
 * MQTT wildcards `+` and `#`) for itself (AWS IoT Developer Guide, "Publish/Subscribe policy examples").
 */
export type Pattern = readonly number[];

const ANY = -1;
const ONE = -2;

/** The code points of a string without wildcards. */
export function literal(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** The pattern of a string in which `*` and `?` are wildcards. */
export function pattern(text: string): number[] {
  return Array.from(text, (character) =>
    character === '*' ? ANY : character === '?' ? ONE : (character.codePointAt(0) ?? 0),
  );
}

/** Whether the pattern matches the whole string. Backtracks only to the last `*`, so it is linear in practice. */
export function fits(glob: Pattern, text: Pattern): boolean {
  let at = 0;
  let position = 0;
  let lastAny = -1;
  let resume = 0;
  while (position < text.length) {
    const token = glob[at];
    if (token === ANY) {
      lastAny = at++;
      resume = position;
    } else if (token !== undefined && (token === ONE || token === text[position])) {
      at++;
      position++;
    } else if (lastAny >= 0) {
      at = lastAny + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (glob[at] === ANY) at++;
  return at === glob.length;
}

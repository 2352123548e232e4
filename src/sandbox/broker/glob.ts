/**
 * Patterns of IoT policies: `*` stands for any text, `?` for one character, everything else (also the MQTT
 * wildcards `+` and `#`) for itself (AWS IoT Developer Guide, "Publish/Subscribe policy examples").
 */
export type Pattern = readonly number[];

const ANY = -1;
const ONE = -2;

/** The code points of a text that stands for itself. */
export function literal(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** A text in which `*` and `?` are wildcards. */
export function pattern(text: string): number[] {
  return Array.from(text, (character) =>
    character === '*' ? ANY : character === '?' ? ONE : (character.codePointAt(0) ?? 0),
  );
}

/** Whether the whole text fits. Linear in practice: only the last `*` is ever gone back to. */
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

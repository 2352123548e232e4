/** Shorter values are not kept: their letters are in every other word. */
export const SHORTEST = 6;
/** Found with whitespace in it, such as the end of a line. */
export const LONG = 16;
/** From here on a value is found in the middle of a word, too. */
export const SURE = 8;
/** Of longer ones only the beginning is looked for in every spelling. */
export const LONGEST = 4096;

/** @param rare also those that are worth their room only where there are few secrets */
export function spellings(value: string, rare: boolean): Set<string> {
  const found = new Set([value, value.trim()]);
  const compact = value.replace(/\s+/g, '');
  if (compact.length >= LONG) found.add(compact);
  if (value.includes(' ')) found.add(value.replaceAll(' ', '+'));
  // A value that looks escaped itself, such as one with a %: undoing all escapes at once would miss it.
  for (const escaped of escapedOnce(value)) found.add(escaped);
  if (value.length < SURE || value.length > LONGEST) return found;
  const bytes = new TextEncoder().encode(value);
  for (const code of codesOf(bytes)) found.add(code);
  if (rare) {
    // Tools of Windows write UTF-16.
    const wide = Uint8Array.from(
      { length: 2 * value.length },
      (_, i) => value.charCodeAt(i >> 1) >> (8 * (i & 1)),
    );
    // A header of HTTP in a text that is encoded as a whole.
    const twice = new TextEncoder().encode(base64Within(bytes, 0));
    for (const code of [...codesOf(wide), ...codesOf(twice)]) found.add(code);
  }
  return new Set([...found].filter((spelling) => spelling.length >= SHORTEST));
}

/** As JSON, a URL, and HTML write it. */
function escapedOnce(value: string): string[] {
  const html = value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  // Half a character has no code in a URL.
  const url = /\p{Cs}/u.test(value) ? value : encodeURIComponent(value);
  return [JSON.stringify(value).slice(1, -1), url, html, html.replaceAll("'", '&#39;')];
}

/** Base64 at each offset, and hexadecimal. */
function codesOf(bytes: Uint8Array): string[] {
  const codes = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const forUrls = codes.map((code) => code.replaceAll('+', '-').replaceAll('/', '_'));
  return [...codes, ...forUrls, hex, hex.toUpperCase()];
}

/** The characters of Base64 that say nothing but the bytes, when so many others stand before them. */
function base64Within(bytes: Uint8Array, offset: number): string {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  const code = btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join(''));
  const from = Math.ceil((offset * 4) / 3);
  return code.slice(from, Math.floor((padded.length * 4) / 3));
}

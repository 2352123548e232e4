const TYPESET_MINUS = 0x2212;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number as files write it; NaN for everything else, also for what JavaScript takes for one: '', '0x10', ' '. */
export function numberOf(text: string | undefined): number {
  const typed = text?.trim() ?? '';
  // U+2212 is the minus of typesetters.
  const trimmed = typed.charCodeAt(0) === TYPESET_MINUS ? `-${typed.slice(1)}` : typed;
  return trimmed.length <= 64 && NUMBER.test(trimmed) ? Number(trimmed) : NaN;
}

const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];

/** What programs write where they have no value. */
const NOTHING =
  /^(?:|-+|\?+|n\/?a|#n\/?a|[-+]?nan(?:\(\w*\))?|[-+]?1\.#\w+|null|nil|none|undefined|unknown|void|k\.?\s?a\.?)$/i;

export function isNothing(text: string | undefined): boolean {
  if (beginsAsNumber(text)) return false;
  const trimmed = text?.trim() ?? '';
  return trimmed.length <= 16 && NOTHING.test(trimmed);
}

/** A quick look, for there are millions of such cells. `1.#IND`, which old Windows programs write, is no number. */
function beginsAsNumber(text: string | undefined): boolean {
  if (text === undefined) return false;
  const first = text.charCodeAt(0) === MINUS ? text.charCodeAt(1) : text.charCodeAt(0);
  return first >= ZERO && first <= NINE && !text.includes('#');
}

/** Whether a text is no number whatever it means: "No fix", "invalid", "End of file". */
export function isNoNumber(text: string | undefined): boolean {
  if (beginsAsNumber(text)) return false;
  return isNothing(text) || !/\d/.test(text?.slice(0, 200) ?? '');
}

/** `1.234,5` and `62,0` as spreadsheets of many countries write them. */
export function withPoint(text: string): string {
  return /^\s*[-+]?\d+,\d*\s*$/.test(text) ? text.replace(',', '.') : text;
}

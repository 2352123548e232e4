const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number as files write it; NaN for everything else, also for what JavaScript takes for one: '', '0x10', ' '. */
export function numberOf(text: string | undefined): number {
  const trimmed = text?.trim() ?? '';
  return trimmed.length <= 64 && NUMBER.test(trimmed) ? Number(trimmed) : NaN;
}

/** What programs write where they have no value. */
const NOTHING = /^(?:|-+|\?+|n\/?a|#n\/?a|nan|null|nil|none|undefined|unknown|void)$/i;

export function isNothing(text: string | undefined): boolean {
  const trimmed = text?.trim() ?? '';
  return trimmed.length <= 16 && NOTHING.test(trimmed);
}

/** `1.234,5` and `62,0` as spreadsheets of many countries write them. */
export function withPoint(text: string): string {
  return /^\s*[-+]?\d+,\d*\s*$/.test(text) ? text.replace(',', '.') : text;
}

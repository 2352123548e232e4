const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A number as files write it; NaN for everything else, also for what JavaScript takes for one: '', '0x10', ' '. */
export function numberOf(text: string | undefined): number {
  const trimmed = text?.trim() ?? '';
  return trimmed.length <= 64 && NUMBER.test(trimmed) ? Number(trimmed) : NaN;
}

/** Milliseconds since 1970 of an ISO 8601 time or of a count of seconds or milliseconds since then. */
export function timeOf(text: string): number | undefined {
  const trimmed = text.trim();
  const number = numberOf(trimmed);
  // As seconds the bigger ones lie beyond the year 5000, as milliseconds the smaller ones in 1973.
  if (number >= 1e8 && number < 1e15) return number < 1e11 ? number * 1000 : number;
  const time = trimmed.length <= 40 && /^\d{4}-/.test(trimmed) ? Date.parse(trimmed) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

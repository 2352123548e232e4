/** A VIN in a text, and where it stands. */
export interface VinInText {
  /** In capitals. */
  vin: string;
  /** Of its first character. */
  start: number;
  /** Behind its last character. */
  end: number;
}

/** Nobody reads what stands farther to the right; a line of a log may have megabytes. */
const LONGEST_LINE = 10_000;
/**
 * 17 characters without I, O, and Q (ISO 3779) that stand alone and end with four digits, as ISO 3779 has it for the
 * last four: enough to tell a VIN from other words and numbers. An own set of letters, since `i` would let in more.
 */
const VIN = /(?<![\p{L}\p{N}_])[0-9A-HJ-NPR-Za-hj-npr-z]{13}[0-9]{4}(?![\p{L}\p{N}_])/gu;

/** The VINs of a line, from left to right. */
export function vinsIn(line: string): VinInText[] {
  return [...line.slice(0, LONGEST_LINE).matchAll(VIN)]
    .filter(([text]) => /[A-Za-z]/.test(text))
    .map(({ 0: text, index }) => ({ vin: text.toUpperCase(), start: index, end: index + text.length }));
}

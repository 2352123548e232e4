import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A unique id of IAM: what it is of, and 17 letters. Source: IAM User Guide, "IAM identifiers". */
export function newId(prefix: 'AROA' | 'ANPA'): string {
  return `${prefix}${Array.from({ length: 17 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('')}`;
}

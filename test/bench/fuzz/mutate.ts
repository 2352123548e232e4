import type { Chance } from './chance.ts';

/** Bigger inputs find nothing that small ones do not, and take longer; sizes have tests of their own. */
const LONGEST = 16_384;

const NUMBERS = [
  '0', '-0', '-1', '1e999', '-1e999', 'NaN', 'Infinity', '1e-400', '9007199254740993', '4294967296', '2147483648',
  '65536', '255', '0x10', '1,5', '00', '.', '+1', '١',
]; // prettier-ignore

/** What every text can have where nobody expects it. */
const SPECIAL = [
  '', ' ', '\0', '\n', '\r\n', '\t', '"', "'", '<', '>', '&', '{', '}', '[', ']', ',', ';', ':', '\\', '/', '%', '..',
  '\u001b[31m', '\u202e', '\ufeff', '\ud800', '😀', '__proto__', 'constructor', 'toString', 'null', 'true', '{}', '[]',
  '%00', '%2F', '%', '//', '../../../../etc/passwd', '$(id)', '{0}', '{name}', '\u2028',
]; // prettier-ignore

const BYTES = [0x00, 0x01, 0x0a, 0x20, 0x22, 0x7f, 0x80, 0xc0, 0xed, 0xfe, 0xff];

type Step = (input: Buffer, chance: Chance, others: Sources) => Buffer;

export interface Sources {
  corpus: readonly Uint8Array[];
  words: readonly string[];
}

const cut = (input: Buffer, from: number, to: number, between: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, from), between, input.subarray(to)]);

function span(input: Buffer, chance: Chance, most = 64): [from: number, to: number] {
  const from = chance.below(input.length + 1);
  return [from, Math.min(input.length, from + chance.below(most))];
}

/** Where a number, a word or a quoted text stands. */
function token(input: Buffer, chance: Chance): [from: number, to: number] {
  const text = input.toString('latin1');
  const near = chance.below(input.length + 1);
  const pattern = /-?\d[\d.eE+-]*|"[^"\n]{0,200}"|[A-Za-z_][\w-]*/g;
  pattern.lastIndex = near;
  const found = pattern.exec(text) ?? /-?\d[\d.eE+-]*|\w+/.exec(text);
  return found === null ? [near, near] : [found.index, found.index + found[0].length];
}

const STEPS: readonly Step[] = [
  // One bit, one byte.
  (input, chance) => {
    const copy = Buffer.from(input);
    const at = chance.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
    return copy;
  },
  (input, chance) => {
    const copy = Buffer.from(input);
    copy[chance.below(copy.length)] = chance.oneOf(BYTES);
    return copy;
  },
  // Left out, twice, in another place.
  (input, chance) => cut(input, ...span(input, chance), Buffer.alloc(0)),
  (input, chance) => {
    const [from, to] = span(input, chance, 256);
    return cut(input, to, to, input.subarray(from, to));
  },
  (input, chance) => {
    const [from, to] = span(input, chance);
    const [at] = span(input, chance, 1);
    return cut(input, at, at, input.subarray(from, to));
  },
  (input, chance) => input.subarray(0, chance.below(input.length)),
  // Words of the language, and of none.
  (input, chance, { words }) => {
    const [at] = span(input, chance, 1);
    return cut(input, at, at, Buffer.from(chance.oneOf(words.length > 0 ? words : SPECIAL)));
  },
  (input, chance) => cut(input, ...span(input, chance, 4), Buffer.from(chance.oneOf(SPECIAL))),
  (input, chance) => cut(input, ...token(input, chance), Buffer.from(chance.oneOf(NUMBERS))),
  (input, chance, { words }) =>
    cut(input, ...token(input, chance), Buffer.from(chance.oneOf([...SPECIAL, ...words]))),
  // Again and again.
  (input, chance) => {
    const [from, to] = span(input, chance, 32);
    const times = 2 ** chance.below(9);
    return cut(input, to, to, Buffer.concat(Array<Buffer>(times).fill(input.subarray(from, to))));
  },
  (input, chance) => {
    const [open, close] = chance.oneOf([
      ['[', ']'],
      ['{"a":', '}'],
      ['<a>', '</a>'],
      ['(', ')'],
      ['{"kind":"capital","of":', '}'],
    ]);
    const deep = 2 ** chance.below(12);
    const [from, to] = token(input, chance);
    const inside = chance.below(2) === 0 ? input.subarray(from, to) : Buffer.alloc(0);
    return cut(
      input,
      from,
      to,
      Buffer.concat([Buffer.from(open.repeat(deep)), inside, Buffer.from(close.repeat(deep))]),
    );
  },
  // Half of this, half of another.
  (input, chance, { corpus }) => {
    const other = Buffer.from(chance.oneOf(corpus));
    const [from, to] = span(other, chance, other.length + 1);
    return cut(input, ...span(input, chance, input.length + 1), other.subarray(from, to));
  },
];

/** Another input, made from one of those that are known. */
export function mutated(chance: Chance, sources: Sources): Uint8Array {
  let input = Buffer.from(chance.oneOf(sources.corpus));
  let steps = 1 + chance.below(4);
  while (steps-- > 0) {
    if (input.length === 0) input = Buffer.from(chance.oneOf(SPECIAL));
    if (input.length > 0) input = Buffer.from(chance.oneOf(STEPS)(input, chance, sources));
  }
  return input.subarray(0, LONGEST);
}

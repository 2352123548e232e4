/**
 * Stateless pseudo-randomness: a number in [0, 1) that depends only on the arguments, so that a drive can be planned in
 * any order, can jump, and can be repeated. Mixed with the finalizer of MurmurHash3 (Austin Appleby,
 * public domain).
 */
export function chance(seed: number, ...keys: readonly number[]): number {
  let hash = mix(0x9e3779b9, seed);
  // Seeds above 32 bits, such as times, differ in their upper half too.
  hash = mix(hash, Math.floor(seed / 2 ** 32));
  for (const number of keys) hash = mix(hash, number);
  return hash / 2 ** 32;
}

function mix(hash: number, value: number): number {
  let h = (hash + Math.imul(value | 0, 0xcc9e2d51) + 0x7f4a7c15) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

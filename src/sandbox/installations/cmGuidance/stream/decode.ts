import { gunzipSync } from 'node:zlib';
import { isObject, type Json, nestsDeeperThan, parseJson } from '../../../kit/json.ts';

/** What a message of a device is at most, unpacked. */
const LARGEST = 1024 * 1024;
const DEEPEST = 20;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A message as the first app of the stream reads it, or why it drops it. */
export type Decoded = { readonly message: Json } | { readonly problem: string };

/**
 * Lenient, as the original: base64 of gzip, base64 alone, or the text as it is. What does not hold `"vehicleId"` is
 * dropped.
 */
export function decode(payload: Buffer): Decoded {
  const text = unpacked(payload.toString('utf8'));
  if (text === undefined) return { problem: 'it is too large' };
  if (!text.includes('"vehicleId"')) return { problem: 'it has no "vehicleId"' };
  const message = parseJson(text);
  if (!isObject(message) || nestsDeeperThan(message, DEEPEST)) return { problem: 'it is no JSON object' };
  return { message };
}

function unpacked(text: string): string | undefined {
  if (!BASE64.test(text) || text.length % 4 === 1) return text;
  const bytes = Buffer.from(text, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST }).toString('utf8');
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return isTooLarge ? undefined : bytes.toString('utf8');
  }
}

import { crc32, gunzipSync } from 'node:zlib';

/** Of a message that is read: AWS IoT takes 128 KB. */
const MOST_BYTES = 1024 * 1024;
/** A stored block holds no more (RFC 1951, section 3.2.4). */
const MOST_STORED = 0xffff;

/**
 * Base64 of gzip, which the first processor of the stream expects. The block is stored, not compressed: a message is far
 * below the 5 KB that AWS IoT meters by, and compressing takes more of the processor than everything else of it.
 * Source: RFC 1952; the stream's decoder.
 */
export function wrap(text: string): Buffer {
  const data = Buffer.from(text, 'utf8');
  if (data.length > MOST_STORED) throw new RangeError(`a message of ${data.length} bytes`);
  const gzip = Buffer.alloc(10 + 5 + data.length + 8);
  // Magic number, deflate, no flags, no time, no hints, unknown system.
  gzip.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
  // The last block, stored; its length, and that again inverted.
  gzip[10] = 1;
  gzip.writeUInt16LE(data.length, 11);
  gzip.writeUInt16LE(~data.length & 0xffff, 13);
  data.copy(gzip, 15);
  gzip.writeUInt32LE(crc32(data), 15 + data.length);
  gzip.writeUInt32LE(data.length, 19 + data.length);
  return Buffer.from(gzip.toString('base64'), 'latin1');
}

/** What the stream would read: base64 of gzip, base64 of anything, or the text as it is. Undefined if it cannot be read. */
export function unwrap(payload: Uint8Array): string | undefined {
  const text = Buffer.from(payload).toString('utf8');
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return text;
  const bytes = Buffer.from(text, 'base64');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}

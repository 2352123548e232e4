import { isUtf8 } from 'node:buffer';
import { REASON } from './reasonCodes.ts';

/** What is wrong with a packet. `code` is the reason code that a client of MQTT 5 is told. */
export class PacketProblem extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const malformed = (message: string): PacketProblem => new PacketProblem(REASON.malformed, message);
export const protocolError = (message: string): PacketProblem =>
  new PacketProblem(REASON.protocolError, message);

/** Reads the fields of one packet in their order. Throws PacketProblem when one does not fit. */
export class PacketReader {
  #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(what: string): number {
    return this.#take(1, what).readUInt8();
  }

  uint16(what: string): number {
    return this.#take(2, what).readUInt16BE();
  }

  uint32(what: string): number {
    return this.#take(4, what).readUInt32BE();
  }

  /** A variable byte integer, which must not be longer than it needs to be (MQTT 5, section 1.5.5). */
  variable(what: string): number {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = this.byte(what);
      value += (byte & 0x7f) * 128 ** index;
      if ((byte & 0x80) !== 0) continue;
      if (index > 0 && byte === 0) break;
      return value;
    }
    throw malformed(`${what} is not a variable byte integer`);
  }

  binary(what: string): Buffer {
    return this.#take(this.uint16(what), what);
  }

  /** Well-formed UTF-8 without U+0000 (MQTT 3.1.1, section 1.5.3; MQTT 5, section 1.5.4). */
  text(what: string): string {
    const bytes = this.binary(what);
    if (!isUtf8(bytes)) throw malformed(`${what} is not well-formed UTF-8`);
    if (bytes.includes(0)) throw malformed(`${what} contains U+0000`);
    return bytes.toString();
  }

  /** The next bytes, to be read on their own. */
  part(length: number, what: string): PacketReader {
    return new PacketReader(this.#take(length, what));
  }

  #take(length: number, what: string): Buffer {
    if (length > this.left) throw malformed(`${what} is cut short`);
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }
}

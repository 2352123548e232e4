/** AWS IoT takes payloads of 128 KB at most; what is longer comes from something else. */
export const MOST_PACKET_BYTES = 256 * 1024;

/**
 * Looks at the lengths of MQTT packets as they arrive, so that a peer that announces a huge one is left before it fills
 * the memory. Source: MQTT 3.1.1, 2.2.3 "Remaining Length".
 */
export class PacketLengths {
  /** Bytes of the current packet that are still to come. */
  #left = 0;
  /** Of the length, while it is read; -1 before the first byte of a packet. */
  #shift = -1;
  #length = 0;

  /** False as soon as a packet is too long, or its length is none. */
  accepts(chunk: Uint8Array): boolean {
    for (let i = 0; i < chunk.length;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - i);
        this.#left -= taken;
        i += taken;
        continue;
      }
      const byte = chunk[i++] ?? 0;
      if (this.#shift < 0) {
        this.#shift = 0;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if (this.#length > MOST_PACKET_BYTES) return false;
      if ((byte & 0x80) !== 0) {
        if (this.#shift > 21) return false;
        continue;
      }
      this.#left = this.#length;
      this.#shift = -1;
    }
    return true;
  }
}

import { parser as createParser, type Packet } from 'mqtt-packet';

/** Cuts a byte stream into MQTT packets. Throws nothing; what cannot be read is told once through `broken`. */
export interface Frames {
  push(chunk: Buffer): void;
}

export interface FramesOptions {
  /** Refuses a packet as soon as its length is known, so that nothing is buffered for it. */
  maxBytes: number;
  packet: (packet: Packet) => void;
  broken: (why: string) => void;
}

const LONGEST_HEADER = 5;

export function createFrames(options: FramesOptions): Frames {
  let waiting: Buffer[] = [];
  let size = 0;
  /** Bytes of the packet under way, once its header is read. */
  let wanted = 0;
  let dead = false;

  const fail = (why: string) => {
    if (dead) return;
    dead = true;
    waiting = [];
    options.broken(why);
  };

  const parser = createParser({ protocolVersion: 4 });
  parser.on('packet', (packet) => {
    if (!dead) options.packet(packet);
  });
  parser.on('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error)));

  function nextFrame(): Buffer | undefined {
    if (wanted === 0) {
      const length = packetLength(waiting);
      if (length === 'malformed') fail('Malformed packet length');
      if (typeof length !== 'number') return undefined;
      if (length > options.maxBytes) {
        fail(`Packet of ${length} bytes is too large`);
        return undefined;
      }
      wanted = length;
    }
    if (size < wanted) return undefined;
    const all = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
    if (all === undefined) return undefined;
    const frame = all.subarray(0, wanted);
    waiting = size === wanted ? [] : [all.subarray(wanted)];
    size -= wanted;
    wanted = 0;
    return frame;
  }

  return {
    push(chunk) {
      if (dead) return;
      waiting.push(chunk);
      size += chunk.length;
      for (let frame = nextFrame(); frame !== undefined; frame = nextFrame()) {
        try {
          // The parser answers bytes it could not use: a packet whose inner lengths do not add up.
          if (parser.parse(frame) > 0) fail('Malformed packet');
        } catch (error) {
          fail(error instanceof Error ? error.message : String(error));
        }
      }
    },
  };
}

/** Length of the first packet with its header, undefined while the header is incomplete. */
function packetLength(chunks: readonly Buffer[]): number | 'malformed' | undefined {
  const [first] = chunks;
  const head = first !== undefined && first.length >= LONGEST_HEADER ? first : Buffer.concat(chunks);
  let remaining = 0;
  for (let index = 1; index < LONGEST_HEADER; index++) {
    const byte = head[index];
    if (byte === undefined) return undefined;
    remaining += (byte & 0x7f) * 128 ** (index - 1);
    if ((byte & 0x80) === 0) return 1 + index + remaining;
  }
  return 'malformed';
}

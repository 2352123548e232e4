import { parser as createParser, type Packet } from 'mqtt-packet';
import { checkPacket, type CheckedPacket, type ProtocolVersion } from './packetCheck.ts';
import { malformed, PacketProblem } from './packetReader.ts';
import type { UserProperties } from './packetProperties.ts';
import { REASON } from './reasonCodes.ts';

/** Splits a byte stream into MQTT packets. Never throws; the first unreadable packet is reported through `broken`. */
export interface Frames {
  push(chunk: Buffer): void;
}

export interface FramesOptions {
  /** A larger packet is refused as soon as its length is known, so that nothing is buffered for it. */
  maxBytes: number;
  packet: (packet: Packet) => void;
  broken: (why: string, problem: PacketProblem) => void;
}

const LONGEST_HEADER = 5;

export function createFrames(options: FramesOptions): Frames {
  let waiting: Buffer[] = [];
  let size = 0;
  /** The length of the current packet, once its header has been read. */
  let wanted = 0;
  let dead = false;
  const isDead = (): boolean => dead;
  /** The version that CONNECT named. */
  let version: ProtocolVersion | undefined;
  let checked: CheckedPacket | undefined;

  const fail = (error: unknown) => {
    if (dead) return;
    dead = true;
    waiting = [];
    const problem =
      error instanceof PacketProblem
        ? error
        : malformed(error instanceof Error ? error.message : String(error));
    options.broken(problem.message, problem);
  };

  const parser = createParser({ protocolVersion: 4 });
  parser.on('packet', (packet) => {
    if (dead) return;
    if (checked !== undefined) keepUserProperties(packet, checked);
    options.packet(packet);
  });
  parser.on('error', fail);

  function nextFrame(): Buffer | undefined {
    if (wanted === 0) {
      const length = packetLength(waiting);
      if (length === 'malformed') fail(malformed('Malformed packet length'));
      if (typeof length !== 'number') return undefined;
      if (length > options.maxBytes) {
        fail(new PacketProblem(REASON.packetTooLarge, `Packet of ${length} bytes is too large`));
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
          checked = checkPacket(frame, version);
          version ??= isConnect(frame) ? checked.version : undefined;
          // The parser returns the number of unused bytes. Some are left when the packet's inner lengths do not add up.
          if (parser.parse(frame) > 0) fail(malformed('Malformed packet'));
        } catch (error) {
          fail(error);
        }
        if (isDead()) return;
      }
    },
  };
}

const isConnect = (frame: Buffer): boolean => frame[0] === 0x10;

/**
 * `mqtt-packet` groups user properties by name and forgets empty ones. MQTT 5 wants their order kept; an array of
 * objects with one property each is written in its order.
 */
function keepUserProperties(packet: Packet, { userProperties, willUserProperties }: CheckedPacket): void {
  const ordered = (pairs: UserProperties) =>
    pairs.map(([name, value]) => Object.fromEntries([[name, value]])) as never;
  if (userProperties.length > 0 && 'properties' in packet) {
    packet.properties = { ...packet.properties, userProperties: ordered(userProperties) };
  }
  if (willUserProperties.length > 0 && packet.cmd === 'connect' && packet.will?.properties !== undefined) {
    packet.will.properties = { ...packet.will.properties, userProperties: ordered(willUserProperties) };
  }
}

/** The length of the first packet including its header; undefined while the header is incomplete. */
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

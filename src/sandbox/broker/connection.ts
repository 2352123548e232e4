import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { generate, type IDisconnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { Bucket } from '../kit/bucket.ts';
import { contained } from '../kit/contained.ts';
import { defined } from '../kit/defined.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Connection, Core, Established } from './core.ts';
import { createFrames, type Frames } from './frames.ts';
import { handleConnect, refuseVersion } from './connecting.ts';
import { isHttp } from './listener.ts';
import { UnknownProtocolLevel, type ProtocolVersion } from './packetCheck.ts';
import { propertiesToSend } from './messageProperties.ts';
import type { DisconnectReason } from './presence.ts';
import { publishWill } from './publishing.ts';
import { DISCONNECT_CODES, REASON } from './reasonCodes.ts';
import { receive } from './receiving.ts';
import type { Message } from './session.ts';

/** A client that has not sent CONNECT by then is disconnected. */
const CONNECT_WITHIN_MS = 10_000;
/** Time for the last bytes to leave before the stream is destroyed. */
const FLUSH_MS = 1000;
/** With this much unread output, a client gets no more QoS 0 messages. */
const MOST_UNREAD_BYTES = 1024 * 1024;
/** How many packets may wait while the answer to CONNECT is delayed. */
const MOST_HELD = 100;

/**
 * A client on a byte stream. Packets are handled synchronously in the order they arrive, so that a publish counts
 * even when DISCONNECT follows at once.
 */
export class StreamConnection implements Connection {
  readonly core: Core;
  readonly principal: Principal;
  readonly publishes: Bucket;
  version: ProtocolVersion = 4;
  clientId = '';
  connecting = false;
  #established: Established | undefined;
  #stream: Duplex;
  #frames: Frames;
  #bytes: Bucket;
  #http: ((stream: Duplex) => void) | undefined;
  #held: Packet[] = [];
  #lastHeard: number;
  #ended = false;

  /** @param http takes the stream over when its first bytes are those of an HTTP request */
  constructor(core: Core, stream: Duplex, principal: Principal, http?: (stream: Duplex) => void) {
    this.#http = http;
    this.core = core;
    this.principal = principal;
    this.#stream = stream;
    const { publishes, bytes } = core.quotas.ofConnection();
    this.publishes = publishes;
    this.#bytes = bytes;
    this.#lastHeard = core.uptime();
    this.#frames = createFrames({
      maxBytes: core.quotas.maxPacketBytes,
      packet: (packet) => this.#receive(packet),
      broken: (why, problem) => {
        // MQTT 3.1.1, section 3.1.2.2: the one refusal that every version of MQTT can read.
        if (problem instanceof UnknownProtocolLevel) refuseVersion(this, why);
        else this.#refuse(why, problem.code);
      },
    });
  }

  start(): void {
    this.core.clients.add(this);
    this.#stream.on('error', this.#lost).on('end', this.#lost).on('close', this.#lost);
    this.#stream.on('data', this.#data);
  }

  readonly #lost = (): void => this.contain(() => this.drop('CONNECTION_LOST'));

  readonly #data = (chunk: Buffer): void =>
    this.contain(() => {
      const http = this.#http;
      this.#http = undefined;
      if (http !== undefined && isHttp(chunk)) this.#handOver(http, chunk);
      else this.#read(chunk);
    });

  /** It is no client of MQTT: somebody else reads on, from the first byte. */
  #handOver(http: (stream: Duplex) => void, chunk: Buffer): void {
    this.#ended = true;
    this.core.clients.remove(this);
    const stream = this.#stream;
    stream.off('error', this.#lost).off('end', this.#lost).off('close', this.#lost).off('data', this.#data);
    stream.pause();
    stream.unshift(chunk);
    http(stream);
  }

  contain(work: () => unknown): void {
    const end = (): void => this.drop('SERVER_ERROR', 'the sandbox failed on it');
    contained(this.core.context.log, 'MQTT', end, work);
  }

  later(ms: number, work: () => unknown): void {
    setTimeout(() => this.contain(work), ms).unref();
  }

  get open(): boolean {
    return !this.#ended;
  }

  get established(): Established | undefined {
    return this.#established;
  }

  sockets(): ReturnType<Connection['sockets']> {
    const { remotePort, localAddress, localPort } = this.#stream as Partial<Socket>;
    const { sourceIp } = this.principal;
    return {
      sourceIp,
      ...defined({ sourcePort: remotePort, targetIp: localAddress, targetPort: localPort }),
    };
  }

  get receiveMaximum(): number {
    return this.#established?.receiveMaximum ?? 0;
  }

  send(packet: Packet): void {
    if (this.#ended || !this.#stream.writable) return;
    // Others cause it, too: whoever publishes must not suffer for a subscriber.
    this.contain(() => this.#write(this.#bytesOf(packet)));
  }

  drop(reason: DisconnectReason, why?: string, code: number = DISCONNECT_CODES[reason]): void {
    const farewell = this.version === 5 && this.#established !== undefined && code !== REASON.success;
    if (!this.#end(reason, why)) return;
    if (farewell && this.#stream.writable) this.#stream.write(this.#farewell(code, why));
    if (farewell) this.#close();
    else this.#stream.destroy();
  }

  cut(): void {
    if (this.#end('SERVER_ERROR', 'injected fault')) this.#stream.destroy();
  }

  finish(reason: DisconnectReason, why?: string): void {
    if (this.#end(reason, why)) this.#close();
  }

  tick(): void {
    const silent = this.core.uptime() - this.#lastHeard;
    if (this.#established === undefined) {
      if (silent > CONNECT_WITHIN_MS && !this.connecting) this.drop('CLIENT_ERROR', 'it sent no CONNECT');
    } else if (silent > this.#established.keepAliveMs * 1.5) {
      this.drop('MQTT_KEEP_ALIVE_TIMEOUT');
    } else {
      const { session } = this.#established;
      session.resume(this.core.quotas.storedPerSecond);
      this.core.sessions.resumeShared(session, this.core.quotas.sharedPerSecond);
    }
  }

  establish(established: Established): void {
    this.connecting = false;
    this.#established = established;
    this.#lastHeard = this.core.uptime();
  }

  releaseHeld(): void {
    for (const packet of this.#held.splice(0)) this.#receive(packet);
  }

  mayDeliver(message: Message): boolean {
    let may = false;
    this.contain(() => {
      const fresh = message.expiresAt === undefined || this.core.context.clock.now() < message.expiresAt;
      may = fresh && (this.#established?.authorizer.receive(message.topic) ?? false) && this.publishes.take();
    });
    return may;
  }

  write(message: Message, messageId: number | undefined, duplicate: boolean): boolean {
    const established = this.#established;
    if (this.#ended || !this.#stream.writable || established === undefined) return true;
    if (messageId === undefined && this.#stream.writableLength > MOST_UNREAD_BYTES) return true;
    let sent = true;
    this.contain(() => {
      const { topic, payload, retain, qos } = message;
      const packet: IPublishPacket = { cmd: 'publish', topic, payload, retain, qos, dup: duplicate };
      if (messageId !== undefined) packet.messageId = messageId;
      if (this.version === 4) {
        this.#write(this.#bytesOf(packet));
        return;
      }
      const { forget, ...shortened } = established.aliases.shorten(topic);
      const bytes = this.#bytesOf({
        ...packet,
        topic: shortened.topic,
        properties: propertiesToSend(message, shortened.topicAlias, this.core.context.clock.now()),
      });
      // "The Server MUST NOT send packets exceeding Maximum Packet Size to the Client" (MQTT 5, section 3.1.2.11.4).
      sent = bytes.length <= established.mostPacketBytes;
      if (sent) this.#write(bytes);
      else forget();
    });
    return sent;
  }

  #bytesOf(packet: Packet): Buffer {
    return generate(packet, { protocolVersion: this.version });
  }

  #write(bytes: Buffer): void {
    this.#bytes.owe(bytes.length);
    this.#stream.write(bytes);
  }

  /** DISCONNECT with its reason in words, unless that is too long for the client. */
  #farewell(reasonCode: number, why: string | undefined): Buffer {
    const packet: IDisconnectPacket = { cmd: 'disconnect', reasonCode };
    if (why === undefined) return this.#bytesOf(packet);
    const bytes = this.#bytesOf({ ...packet, properties: { reasonString: why } });
    const most = this.#established?.mostPacketBytes ?? 0;
    return bytes.length <= most ? bytes : this.#bytesOf(packet);
  }

  #close(): void {
    const timer = setTimeout(() => this.#stream.destroy(), FLUSH_MS);
    this.#stream.end(() => {
      clearTimeout(timer);
      this.#stream.destroy();
    });
  }

  #read(chunk: Buffer): void {
    if (this.#ended) return;
    const wait = this.#bytes.owe(chunk.length);
    // Answers to packets that arrived in one chunk are sent in one chunk.
    this.#stream.cork();
    this.#frames.push(chunk);
    this.#stream.uncork();
    if (wait <= 0) return;
    // "Data that exceeds the maximum throughput is delayed in processing."
    this.#stream.pause();
    this.later(wait, () => this.#stream.resume());
  }

  #receive(packet: Packet): void {
    if (this.#ended) return;
    const established = this.#established;
    if (packet.cmd === 'connect') {
      if (established !== undefined || this.connecting) this.#refuse('it sent CONNECT twice');
      else {
        this.version = packet.protocolVersion === 5 ? 5 : 4;
        handleConnect(this, packet);
      }
      return;
    }
    if (established === undefined) {
      if (this.connecting && this.#held.length < MOST_HELD) this.#held.push(packet);
      else this.#refuse(`it sent ${packet.cmd} before CONNECT`);
      return;
    }
    if (receive(this, established, packet)) this.#lastHeard = this.core.uptime();
  }

  #refuse(why: string, code: number = REASON.protocolError): void {
    this.drop('CLIENT_ERROR', why, code);
  }

  /** Returns false when the connection had already ended. */
  #end(reason: DisconnectReason, why: string | undefined): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#held = [];
    const { core } = this;
    const established = this.#established;
    core.clients.remove(this);
    const name = this.clientId === '' ? 'A client' : `Client ${JSON.stringify(this.clientId)}`;
    const level = why === undefined ? 'debug' : 'info';
    core.context.log(level, `${name} is disconnected: ${reason}${why === undefined ? '' : ` (${why})`}`);
    if (established === undefined) return true;
    core.sessions.close(established.session, reason);
    const { will } = established;
    if (will !== undefined) this.contain(() => publishWill(this, established, will));
    core.presence.disconnected(established, reason, established.session.expiryMs);
    return true;
  }
}

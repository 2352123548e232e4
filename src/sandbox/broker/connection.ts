import type { Duplex } from 'node:stream';
import { generate, type Packet } from 'mqtt-packet';
import type { Bucket } from '../kit/bucket.ts';
import { contained } from '../kit/contained.ts';
import type { Connection, Core, Established } from './core.ts';
import { createFrames, type Frames } from './frames.ts';
import { handleConnect, refuseVersion } from './connecting.ts';
import { UnknownProtocolLevel } from './packetCheck.ts';
import type { DisconnectReason } from './presence.ts';
import type { Principal } from './principal.ts';
import { handlePublish, publishWill } from './publishing.ts';
import type { Message } from './session.ts';
import { handleSubscribe, handleUnsubscribe } from './subscribing.ts';

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
  clientId = '';
  connecting = false;
  #established: Established | undefined;
  #stream: Duplex;
  #frames: Frames;
  #bytes: Bucket;
  #held: Packet[] = [];
  #lastHeard: number;
  #ended = false;

  constructor(core: Core, stream: Duplex, principal: Principal) {
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
        else this.#refuse(why);
      },
    });
  }

  start(): void {
    this.core.clients.add(this);
    const lost = () => this.contain(() => this.drop('CONNECTION_LOST'));
    this.#stream.on('error', lost).on('end', lost).on('close', lost);
    this.#stream.on('data', (chunk: Buffer) => this.contain(() => this.#read(chunk)));
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

  send(packet: Packet): void {
    if (this.#ended || !this.#stream.writable) return;
    // Others cause it, too: whoever publishes must not suffer for a subscriber.
    this.contain(() => {
      const bytes = generate(packet);
      this.#bytes.owe(bytes.length);
      this.#stream.write(bytes);
    });
  }

  drop(reason: DisconnectReason, why?: string): void {
    if (!this.#end(reason, why)) return;
    this.#stream.destroy();
  }

  finish(reason: DisconnectReason, why?: string): void {
    if (!this.#end(reason, why)) return;
    const timer = setTimeout(() => this.#stream.destroy(), FLUSH_MS);
    this.#stream.end(() => {
      clearTimeout(timer);
      this.#stream.destroy();
    });
  }

  tick(): void {
    const silent = this.core.uptime() - this.#lastHeard;
    if (this.#established === undefined) {
      if (silent > CONNECT_WITHIN_MS && !this.connecting) this.drop('CLIENT_ERROR', 'it sent no CONNECT');
    } else if (silent > this.#established.keepAliveMs * 1.5) {
      this.drop('MQTT_KEEP_ALIVE_TIMEOUT');
    } else {
      this.#established.session.resume(this.core.quotas.storedPerSecond);
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

  mayDeliver(topic: string): boolean {
    let may = false;
    this.contain(() => {
      may = (this.#established?.authorizer.receive(topic) ?? false) && this.publishes.take();
    });
    return may;
  }

  write(message: Message, messageId: number | undefined, duplicate: boolean): void {
    if (messageId === undefined && this.#stream.writableLength > MOST_UNREAD_BYTES) return;
    const { topic, payload, retain, qos } = message;
    const packet = { cmd: 'publish' as const, topic, payload, retain, qos, dup: duplicate };
    this.send(messageId === undefined ? packet : { ...packet, messageId });
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
      else handleConnect(this, packet);
      return;
    }
    if (established === undefined) {
      if (this.connecting && this.#held.length < MOST_HELD) this.#held.push(packet);
      else this.#refuse(`it sent ${packet.cmd} before CONNECT`);
      return;
    }
    switch (packet.cmd) {
      case 'publish':
        this.#lastHeard = this.core.uptime();
        handlePublish(this, established, packet);
        return;
      case 'subscribe':
        this.#lastHeard = this.core.uptime();
        handleSubscribe(this, established, packet);
        return;
      case 'puback':
        this.#lastHeard = this.core.uptime();
        established.session.acknowledge(packet.messageId ?? 0);
        return;
      case 'pingreq':
        this.#lastHeard = this.core.uptime();
        this.send({ cmd: 'pingresp' });
        return;
      case 'unsubscribe':
        handleUnsubscribe(this, established, packet);
        return;
      case 'disconnect':
        this.finish('CLIENT_INITIATED_DISCONNECT');
        return;
      default:
        this.#refuse(`it sent ${packet.cmd}`);
    }
  }

  #refuse(why: string): void {
    this.drop('CLIENT_ERROR', why);
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
    core.sessions.close(established.session);
    const { will } = established;
    if (will !== undefined && reason !== 'CLIENT_INITIATED_DISCONNECT')
      this.contain(() => publishWill(this, established, will));
    core.presence.disconnected(established, reason);
    return true;
  }
}

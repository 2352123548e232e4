import { QUOTAS } from './quotas.ts';

/** A message on its way to subscribers. */
export interface Message {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  /** Sent because it was retained, not because it was published just now. */
  retain: boolean;
  /** Only for this connection, because it can contain a private key. Discarded when the connection ends. */
  transient?: boolean;
}

/** The connection a session has at the moment. */
export interface Outlet {
  /** Whether the policy lets the client receive this topic, and the rate limit allows one more message. */
  mayDeliver(topic: string): boolean;
  write(message: Message, messageId: number | undefined, duplicate: boolean): void;
}

/** When this many messages wait, new ones are dropped. AWS has a limit per account instead. */
const MOST_WAITING = 1000;
const HIGHEST_MESSAGE_ID = 0xffff;

/**
 * What outlives a connection: subscriptions and QoS 1 messages not acknowledged yet (AWS IoT Developer Guide,
 * "Using MQTT persistent sessions").
 */
export class Session {
  readonly clientId: string;
  readonly persistent: boolean;
  readonly subscriptions = new Map<string, 0 | 1>();
  /** When the connection ended, by the sandbox's clock. */
  disconnectedAt: number | undefined;
  #outlet: Outlet | undefined;
  #lastMessageId = 0;
  #unacknowledged = new Map<number, Message>();
  /** Messages held back because too many are unacknowledged. */
  #waiting: Message[] = [];
  /** Messages stored while the client was disconnected, sent at a limited rate after it is back. */
  #stored: { message: Message; duplicate: boolean }[] = [];

  constructor(clientId: string, persistent: boolean) {
    this.clientId = clientId;
    this.persistent = persistent;
  }

  get connected(): boolean {
    return this.#outlet !== undefined;
  }

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    this.disconnectedAt = undefined;
  }

  /** When a persistent session is resumed, its unacknowledged messages are sent again first. */
  detach(now: number): void {
    this.#outlet = undefined;
    this.disconnectedAt = now;
    const resent = [...this.#unacknowledged.values()].map((message) => ({ message, duplicate: true }));
    const unsent = this.#waiting.map((message) => ({ message, duplicate: false }));
    this.#stored = [...resent, ...this.#stored, ...unsent].filter(
      ({ message }) => message.transient !== true,
    );
    this.#unacknowledged.clear();
    this.#waiting = [];
  }

  /** Sends up to `count` stored messages. */
  resume(count: number): void {
    for (const { message, duplicate } of this.#stored.splice(0, count)) this.#send(message, duplicate);
  }

  deliver(message: Message): void {
    if (this.#outlet !== undefined) {
      this.#send(message, false);
    } else if (this.persistent && message.qos === 1 && this.#stored.length < MOST_WAITING) {
      this.#stored.push({ message, duplicate: false });
    }
  }

  acknowledge(messageId: number): void {
    if (!this.#unacknowledged.delete(messageId)) return;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#transmit(next, false);
  }

  #send(message: Message, duplicate: boolean): void {
    if (this.#outlet?.mayDeliver(message.topic) !== true) return;
    if (message.qos === 0) {
      this.#outlet.write(message, undefined, false);
    } else if (this.#unacknowledged.size < QUOTAS.unacknowledged) {
      this.#transmit(message, duplicate);
    } else if (this.#waiting.length < MOST_WAITING) {
      this.#waiting.push(message);
    }
  }

  #transmit(message: Message, duplicate: boolean): void {
    do {
      this.#lastMessageId = (this.#lastMessageId % HIGHEST_MESSAGE_ID) + 1;
    } while (this.#unacknowledged.has(this.#lastMessageId));
    this.#unacknowledged.set(this.#lastMessageId, message);
    this.#outlet?.write(message, this.#lastMessageId, duplicate);
  }
}

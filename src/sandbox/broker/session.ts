import type { MessageProperties } from './messageProperties.ts';
import type { ProtocolVersion } from './packetCheck.ts';
import type { DisconnectReason } from './presence.ts';

/** A message on its way to subscribers. */
export interface Message {
  topic: string;
  payload: Buffer;
  qos: 0 | 1;
  /** Sent because it was retained, not because it was published just now. */
  retain: boolean;
  /** Only for this connection, because it can contain a private key. Discarded when the connection ends. */
  transient?: boolean;
  /** Only for subscribers of MQTT 5. */
  properties?: MessageProperties | undefined;
  /** From then on, by the sandbox's clock in milliseconds, it is delivered to nobody. */
  expiresAt?: number | undefined;
}

/** The connection a session has at the moment. */
export interface Outlet {
  /** How many unacknowledged messages the client takes at once. */
  readonly receiveMaximum: number;
  /** Whether the policy and the rate let the client receive this message now, and it has not expired. */
  mayDeliver(message: Message): boolean;
  /** False: it was not sent, because the client takes no packet that large. */
  write(message: Message, messageId: number | undefined, duplicate: boolean): boolean;
}

/** When this many messages wait, new ones are dropped. AWS has a limit per account instead. */
export const MOST_WAITING = 1000;
const HIGHEST_MESSAGE_ID = 0xffff;

interface Pending {
  message: Message;
  /** If it was sent before, the one it had then and keeps. Source: MQTT 3.1.1, 4.4; MQTT 5.0, 4.4. */
  messageId: number | undefined;
}

/**
 * What outlives a connection: subscriptions and QoS 1 messages not acknowledged yet (AWS IoT Developer Guide,
 * "Using MQTT persistent sessions").
 */
export class Session {
  readonly clientId: string;
  readonly version: ProtocolVersion;
  readonly subscriptions = new Map<string, 0 | 1>();
  /** How long it outlives its connection; with 0 it ends together with it. */
  expiryMs: number;
  /** When the connection ended, by the sandbox's clock. */
  disconnectedAt: number | undefined;
  disconnectReason: DisconnectReason | undefined;
  #outlet: Outlet | undefined;
  #lastMessageId = 0;
  #unacknowledged = new Map<number, Message>();
  /** Those of messages that will be sent again. */
  readonly #kept = new Set<number>();
  /** Messages held back because too many are unacknowledged. */
  #waiting: Pending[] = [];
  /** Messages stored while the client was disconnected, sent at a limited rate after it is back. */
  #stored: Pending[] = [];

  constructor(clientId: string, version: ProtocolVersion, expiryMs: number) {
    this.clientId = clientId;
    this.version = version;
    this.expiryMs = expiryMs;
  }

  get persistent(): boolean {
    return this.expiryMs > 0;
  }

  get connected(): boolean {
    return this.#outlet !== undefined;
  }

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    this.disconnectedAt = undefined;
  }

  /** When a persistent session is resumed, its unacknowledged messages are sent again first. */
  detach(now: number, reason: DisconnectReason): void {
    this.#outlet = undefined;
    this.disconnectReason = reason;
    this.disconnectedAt = now;
    const resent = [...this.#unacknowledged].map(([messageId, message]) => ({ message, messageId }));
    this.#stored = [...resent, ...this.#stored, ...this.#waiting].filter(
      ({ message }) => message.transient !== true,
    );
    this.#unacknowledged.clear();
    this.#waiting = [];
    this.#kept.clear();
    for (const { messageId } of this.#stored) if (messageId !== undefined) this.#kept.add(messageId);
  }

  /** Sends up to `count` stored messages. */
  resume(count: number): void {
    for (const pending of this.#stored.splice(0, count)) this.#send(pending);
  }

  deliver(message: Message): void {
    if (this.#outlet !== undefined) {
      this.#send({ message, messageId: undefined });
    } else if (this.persistent && message.qos === 1 && this.#stored.length < MOST_WAITING) {
      this.#stored.push({ message, messageId: undefined });
    }
  }

  acknowledge(messageId: number): void {
    if (!this.#unacknowledged.delete(messageId)) return;
    while (this.#hasRoom()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#transmit(next);
    }
  }

  #hasRoom(): boolean {
    return this.#unacknowledged.size < (this.#outlet?.receiveMaximum ?? 0);
  }

  #send(pending: Pending): void {
    const { message, messageId } = pending;
    if (this.#outlet?.mayDeliver(message) !== true) {
      if (messageId !== undefined) this.#kept.delete(messageId);
      return;
    }
    if (message.qos === 0) this.#outlet.write(message, undefined, false);
    else if (this.#hasRoom()) this.#transmit(pending);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(pending);
  }

  #transmit({ message, messageId }: Pending): void {
    const id = messageId ?? this.#freeId();
    this.#kept.delete(id);
    this.#unacknowledged.set(id, message);
    if (this.#outlet?.write(message, id, messageId !== undefined) === false) this.#unacknowledged.delete(id);
  }

  #freeId(): number {
    do {
      this.#lastMessageId = (this.#lastMessageId % HIGHEST_MESSAGE_ID) + 1;
    } while (this.#unacknowledged.has(this.#lastMessageId) || this.#kept.has(this.#lastMessageId));
    return this.#lastMessageId;
  }
}

import { createBucket, type Bucket } from '../../../core/bucket.ts';
import { CmsError, sentenceOf } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { clockOf, type Timers } from '../../../core/timers.ts';
import type { SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import type { Wire } from '../wire.ts';

export interface OutboxLimits {
  inFlight: number;
  queue: number;
  publishesPerSecond: number;
  ackTimeoutMs: number;
}

export interface OutboxEvents {
  /** Called when a message is sent for the first time. */
  sent(message: SimulatedMessage): void;
  acknowledged(message: SimulatedMessage, ackMs: number): void;
  /** Called when a message is dropped because the queue is full. */
  lost(message: SimulatedMessage): void;
  /** Called when all messages are acknowledged. */
  emptied(): void;
  /** Called when the connection is no longer usable. */
  broken(error: CmsError): void;
}

interface Sent {
  message: SimulatedMessage;
  at: number;
}

/**
 * The outgoing messages of one vehicle: a queue for the time without a connection, and a few in flight. They are sent
 * in the order they were added. On a new connection, sending restarts at the oldest unacknowledged message, so the
 * cloud may see a message twice, but misses none.
 */
export class Outbox {
  readonly #timers: Timers;
  readonly #limits: OutboxLimits;
  readonly #careful: () => boolean;
  readonly #events: OutboxEvents;
  readonly #bucket: Bucket;
  readonly #queue: SimulatedMessage[] = [];
  /** By serial, oldest first. */
  readonly #inFlight = new Map<number, Sent>();
  /** The highest serial that was ever sent. */
  #sentUpTo = 0;
  #resent = 0;
  #wire: Wire | undefined;
  #cancelWake: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #acknowledgedAt = 0;
  #acknowledgements = 0;

  /** @param careful whether only one message may be in flight */
  constructor(timers: Timers, limits: OutboxLimits, careful: () => boolean, events: OutboxEvents) {
    this.#timers = timers;
    this.#limits = limits;
    this.#careful = careful;
    this.#events = events;
    this.#bucket = createPublishBucket(timers, limits.publishesPerSecond);
  }

  get counts() {
    return { unacked: this.#inFlight.size, queued: this.#queue.length, resent: this.#resent };
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0 && this.#inFlight.size === 0;
  }

  /** Acknowledgments on the current connection: how many, and when the last one came (or when it was attached). */
  get acknowledgements(): { count: number; lastAt: number } {
    return { count: this.#acknowledgements, lastAt: this.#acknowledgedAt };
  }

  /** The oldest message that was sent and is queued for resending. */
  get oldestUnacknowledged(): SimulatedMessage | undefined {
    return this.#queue.find(({ serial }) => serial <= this.#sentUpTo);
  }

  add(message: SimulatedMessage): void {
    this.#queue.push(message);
    this.flush();
    while (this.#queue.length > this.#limits.queue) this.#dropOne();
  }

  /** Uses this connection from now on. Queued messages are sent on the next `add` or `flush`. */
  attach(wire: Wire): void {
    this.#wire = wire;
    this.#acknowledgedAt = this.#timers.now();
    this.#acknowledgements = 0;
  }

  /** Stops sending. Messages in flight can still be acknowledged. */
  detach(): void {
    this.#wire = undefined;
    this.stopTimers();
  }

  /** Puts messages in flight back into the queue, for the next connection. */
  requeue(): void {
    this.#queue.unshift(...[...this.#inFlight.values()].map(({ message }) => message));
    this.#inFlight.clear();
  }

  /** Discards all unacknowledged messages and returns their number. */
  clear(): number {
    const left = this.#queue.length + this.#inFlight.size;
    this.#queue.length = 0;
    this.#inFlight.clear();
    return left;
  }

  /** Sends as many messages as the limits allow. */
  flush(): void {
    const wire = this.#wire;
    if (wire === undefined || wire.lost.aborted || this.#cancelWake !== undefined) return;
    const window = this.#careful() ? 1 : this.#limits.inFlight;
    while (this.#inFlight.size < window) {
      const message = this.#queue[0];
      if (message === undefined) return;
      const wait = this.#bucket.take();
      if (wait > 0) {
        this.#cancelWake = this.#timers.after(wait, () => {
          this.#cancelWake = undefined;
          this.flush();
        });
        return;
      }
      this.#queue.shift();
      this.#publish(wire, message);
    }
  }

  stopTimers(): void {
    this.#cancelWake?.();
    this.#cancelWatch?.();
    this.#cancelWake = this.#cancelWatch = undefined;
  }

  #publish(wire: Wire, message: SimulatedMessage): void {
    const sent: Sent = { message, at: this.#timers.now() };
    this.#inFlight.set(message.serial, sent);
    if (message.serial > this.#sentUpTo) {
      this.#sentUpTo = message.serial;
      this.#events.sent(message);
    } else {
      this.#resent += 1;
    }
    wire.publish(message.topic, message.payload).then(
      () => this.#acknowledge(sent),
      (error: unknown) => {
        if (this.#wire === wire) this.#events.broken(connectionBroken(sentenceOf(error)));
      },
    );
    this.#watch();
  }

  #acknowledge(sent: Sent): void {
    const { serial } = sent.message;
    // Ignore the acknowledgment of an earlier attempt, because the message is in flight again.
    if (this.#inFlight.get(serial) !== sent) return;
    this.#inFlight.delete(serial);
    this.#acknowledgedAt = this.#timers.now();
    this.#acknowledgements += 1;
    this.#events.acknowledged(sent.message, this.#acknowledgedAt - sent.at);
    this.flush();
    if (this.isEmpty) this.#events.emptied();
  }

  /** Starts the timeout of the oldest message in flight. */
  #watch(): void {
    const [oldest] = this.#inFlight.values();
    if (oldest === undefined || this.#cancelWatch !== undefined) return;
    const { ackTimeoutMs } = this.#limits;
    const left = oldest.at + ackTimeoutMs - this.#timers.now();
    this.#cancelWatch = this.#timers.after(Math.max(1, left), () => {
      this.#cancelWatch = undefined;
      const [first] = this.#inFlight.values();
      if (first !== undefined && this.#timers.now() - first.at >= ackTimeoutMs) {
        const seconds = ackTimeoutMs / 1000;
        this.#events.broken(connectionBroken(l10n.t('no acknowledgement within {seconds} s', { seconds })));
      } else {
        this.#watch();
      }
    });
  }

  /** Drops the oldest sample. Unique messages (trips, trouble codes) are kept as long as there are samples to drop. */
  #dropOne(): void {
    const at = Math.max(
      0,
      this.#queue.findIndex(({ type }) => type === 'sample'),
    );
    for (const message of this.#queue.splice(at, 1)) this.#events.lost(message);
  }
}

/** Allows at most `perSecond` messages in any second: up to a tenth in a burst, the others evenly spaced. */
export function createPublishBucket(timers: Timers, perSecond: number): Bucket {
  const burst = Math.max(1, Math.floor(perSecond / 10));
  // Burst and rate together must not exceed `perSecond` in any second.
  return createBucket(clockOf(timers), { perSecond: Math.max(perSecond - burst, perSecond / 2), burst });
}

function connectionBroken(why: Message): CmsError {
  return new CmsError('MQTT_CONNECTION_LOST', l10n.t('The connection was abandoned: {why}.', { why }));
}

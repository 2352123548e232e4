import { cancelled, CmsError, isCancelled, isCmsError, messageOf, sentenceOf } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import type { Random } from '../../../core/work.ts';
import type { SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import { pause, type Timers } from '../../../core/timers.ts';
import type { Wire } from '../wire.ts';
import { STABLE_MS, type Diagnosis, type Drop } from './diagnosis.ts';
import { backOff, createBucket, type Bucket } from './pace.ts';
import type { Ramp } from './ramp.ts';

export interface LinkPorts {
  timers: Timers;
  random: Random;
  ramp: Ramp;
  diagnosis: Diagnosis;
  /** Throws CmsError. */
  connect(signal: AbortSignal): Promise<Wire>;
}

export interface LinkLimits {
  inFlight: number;
  queue: number;
  publishesPerSecond: number;
  ackTimeoutMs: number;
}

export interface LinkEvents {
  state(state: 'connecting' | 'online' | 'offline', why?: CmsError): void;
  /** Sent for the first time. */
  sent(message: SimulatedMessage): void;
  acknowledged(message: SimulatedMessage, ackMs: number): void;
  /** Given up because the queue is full. */
  lost(message: SimulatedMessage): void;
  /** The link has ended by itself: waiting would not help. */
  failed(error: CmsError): void;
}

interface Sent {
  message: SimulatedMessage;
  at: number;
}

/**
 * One vehicle's connection, kept open: QoS 1 with few messages in flight, a queue for the time it is down, and
 * reconnecting with jittered back-off. Messages are sent in the order they were given, and after a drop again from the
 * oldest unacknowledged one: the cloud may see a message twice, but none of them missing. A missing acknowledgement
 * ends the connection, because MQTT sends again on a new connection only (MQTT 3.1.1, section 4.4).
 */
export class Link {
  readonly #ports: LinkPorts;
  readonly #limits: LinkLimits;
  readonly #events: LinkEvents;
  readonly #bucket: Bucket;
  readonly #ending = new AbortController();
  readonly #queue: SimulatedMessage[] = [];
  /** By serial, oldest first. */
  readonly #inFlight = new Map<number, Sent>();
  /** The highest serial that was ever sent. */
  #sentUpTo = 0;
  #resent = 0;
  #connects = 0;
  #wire: Wire | undefined;
  #giveUp: ((error: CmsError) => void) | undefined;
  #cancelWake: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #whenIdle: (() => void)[] = [];
  /** Of the open connection. */
  #openedAt = 0;
  #acknowledgedAt = 0;
  #acknowledgements = 0;

  constructor(ports: LinkPorts, limits: LinkLimits, events: LinkEvents) {
    this.#ports = ports;
    this.#limits = limits;
    this.#events = events;
    this.#bucket = createBucket(ports.timers, limits.publishesPerSecond);
  }

  get counts() {
    return {
      unacked: this.#inFlight.size,
      queued: this.#queue.length,
      resent: this.#resent,
      connects: this.#connects,
    };
  }

  /** Since when it is open; undefined while it is not. */
  get openSince(): number | undefined {
    return this.#wire === undefined ? undefined : this.#openedAt;
  }

  start(): void {
    this.#run().catch((error: unknown) => {
      if (!isCancelled(error)) this.#fail(asCmsError(error));
    });
  }

  send(message: SimulatedMessage): void {
    if (this.#ending.signal.aborted) {
      this.#events.lost(message);
      return;
    }
    this.#queue.push(message);
    this.#pump();
    while (this.#queue.length > this.#limits.queue) this.#giveUpOne();
  }

  /** Resolves when everything is acknowledged, or the link has ended. */
  idle(): Promise<void> {
    if (this.#ending.signal.aborted || this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends it at once. What is not acknowledged by then is lost; it is returned. */
  async close(): Promise<number> {
    this.#finish();
    const wire = this.#wire;
    this.#wire = undefined;
    await wire?.close();
    const left = this.#queue.length + this.#inFlight.size;
    this.#queue.length = 0;
    this.#inFlight.clear();
    return left;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const { timers, random, diagnosis } = this.#ports;
    for (let failures = 0; !signal.aborted; failures++) {
      this.#events.state('connecting');
      let problem: CmsError;
      let verdict: CmsError | undefined;
      try {
        const wire = await this.#connect(signal);
        diagnosis.connected();
        const end = await this.#serve(wire, signal);
        problem = end.error;
        const drop = this.#circumstances();
        verdict = end.byUs ? undefined : diagnosis.dropped(drop);
        // A connection that was good for something makes the next attempt a first one.
        if (drop.acknowledgements > 0 || drop.openMs >= STABLE_MS) failures = 0;
      } catch (error) {
        if (isCancelled(error)) return;
        problem = asCmsError(error);
        verdict = diagnosis.notConnected(problem);
      }
      if (verdict !== undefined) {
        this.#fail(verdict);
        return;
      }
      this.#events.state('offline', problem);
      await pause(timers, backOff(failures, random), signal);
    }
  }

  async #connect(signal: AbortSignal): Promise<Wire> {
    const leave = await this.#ports.ramp.enter(signal);
    try {
      return await this.#ports.connect(signal);
    } finally {
      leave();
    }
  }

  /** Sends until the connection is gone or given up, and tells why. Rejects with CANCELLED at the end. */
  async #serve(wire: Wire, signal: AbortSignal): Promise<{ error: CmsError; byUs: boolean }> {
    if (signal.aborted) {
      void wire.close();
      throw cancelled();
    }
    this.#connects += 1;
    this.#wire = wire;
    this.#openedAt = this.#acknowledgedAt = this.#ports.timers.now();
    this.#acknowledgements = 0;
    const cleanUp = new AbortController();
    try {
      return await new Promise((resolve, reject) => {
        const once = { once: true, signal: cleanUp.signal };
        const lost = () => resolve({ error: asCmsError(wire.lost.reason), byUs: false });
        if (wire.lost.aborted) lost();
        else wire.lost.addEventListener('abort', lost, once);
        signal.addEventListener('abort', () => reject(cancelled()), once);
        this.#giveUp = (error) => resolve({ error, byUs: true });
        this.#events.state('online');
        this.#pump();
      });
    } finally {
      cleanUp.abort();
      this.#giveUp = undefined;
      this.#quiet();
      if (!this.#ending.signal.aborted) {
        this.#wire = undefined;
        void wire.close();
        this.#queue.unshift(...[...this.#inFlight.values()].map(({ message }) => message));
        this.#inFlight.clear();
      }
    }
  }

  #circumstances(): Drop {
    const { timers } = this.#ports;
    const oldest = this.#queue.find(({ serial }) => serial <= this.#sentUpTo);
    return {
      openMs: timers.now() - this.#openedAt,
      quietMs: timers.now() - this.#acknowledgedAt,
      acknowledgements: this.#acknowledgements,
      oldest,
    };
  }

  #pump(): void {
    const wire = this.#wire;
    if (wire === undefined || wire.lost.aborted || this.#cancelWake !== undefined) return;
    const window = this.#ports.diagnosis.careful ? 1 : this.#limits.inFlight;
    while (this.#inFlight.size < window) {
      const message = this.#queue[0];
      if (message === undefined) return;
      const wait = this.#bucket.take();
      if (wait > 0) {
        this.#cancelWake = this.#ports.timers.after(wait, () => {
          this.#cancelWake = undefined;
          this.#pump();
        });
        return;
      }
      this.#queue.shift();
      this.#publish(wire, message);
    }
  }

  #publish(wire: Wire, message: SimulatedMessage): void {
    const sent: Sent = { message, at: this.#ports.timers.now() };
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
        if (this.#wire === wire) this.#giveUp?.(givenUp(sentenceOf(error)));
      },
    );
    this.#watch();
  }

  #acknowledge(sent: Sent): void {
    const { serial } = sent.message;
    // An answer to an earlier attempt does not count: the message is under way again.
    if (this.#inFlight.get(serial) !== sent) return;
    this.#inFlight.delete(serial);
    this.#acknowledgedAt = this.#ports.timers.now();
    this.#acknowledgements += 1;
    this.#ports.diagnosis.acknowledged();
    this.#events.acknowledged(sent.message, this.#acknowledgedAt - sent.at);
    this.#pump();
    if (this.#isIdle()) this.#tellIdle();
  }

  /** One timer for the oldest message in flight. */
  #watch(): void {
    const [oldest] = this.#inFlight.values();
    if (oldest === undefined || this.#cancelWatch !== undefined) return;
    const { timers } = this.#ports;
    const left = oldest.at + this.#limits.ackTimeoutMs - timers.now();
    this.#cancelWatch = timers.after(Math.max(1, left), () => {
      this.#cancelWatch = undefined;
      const [first] = this.#inFlight.values();
      if (first !== undefined && timers.now() - first.at >= this.#limits.ackTimeoutMs) {
        const seconds = this.#limits.ackTimeoutMs / 1000;
        this.#giveUp?.(givenUp(l10n.t('no acknowledgement within {seconds} s', { seconds })));
      } else {
        this.#watch();
      }
    });
  }

  /** The oldest sample; what happens once (trips, trouble codes) is kept as long as there are samples to give up. */
  #giveUpOne(): void {
    const at = Math.max(
      0,
      this.#queue.findIndex(({ type }) => type === 'cardata'),
    );
    for (const message of this.#queue.splice(at, 1)) this.#events.lost(message);
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && this.#inFlight.size === 0;
  }

  #tellIdle(): void {
    for (const tell of this.#whenIdle.splice(0)) tell();
  }

  #quiet(): void {
    this.#cancelWake?.();
    this.#cancelWatch?.();
    this.#cancelWake = this.#cancelWatch = undefined;
  }

  #finish(): void {
    this.#ending.abort();
    this.#quiet();
    this.#tellIdle();
  }

  #fail(error: CmsError): void {
    if (this.#ending.signal.aborted) return;
    this.#finish();
    this.#events.failed(error);
  }
}

function givenUp(why: Message): CmsError {
  return new CmsError('MQTT_CONNECTION_LOST', l10n.t('The connection was given up: {why}.', { why }));
}

function asCmsError(error: unknown): CmsError {
  return isCmsError(error)
    ? error
    : new CmsError('INTERNAL', l10n.verbatim(messageOf(error)), { cause: error });
}

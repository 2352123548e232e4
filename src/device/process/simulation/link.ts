import { background } from '../../../core/background.ts';
import { asCmsError, cancelled, type CmsError, isCancelled } from '../../../core/errors.ts';
import { fullJitter } from '../../../core/retry.ts';
import { clockOf, type Timers } from '../../../core/timers.ts';
import type { Random } from '../../../core/work.ts';
import type { SimulatedMessage } from '../../../telemetry/simulation/messages.ts';
import type { Wire } from '../wire.ts';
import { STABLE_MS, type Comparison, type Diagnosis, type Drop } from './diagnosis.ts';
import { Outbox, type OutboxEvents, type OutboxLimits } from './outbox.ts';
import type { Ramp } from './ramp.ts';

export interface LinkPorts {
  timers: Timers;
  random: Random;
  ramp: Ramp;
  diagnosis: Diagnosis;
  /** Opens a connection. Throws CmsError. */
  connect(signal: AbortSignal): Promise<Wire>;
  /** Opens a connection on which nothing is said, for so many milliseconds, and tells how it ended. Throws CmsError. */
  compare?(forMs: number, signal: AbortSignal): Promise<Comparison>;
}

export interface LinkEvents extends Pick<OutboxEvents, 'sent' | 'acknowledged' | 'lost'> {
  state(state: 'connecting' | 'online' | 'offline', why?: CmsError): void;
  /** Called when the link gives up because trying again would not help. */
  failed(error: CmsError): void;
}

/** So much longer than the one that was taken away, a connection must hold to prove that the network lets it. */
const COMPARED = 1.25;
/** AWS IoT accepts one connect per second and client id. */
const RECONNECT = fullJitter(1000, 30_000);

/**
 * One vehicle's connection, kept open by reconnecting with jittered back-off, and its messages at QoS 1. A missing
 * acknowledgment ends the connection, because MQTT only resends on a new connection (MQTT 3.1.1, section 4.4).
 */
export class Link {
  readonly #ports: LinkPorts;
  readonly #events: LinkEvents;
  readonly #outbox: Outbox;
  readonly #ending = new AbortController();
  #connects = 0;
  #wire: Wire | undefined;
  /** When the connection was opened. */
  #openedAt = 0;
  /** Gives up the connection. Set while there is one. */
  #giveUp: ((error: CmsError) => void) | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(ports: LinkPorts, limits: OutboxLimits, events: LinkEvents) {
    this.#ports = ports;
    this.#events = events;
    const { timers, diagnosis } = ports;
    this.#outbox = new Outbox(timers, limits, () => diagnosis.careful, {
      sent: (message) => events.sent(message),
      acknowledged(message, ackMs) {
        diagnosis.acknowledged();
        events.acknowledged(message, ackMs);
      },
      lost: (message) => events.lost(message),
      emptied: () => this.#resolveIdle(),
      broken: (error) => this.#giveUp?.(error),
    });
  }

  get counts() {
    return { ...this.#outbox.counts, connects: this.#connects };
  }

  /** When the connection was opened; undefined while there is none. */
  get openSince(): number | undefined {
    return this.#wire === undefined ? undefined : this.#openedAt;
  }

  start(): void {
    background(this.#run(), (error) => {
      if (!isCancelled(error)) this.#fail(asCmsError(error));
    });
  }

  send(message: SimulatedMessage): void {
    if (this.#ending.signal.aborted) this.#events.lost(message);
    else this.#outbox.add(message);
  }

  /** Resolves when everything is acknowledged, or the link has ended. */
  idle(): Promise<void> {
    if (this.#ending.signal.aborted || this.#outbox.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Ends the link at once. Returns how many unacknowledged messages are lost. */
  async close(): Promise<number> {
    this.#finish();
    const wire = this.#wire;
    this.#wire = undefined;
    this.#outbox.detach();
    await wire?.close();
    return this.#outbox.clear();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const { timers, random, diagnosis } = this.#ports;
    const clock = clockOf(timers);
    let failures = 0;
    while (!signal.aborted) {
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
        if (verdict?.code === 'CLIENT_ID_IN_USE') {
          this.#events.state('offline', problem);
          verdict = await this.#compared(verdict, drop.openMs, signal);
          if (verdict === undefined) problem = diagnosis.cutInBetween(drop.openMs);
        }
        // After a connection that worked, back-off starts over.
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
      failures += 1;
      await clock.sleep(RECONNECT(failures, random), signal);
    }
  }

  /** Looks whether a connection without a client id fares better, before anybody is blamed. */
  async #compared(verdict: CmsError, openMs: number, signal: AbortSignal): Promise<CmsError | undefined> {
    const { diagnosis } = this.#ports;
    const comparing = this.#ports.compare?.(COMPARED * openMs + 1000, signal);
    if (comparing === undefined) return verdict;
    try {
      return diagnosis.compared(verdict, openMs, await comparing);
    } catch (error) {
      if (isCancelled(error)) throw error;
      // Not even that: it is the network.
      return diagnosis.compared(verdict, openMs, { openMs, ended: true });
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

  /**
   * Sends until the connection is lost or given up, and returns the reason. Rejects with CANCELLED when the link ends.
   */
  async #serve(wire: Wire, signal: AbortSignal): Promise<{ error: CmsError; byUs: boolean }> {
    if (signal.aborted) {
      await wire.close();
      throw cancelled();
    }
    this.#connects += 1;
    this.#wire = wire;
    this.#openedAt = this.#ports.timers.now();
    this.#outbox.attach(wire);
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
        this.#outbox.flush();
      });
    } finally {
      cleanUp.abort();
      this.#giveUp = undefined;
      this.#outbox.stopTimers();
      // When the link ends, `close` closes the connection and counts the remaining messages.
      if (!this.#ending.signal.aborted) {
        this.#wire = undefined;
        background(wire.close(), (error) => this.#fail(asCmsError(error)));
        this.#outbox.detach();
        this.#outbox.requeue();
      }
    }
  }

  #circumstances(): Drop {
    const now = this.#ports.timers.now();
    const { count, lastAt } = this.#outbox.acknowledgements;
    return {
      openMs: now - this.#openedAt,
      quietMs: now - lastAt,
      acknowledgements: count,
      oldest: this.#outbox.oldestUnacknowledged,
    };
  }

  #resolveIdle(): void {
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #finish(): void {
    this.#ending.abort();
    this.#outbox.stopTimers();
    this.#resolveIdle();
  }

  #fail(error: CmsError): void {
    if (this.#ending.signal.aborted) return;
    this.#finish();
    this.#events.failed(error);
  }
}

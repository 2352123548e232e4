import { randomUUID } from 'node:crypto';
import type { Connection } from '../aws/connection.ts';
import { CmsError, isCancelled } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { simulatedAt, turned } from '../telemetry/simulation/runClock.ts';
import { type Channel, openChannel } from './channel.ts';
import {
  attemptSchema,
  attemptTopic,
  clientIdOf,
  controlSchema,
  controlTopic,
  goneTopic,
  RETAINED_PER_SECOND,
  type RunControl,
  shardOf,
  type ShardStatus,
  statusSchema,
  statusTopic,
} from './channelMessages.ts';
import type { Plan } from './plan.ts';
import { type RunView, type ShardView, viewOf } from './runView.ts';

/** Changes reach all shards before they happen, so that all turn at one moment. */
const AHEAD_MS = 1000;
/** What a start needs besides: the order with certificates and routes has to reach the device process. */
const START_AHEAD_MS = 3000;
const RETAINED_MS = 1500;
/** How long what was said may take to be heard. */
const ECHO_MS = 2000;
/** Controllers that interrupt each other more often than that are programs gone wrong. */
const MOST_TURNS = 5;
/** A worker whose clock is off by more turns noticeably earlier or later than the others. */
export const MOST_SKEW_MS = 500;

/**
 * Any number of controllers may follow and steer a run: what one of them says is retained in the run channel, where the
 * others hear it, too. One that died or was frozen leaves nothing undone but the start.
 */
export class RunChannel {
  readonly #plan: Plan;
  readonly #work: Work;
  readonly #shards: ShardView[];
  readonly #broken = new Map<string, ShardStatus>();
  readonly #token = randomUUID().slice(0, 8);
  /** Who said each number first. */
  readonly #firstBy = new Map<number, string | undefined>();
  #echo: (() => void) | undefined;
  #turns: Promise<void> = Promise.resolve();
  #channel: Channel | undefined;
  #control: RunControl | undefined;
  #closed = false;
  onChange: () => void = () => undefined;

  constructor(plan: Plan, work: Work) {
    this.#plan = plan;
    this.#work = work;
    this.#shards = Array.from({ length: plan.shards }, (_, i) => ({
      ...{ number: i + 1, status: undefined, goneAt: undefined, done: false, skewMs: 0 },
    }));
  }

  get control(): RunControl | undefined {
    return this.#control;
  }

  get view(): RunView {
    return viewOf(this.#shards, this.#broken.values());
  }

  /** Attempts whose result nobody has written yet. */
  get brokenStatuses(): { shard: number; status: ShardStatus }[] {
    return [...this.#broken].map(([key, status]) => ({ shard: Number(key.split('-')[0]), status }));
  }

  done(shard: number): void {
    const view = this.#shards[shard - 1];
    if (view) view.done = true;
  }

  /** Opens the channel, and again whenever it is lost. @throws what the first connection fails by */
  async open(connection: Connection, opening = openChannel): Promise<void> {
    const connect = async (): Promise<Channel> => {
      const { run } = this.#plan;
      const topics = [controlTopic(run), statusTopic(run, '+'), goneTopic(run, '+')];
      const clientId = clientIdOf(run, `controller-${randomUUID().slice(0, 8)}`);
      const { signal } = this.#work;
      return opening(connection, { clientId, topics }, (topic, text) => this.#heard(topic, text), signal);
    };
    this.#channel = await connect();
    await this.#work.clock.sleep(RETAINED_MS, this.#work.signal);
    void this.#keepOpen(connect).catch(() => undefined);
  }

  async #keepOpen(connect: () => Promise<Channel>): Promise<void> {
    for (;;) {
      const why = await this.#channel?.lost;
      this.#channel = undefined;
      if (this.#closed || this.#work.signal.aborted) return;
      if (why) this.#warn(l10n.t('The run channel is down: {reason}', { reason: why.sentence }));
      await this.#work.clock.sleep(AHEAD_MS + this.#work.random() * 1000, this.#work.signal);
      this.#channel = await connect().catch((error: unknown) => {
        if (isCancelled(error)) throw error;
        return undefined;
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#channel?.close();
  }

  #heard(topic: string, text: string): void {
    const shard = shardOf(topic);
    if (shard === undefined) {
      const read = parseJson(controlSchema, text);
      if (read.ok) this.#heardControl(read.value);
      this.onChange();
      return;
    }
    const view = this.#shards[shard - 1];
    if (view === undefined) return;
    if (topic.endsWith('/gone')) {
      const read = parseJson(attemptSchema, text);
      if (!read.ok || view.status?.attempt !== read.value.attempt || view.status.phase === 'ended') return;
      view.goneAt = this.#work.clock.now();
    } else {
      const read = parseJson(statusSchema, text);
      if (read.ok) this.#heardStatus(view, read.value);
    }
    this.onChange();
  }

  /** Workers take the first word of a number and no other; so does whoever steers them. */
  #heardControl(control: RunControl): void {
    if (control.seq <= (this.#control?.seq ?? 0)) return;
    this.#control = control;
    this.#firstBy.set(control.seq, control.by);
    this.#echo?.();
  }

  #heardStatus(view: ShardView, status: ShardStatus): void {
    const before = view.status;
    if (before !== undefined && status.attempt < before.attempt) return;
    if (before !== undefined && status.attempt > before.attempt && before.startedAt !== undefined) {
      this.#broken.set(`${view.number}-${before.attempt}`, before);
    }
    const skew = status.time - this.#work.clock.now();
    const first = before?.attempt !== status.attempt;
    view.skewMs = first || Math.abs(skew) < Math.abs(view.skewMs) ? skew : view.skewMs;
    view.status = status;
    view.goneAt = undefined;
  }

  /** Lets all shards that are ready go, at one moment. */
  async start(): Promise<void> {
    const began = this.#work.clock.now() + START_AHEAD_MS;
    const { speed } = this.#plan.drive;
    const counts = await this.#say({
      seq: 1,
      ...{ clock: { at: began, simulated: 0, factor: speed }, speed, began, troubles: [] },
    });
    // What counts is what the workers heard first; what comes later has to find the same.
    if (!counts) await this.#turn(() => ({}));
  }

  pause = (): Promise<void> => this.#turn((control, at) => ({ clock: turned(control.clock, at, 0) }));
  resume = (): Promise<void> =>
    this.#turn((control, at) => ({ clock: turned(control.clock, at, control.speed) }));
  setSpeed = (speed: number): Promise<void> =>
    this.#turn(({ clock }, at) => ({
      speed,
      clock: clock.factor === 0 ? clock : turned(clock, at, speed),
    }));
  reportTrouble = (code: string): Promise<void> =>
    this.#turn(({ troubles }, at) => ({ troubles: [...troubles, { at, code }] }));
  stop = (): Promise<void> => this.#turn(({ stopAt }, at) => ({ stopAt: stopAt ?? at }));

  /** One after the other: each change is made on top of the one before. */
  #turn(change: (control: RunControl, at: number) => Partial<RunControl>): Promise<void> {
    const turned = this.#turns.then(() => this.#turnNow(change, MOST_TURNS));
    this.#turns = turned.catch(() => undefined);
    return turned;
  }

  async #turnNow(
    change: (control: RunControl, at: number) => Partial<RunControl>,
    tries: number,
  ): Promise<void> {
    const control = this.#control;
    if (control === undefined) {
      throw new CmsError('RUN_NOT_READY', l10n.t('{run} has not begun.', { run: this.#plan.run }), {
        remedy: l10n.t('Wait until its vehicles drive.'),
      });
    }
    const at = Math.max(this.#work.clock.now() + AHEAD_MS, control.clock.at + 1);
    const counts = await this.#say({ ...control, ...change(control, at), seq: control.seq + 1 });
    // Another controller was a moment earlier: the change is made once more, on top of what that one said.
    if (!counts && tries > 1) await this.#turnNow(change, tries - 1);
  }

  /** Resolves with whether it counts: another controller may have said the same number before. */
  async #say(control: RunControl): Promise<boolean> {
    const { seq } = control;
    const echo = new Promise<void>((resolve) => (this.#echo = resolve));
    await this.#open().publish(controlTopic(this.#plan.run), { ...control, by: this.#token }, true);
    if (!this.#firstBy.has(seq)) {
      const heard = new AbortController();
      const late = this.#work.clock.sleep(ECHO_MS, AbortSignal.any([heard.signal, this.#work.signal]));
      await Promise.race([echo, late]).finally(() => heard.abort());
    }
    // Acknowledged, but not heard: as when the channel was cut between the two.
    this.#heardControl({ ...control, by: this.#token });
    return !this.#firstBy.has(seq) || this.#firstBy.get(seq) === this.#token;
  }

  /** Takes away what the run channel keeps of the run: an account may have a few thousand such messages. */
  async clear(): Promise<void> {
    const { run } = this.#plan;
    const shards = this.#shards.flatMap(({ number }) => [
      statusTopic(run, number),
      attemptTopic(run, number),
    ]);
    const topics = [controlTopic(run), ...shards];
    for (let at = 0; at < topics.length; at += RETAINED_PER_SECOND) {
      if (at > 0) await this.#work.clock.sleep(1000, this.#work.signal);
      const some = topics.slice(at, at + RETAINED_PER_SECOND);
      await Promise.all(some.map((topic) => this.#open().clear(topic)));
    }
  }

  #open(): Channel {
    if (this.#channel !== undefined) return this.#channel;
    throw new CmsError('ENDPOINT_UNREACHABLE', l10n.t('The run channel is down.'), {
      remedy: l10n.t('Wait until it is there again; the vehicles drive on.'),
    });
  }

  /** Simulated seconds by now. */
  get simulated(): number {
    return this.#control === undefined ? 0 : simulatedAt(this.#control.clock, this.#work.clock.now());
  }

  #warn(message: Message): void {
    this.#work.progress({ step: 'channel', level: 'warn', message });
  }
}

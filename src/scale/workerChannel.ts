import { randomUUID } from 'node:crypto';
import type { Connection } from '../aws/connection.ts';
import { isCancelled, asCmsError, type CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { fullJitter } from '../core/retry.ts';
import type { Work } from '../core/work.ts';
import { openChannel, type Channel } from './channel.ts';
import {
  type AttemptRecord,
  attemptSchema,
  attemptTopic,
  clientIdOf,
  controlSchema,
  controlTopic,
  goneTopic,
  type RunControl,
  type ShardStatus,
  statusSchema,
  statusTopic,
} from './channelMessages.ts';

export interface WorkerChannelEvents {
  control(control: RunControl): void;
  /** Another attempt drives this shard, or the run is over. Nothing follows. */
  replaced(): void;
  /** The run channel is not there; the vehicles drive on, those that are down stay down. */
  offline(why: CmsError): void;
}

/** A worker's end of the run channel, opened again and again for as long as the shard is this attempt's. */
export interface WorkerChannel {
  /** The one of this process: higher than what the engine said when another process has that number. */
  readonly attempt: number;
  /** Of an earlier attempt: what it said last, as far as AWS IoT kept it. */
  readonly before: ShardStatus | undefined;
  /** Resolves with whether AWS IoT has acknowledged it. */
  say(status: ShardStatus, retain: boolean): Promise<boolean>;
  close(): Promise<void>;
}

/** What was retained comes at once after the subscription, and nothing says that there was nothing. */
const RETAINED_MS = 1500;
const RECONNECT = fullJitter(500, 10_000);
/** A record that is not there may only be late. Seen missing so often, it was taken away at the end of the run. */
const LOOKS = 3;

/**
 * Makes the shard this attempt's and opens the run channel: its number is written down first, under a client id of its
 * own, then the client id of the shard is taken over from whoever has it.
 * @throws CmsError ACCESS_DENIED, ENDPOINT_UNREACHABLE or CANCELLED
 */
export async function openWorkerChannel(
  connection: Connection,
  place: { run: string; shard: number; attempt: number },
  events: WorkerChannelEvents,
  work: Pick<Work, 'signal' | 'clock' | 'random'>,
  opening = openChannel,
): Promise<WorkerChannel> {
  const { run, shard } = place;
  const own: AttemptRecord = { attempt: place.attempt, token: randomUUID() };
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, work.signal]);
  let channel: Channel | undefined;
  let before: ShardStatus | undefined;
  /** Whether the record of any attempt was there, this one's included. */
  let recorded = false;

  /** Reads who drives the shard. With `claim` the shard is this attempt's afterwards, unless a newer one has it. */
  async function look(claim: boolean): Promise<AttemptRecord | undefined> {
    let record: AttemptRecord | undefined;
    let last: ShardStatus | undefined;
    recorded = false;
    const side = await opening(
      connection,
      {
        clientId: clientIdOf(run, `${shard}-look-${randomUUID().slice(0, 8)}`),
        topics: claim ? [attemptTopic(run, shard), statusTopic(run, shard)] : [attemptTopic(run, shard)],
      },
      (topic, text) => {
        if (topic === attemptTopic(run, shard)) {
          const read = parseJson(attemptSchema, text);
          if (!read.ok) return;
          recorded = true;
          if (read.value.token !== own.token) record = read.value;
        } else {
          const read = parseJson(statusSchema, text);
          if (read.ok) last = read.value;
        }
      },
      signal,
    );
    try {
      const cut = await Promise.race([work.clock.sleep(RETAINED_MS, signal), side.lost]);
      // Nothing was read then, neither that the shard is taken nor that it is not.
      if (cut !== undefined) throw cut;
      if (claim && !isReplaced(record, own, claim)) {
        // What the other process sent has this number: the same again would look like messages sent twice.
        if (record?.attempt === own.attempt) own.attempt++;
        if (last !== undefined && last.attempt < own.attempt) before = last;
        await side.publish(attemptTopic(run, shard), own, true);
      }
      return record;
    } finally {
      await side.close();
    }
  }

  async function take(): Promise<Channel> {
    return opening(
      connection,
      {
        clientId: clientIdOf(run, String(shard)),
        will: {
          topic: goneTopic(run, shard),
          payload: Buffer.from(JSON.stringify(own)),
          qos: 1,
          retain: false,
        },
        topics: [controlTopic(run)],
      },
      (_topic, text) => {
        const read = parseJson(controlSchema, text);
        if (read.ok) events.control(read.value);
      },
      signal,
    );
  }

  async function hold(first: Channel): Promise<void> {
    channel = first;
    let failures = 0;
    let missing = 0;
    for (;;) {
      const why = await (channel?.lost ?? Promise.resolve(undefined));
      channel = undefined;
      if (signal.aborted) return;
      if (why !== undefined) events.offline(why);
      try {
        const found = await look(false);
        missing = recorded ? 0 : missing + 1;
        if (isReplaced(found, own, false) || missing === LOOKS) {
          events.replaced();
          return;
        }
        if (missing > 0) {
          await work.clock.sleep(RECONNECT(missing, work.random), signal);
          continue;
        }
        channel = await take();
        failures = 0;
      } catch (error) {
        if (isCancelled(error)) return;
        events.offline(asCmsError(error));
        await work.clock.sleep(RECONNECT(++failures, work.random), signal).catch(() => undefined);
      }
    }
  }

  const claimed = await look(true);
  if (isReplaced(claimed, own, true)) {
    events.replaced();
    return {
      attempt: own.attempt,
      before: undefined,
      say: () => Promise.resolve(false),
      close: () => Promise.resolve(),
    };
  }
  hold(await take()).catch((error: unknown) => events.offline(asCmsError(error)));
  return {
    attempt: own.attempt,
    before,
    async say(status, retain) {
      const open = channel;
      if (open === undefined) return false;
      try {
        await open.publish(statusTopic(run, shard), status, retain);
        return true;
      } catch {
        return false;
      }
    },
    async close() {
      const open = channel;
      closing.abort();
      await open?.close();
    },
  };
}

/**
 * Whether another attempt has the shard: a newer one, or one of the same number that wrote itself down later, as when
 * an engine starts two of one index. Who has just come is later than whoever has the same number.
 */
export function isReplaced(found: AttemptRecord | undefined, own: AttemptRecord, justCome: boolean): boolean {
  if (found === undefined || found.token === own.token) return false;
  return found.attempt > own.attempt || (found.attempt === own.attempt && !justCome);
}

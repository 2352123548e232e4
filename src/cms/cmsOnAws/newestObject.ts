import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { readStream } from '../../core/bounded.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';

/** AWS IoT takes no longer message. Bytes. */
const MOST_BYTES = 128 * 1024;
/** The keys are made by AWS's clock, this machine may be behind. Milliseconds. */
const AHEAD = 24 * 3_600_000;
const MINUTE = 60_000;
/** 2015, when AWS IoT began. */
const EARLIEST = Date.UTC(2015, 0);

/** A message as the storage rule put it into the telemetry bucket. */
export interface StoredMessage {
  readonly key: string;
  /** When AWS IoT took it; milliseconds since 1970. */
  readonly time: number;
}

/** Where the messages of one topic are. */
export interface Shelf {
  readonly bucket: string;
  readonly topic: string;
}

/**
 * The newest message on a topic after a moment; undefined if there is none. Keys are `<topic>/<milliseconds>`, so they
 * sort by time, oldest first: the end is searched by halves, since a vehicle may have millions.
 * @param after milliseconds since 1970
 */
export async function newestOn(
  connection: Pick<Connection, 's3' | 'clock'>,
  shelf: Shelf,
  after: number,
  signal: AbortSignal,
): Promise<StoredMessage | undefined> {
  const since = (ms: number, most: number) => keysAfter(connection, shelf, { after: ms, most }, signal);
  let low = Math.max(after, EARLIEST);
  if ((await since(low, 1)).length === 0) return undefined;
  let high = connection.clock.now() + AHEAD;
  // Most vehicles that are asked for were heard a moment ago.
  for (let window = MINUTE; connection.clock.now() - window > low; window *= 4) {
    const from = connection.clock.now() - window;
    if ((await since(from, 1)).length > 0) {
      low = from;
      break;
    }
    high = from;
  }
  while (high - low > MINUTE) {
    const middle = Math.floor((low + high) / 2);
    if ((await since(middle, 1)).length > 0) low = middle;
    else high = middle;
  }
  return (await since(low, Infinity)).at(-1);
}

/** Whether there is a message on a topic after a moment; milliseconds since 1970. */
export async function isAnyStored(
  connection: Pick<Connection, 's3'>,
  shelf: Shelf,
  after: number,
  signal: AbortSignal,
): Promise<boolean> {
  return (await keysAfter(connection, shelf, { after, most: 1 }, signal)).length > 0;
}

async function keysAfter(
  connection: Pick<Connection, 's3'>,
  { bucket, topic }: Shelf,
  { after, most }: { after: number; most: number },
  signal: AbortSignal,
): Promise<StoredMessage[]> {
  const client = await connection.s3();
  const doing = l10n.t('looking for stored telemetry on {topic}', { topic });
  const found: StoredMessage[] = [];
  let next: string | undefined;
  let isPast = false;
  const isBeyond = (key: string) => key.slice(topic.length + 1, topic.length + 2) > '9';
  async function* pages() {
    do {
      const answer = await client.send(
        new ListObjectsV2Command({
          ...{ Bucket: bucket, Prefix: `${topic}/`, StartAfter: `${topic}/${after}` },
          ...{ MaxKeys: Math.min(most, 1000), ContinuationToken: next },
        }),
        { abortSignal: signal },
      );
      next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      yield answer;
    } while (next !== undefined && found.length < most && !isPast);
  }
  await calling(doing, async () => {
    const ending = endingPages(pages(), doing, ({ NextContinuationToken: token, Contents: items }) => ({
      ...{ next: token, items },
    }));
    for await (const { Contents = [] } of ending) {
      for (const { Key: key = '' } of Contents) {
        // Below the topic there may be others: they sort after what is named by a time.
        isPast ||= isBeyond(key);
        const [, ms] = /^(\d{13})$/.exec(key.slice(topic.length + 1)) ?? [];
        if (ms !== undefined) found.push({ key, time: Number(ms) });
      }
    }
  });
  return found;
}

/** What a stored message says. */
export async function readStored(
  connection: Pick<Connection, 's3'>,
  bucket: string,
  { key }: StoredMessage,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const client = await connection.s3();
  return calling(l10n.t('reading the stored message {key}', { key }), async () => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: signal,
    });
    return Body instanceof Readable ? readStream(Body, { mostBytes: MOST_BYTES }) : new Uint8Array();
  });
}

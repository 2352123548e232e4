import { DeleteObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { l10n, type Message } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import { breakingProblem } from './judgeStored.ts';
import { readStored } from './newestObject.ts';

/** A stored message that makes every query over the store fail. */
export interface BreakingObject {
  readonly key: string;
  readonly problem: Message;
}

/** What was found among the newest of all stored messages. */
export interface Search {
  readonly found: readonly BreakingObject[];
  readonly looked: number;
  /** Whether these were all there are. */
  readonly isAll: boolean;
}

/** So many names are read; a store of a year has millions. */
const MOST_LISTED = 50_000;
/** So many messages are read, the newest first: what broke the queries came lately. */
const MOST_READ = 2000;
const AT_A_TIME = 16;
/** More are named by nobody. */
const MOST_FOUND = 20;
const PREFIX = 'cms/data/';

/** Looks for the messages that break the queries: Athena does not say which they are. */
export async function findBreakingObjects(
  connection: Pick<Connection, 's3'>,
  bucket: string,
  signal: AbortSignal,
): Promise<Search> {
  const client = await connection.s3();
  const doing = l10n.t('listing what is stored in {bucket}', { bucket });
  const keys: { key: string; time: number }[] = [];
  await calling(doing, async () => {
    const pages = paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: PREFIX },
      { abortSignal: signal },
    );
    const ending = endingPages(pages, doing, ({ NextContinuationToken: next, Contents: items }) => ({
      ...{ next, items },
    }));
    for await (const { Contents = [] } of ending) {
      for (const { Key: key = '', LastModified } of Contents) {
        keys.push({ key, time: LastModified?.getTime() ?? 0 });
      }
      if (keys.length >= MOST_LISTED) break;
    }
  });
  keys.sort((one, other) => other.time - one.time);
  const newest = keys.slice(0, MOST_READ);
  const found: BreakingObject[] = [];
  const queue = new PQueue({ concurrency: AT_A_TIME });
  await queue.addAll(
    newest.map((each) => async () => {
      const problem = breakingProblem(await readStored(connection, bucket, each, signal));
      if (problem !== undefined) found.push({ key: each.key, problem });
    }),
  );
  return {
    found: found.sort((one, other) => (one.key < other.key ? -1 : 1)).slice(0, MOST_FOUND),
    looked: newest.length,
    isAll: newest.length === keys.length && keys.length < MOST_LISTED,
  };
}

/** The bucket keeps versions: what was deleted can be had back. */
export async function deleteStored(
  connection: Pick<Connection, 's3'>,
  bucket: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const client = await connection.s3();
  for (const key of keys) {
    await calling(l10n.t('deleting the stored message {key}', { key }), () =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }),
    );
  }
}

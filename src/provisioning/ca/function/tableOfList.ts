import {
  DeleteItemCommand,
  paginateScan,
  type ScanCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import PQueue from 'p-queue';
import { calling } from '../../../aws/calls.ts';
import type { Connection } from '../../../aws/connection.ts';
import { throwIfAborted } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { endingPages } from '../../../core/pages.ts';
import type { Work } from '../../../core/work.ts';
import type { Allowed, AllowList } from '../judge.ts';
import { allowedIn, ITEM_KEY, ITEM_PARTS } from './listTable.ts';

/** Calls at once; a table without provisioned capacity takes 4,000 writes a second from the start. */
const AT_ONCE = 16;
/** A page has a megabyte, which is some thousand vehicles. */
const MOST_PAGES = 10_000;

/** What became of the lines of a list. */
export interface ListChange {
  added: number;
  changed: number;
  same: number;
  removed: number;
}

/** Makes the table say what the list says, and no more. What the function wrote beside a vehicle stays. */
export async function syncList(
  connection: Connection,
  table: string,
  list: AllowList,
  work: Work,
): Promise<ListChange> {
  const client = await connection.dynamoDb();
  const abort = { abortSignal: work.signal };
  const before = await listIn(connection, table, work.signal);
  const change: ListChange = { added: 0, changed: 0, same: 0, removed: 0 };
  const queue = new PQueue({ concurrency: AT_ONCE });
  const doing = l10n.t('writing the list into table {table}', { table });
  const write = (task: () => Promise<unknown>): Promise<void> =>
    queue.add(async () => {
      throwIfAborted(work.signal);
      await calling(doing, task);
    });
  const tasks: Promise<void>[] = [];
  // First what must not come in any more.
  for (const thingName of before.keys()) {
    if (list.has(thingName)) continue;
    change.removed += 1;
    const command = new DeleteItemCommand({ TableName: table, Key: { [ITEM_KEY]: { S: thingName } } });
    tasks.push(write(() => client.send(command, abort)));
  }
  for (const entry of list.values()) {
    const known = before.get(entry.thingName);
    if (known !== undefined && ITEM_PARTS.every((part) => known[part] === entry[part])) {
      change.same += 1;
      continue;
    }
    change[known === undefined ? 'added' : 'changed'] += 1;
    tasks.push(write(() => client.send(updateOf(table, entry), abort)));
  }
  const ends = await Promise.allSettled(tasks);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return change;
}

function updateOf(table: string, entry: Allowed): UpdateItemCommand {
  const given = ITEM_PARTS.filter((part) => entry[part] !== undefined);
  const absent = ITEM_PARTS.filter((part) => entry[part] === undefined);
  const set = `SET ${given.map((part) => `${part} = :${part}`).join(', ')}`;
  return new UpdateItemCommand({
    TableName: table,
    Key: { [ITEM_KEY]: { S: entry.thingName } },
    UpdateExpression: absent.length === 0 ? set : `${set} REMOVE ${absent.join(', ')}`,
    ExpressionAttributeValues: Object.fromEntries(
      given.map((part) => [`:${part}`, { S: entry[part] ?? '' }]),
    ),
  });
}

/** The list that a table has. */
export async function listIn(connection: Connection, table: string, signal: AbortSignal): Promise<AllowList> {
  const client = await connection.dynamoDb();
  const doing = l10n.t('reading the list in table {table}', { table });
  return calling(doing, async () => {
    const list = new Map<string, Allowed>();
    const pages = paginateScan(
      { client },
      { TableName: table, ConsistentRead: true },
      { abortSignal: signal },
    );
    const read = ({ LastEvaluatedKey: next, Items: items = [] }: Page) => ({
      next: next === undefined ? undefined : JSON.stringify(next),
      items,
    });
    for await (const { Items: items = [] } of endingPages(pages, doing, read, MOST_PAGES)) {
      for (const entry of items.map(allowedIn)) if (entry !== undefined) list.set(entry.thingName, entry);
    }
    return list;
  });
}

type Page = ScanCommandOutput;

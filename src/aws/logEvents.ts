import * as z from 'zod';
import { l10n } from '../core/message.ts';
import type { Connection } from './connection.ts';
import { isAwsError } from './errors.ts';
import { signedJson } from './signedJson.ts';

const answer = z.looseObject({
  events: z.array(z.looseObject({ timestamp: z.number(), message: z.string() })).default([]),
  nextToken: z.string().optional(),
});

/** Each page may be empty although more follow. */
const MOST_PAGES = 20;

export interface LogEvent {
  /** Milliseconds since 1970. */
  timestamp: number;
  message: string;
}

/**
 * The newest event of a log group that fits a filter pattern; undefined if there is none, or no such group.
 * Source: Amazon CloudWatch Logs API Reference, FilterLogEvents: events come oldest first.
 * @param query `startTime`: milliseconds since 1970
 * @param counts false for events that fit and are passed over
 */
export async function lastLogEvent(
  connection: Connection,
  query: { logGroupName: string; filterPattern: string; startTime: number },
  signal: AbortSignal,
  counts: (message: string) => boolean = () => true,
): Promise<LogEvent | undefined> {
  const call = { host: 'logs', target: 'Logs_20140328', operation: 'FilterLogEvents' };
  const doing = l10n.t('reading the log group {name}', { name: query.logGroupName });
  let last: LogEvent | undefined;
  let nextToken: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const input = { ...query, ...(nextToken === undefined ? {} : { nextToken }) };
    let page: z.infer<typeof answer>;
    try {
      page = await signedJson(connection, call, { input, output: answer, doing }, signal);
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
    last = page.events.findLast(({ message }) => counts(message)) ?? last;
    ({ nextToken } = page);
    if (nextToken === undefined) break;
  }
  return last;
}

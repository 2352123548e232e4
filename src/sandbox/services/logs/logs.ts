import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import { AwsError, type HttpService } from '../../kernel/http.ts';
import { arnOf } from '../../kit/partition.ts';
import { createAwsJsonService, operation } from '../../protocols/awsJson.ts';

export interface Logs {
  readonly service: HttpService;
  /** Makes a log group, unless it is there. */
  ensure(group: string): void;
  /** Writes one event, now. */
  put(group: string, stream: string, message: string): void;
  /** With its events. */
  remove(group: string): void;
}

interface LogEvent {
  readonly id: string;
  readonly stream: string;
  /** ms. */
  readonly timestamp: number;
  readonly message: string;
}

const MOST_KEPT = 1000;
const MOST_ANSWERED = 10_000;

/** Amazon CloudWatch Logs 2014-03-28: what installations and functions write, for those who look for errors. */
export function createLogs({ store, clock, config }: Context): Logs {
  const groups = store.table<{ createdAt: number }>('logs.groups');
  const eventsOf = (group: string) => store.table<LogEvent>(`logs.events/${group}`);

  const service = createAwsJsonService({
    name: 'logs',
    target: 'Logs_20140328',
    version: '1.1',
    invalid: 'InvalidParameterException',
    tooFast: 'ThrottlingException',
    operations: {
      DescribeLogGroups: operation(
        z.object({ logGroupNamePrefix: z.string().max(512).optional() }),
        ({ logGroupNamePrefix: prefix = '' }) => ({
          logGroups: [...groups.entries()]
            .filter(([name]) => name.startsWith(prefix))
            .map(([logGroupName, { createdAt }]) => ({
              logGroupName,
              creationTime: createdAt,
              arn: arnOf(config, 'logs', `log-group:${logGroupName}:*`),
            })),
        }),
      ),
      FilterLogEvents: operation(
        z.object({
          logGroupName: z.string().min(1).max(512),
          logStreamNames: z.array(z.string()).max(100).optional(),
          startTime: z.int().min(0).optional(),
          endTime: z.int().min(0).optional(),
          filterPattern: z.string().max(1024).default(''),
          limit: z.int().min(1).max(MOST_ANSWERED).default(MOST_ANSWERED),
          nextToken: z.string().optional(),
        }),
        ({ logGroupName, logStreamNames, startTime = 0, endTime = Infinity, filterPattern, limit }) => {
          if (!groups.has(logGroupName)) {
            throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
          }
          const fits = fitting(filterPattern);
          const events = [...eventsOf(logGroupName).values()].filter(
            ({ stream, timestamp, message }) =>
              timestamp >= startTime &&
              timestamp <= endTime &&
              (logStreamNames === undefined || logStreamNames.includes(stream)) &&
              fits(message),
          );
          return {
            events: events.slice(0, limit).map(({ id, stream, timestamp, message }) => ({
              ...{ logStreamName: stream, timestamp, message, ingestionTime: timestamp, eventId: id },
            })),
            searchedLogStreams: [],
          };
        },
      ),
    },
  });

  return {
    service,
    ensure(group) {
      if (!groups.has(group)) groups.set(group, { createdAt: clock.now() });
    },
    put(group, stream, message) {
      const events = eventsOf(group);
      const id = randomUUID();
      events.set(id, { id, stream, timestamp: clock.now(), message });
      for (const oldest of events.keys()) {
        if (events.size <= MOST_KEPT) break;
        events.delete(oldest);
      }
    },
    remove(group) {
      const events = eventsOf(group);
      for (const id of [...events.keys()]) events.delete(id);
      groups.delete(group);
    },
  };
}

/**
 * Whether a pattern fits: all plain terms are in an event, none with a minus, one of those with a question mark. The
 * latter count only where there are no others (CloudWatch Logs User Guide, "Filter pattern syntax").
 */
function fitting(pattern: string): (message: string) => boolean {
  const terms = [...pattern.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(
    ([, mark = '', quoted, word]) => ({ mark, text: quoted?.replace(/\\(.)/g, '$1') ?? word ?? '' }),
  );
  const texts = (wanted: string): string[] =>
    terms.filter(({ mark }) => mark === wanted).map(({ text }) => text);
  const [all, any, none] = [texts(''), texts('?'), texts('-')];
  return (message) =>
    all.every((text) => message.includes(text)) &&
    (any.length === 0 || all.length + none.length > 0 || any.some((text) => message.includes(text))) &&
    !none.some((text) => message.includes(text));
}

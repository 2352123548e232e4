import type * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { signedJson } from '../../aws/signedJson.ts';
import { l10n } from '../../core/message.ts';

const APIS = {
  flink: { host: 'kinesisanalytics', target: 'KinesisAnalytics_20180523' },
  ecs: { host: 'ecs', target: 'AmazonEC2ContainerServiceV20141113' },
  logs: { host: 'logs', target: 'Logs_20140328' },
};

export type JsonCalls = <T extends z.ZodType>(
  service: keyof typeof APIS,
  operation: string,
  input: object,
  output: T,
  signal: AbortSignal,
) => Promise<z.infer<T>>;

/** Calls of the services that the stream of the solution runs on. */
export function createJsonCalls(connection: Connection): JsonCalls {
  return (service, operation, input, output, signal) => {
    const api = APIS[service];
    const doing = l10n.t('calling {operation}', { operation: `${api.host}:${operation}` });
    return signedJson(connection, { ...api, operation }, { input, output, doing }, signal);
  };
}

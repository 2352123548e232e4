import { paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { l10n } from '../../core/message.ts';
import { endingPages } from '../../core/pages.ts';
import type { Names } from './names.ts';

/** What the modules of an app have written down about themselves, by the end of its name: `config/vpc/name`. */
export type Registry = Readonly<Record<string, string>>;

/** Reads it from the Parameter Store; empty where the app wrote nothing. */
export async function readRegistry(
  connection: Connection,
  { registry, appId }: Names,
  signal: AbortSignal,
): Promise<Registry> {
  const client = await connection.ssm();
  const doing = l10n.t('reading what the app {app} has registered', { app: appId });
  const found: Record<string, string> = {};
  await calling(doing, async () => {
    const asked = { Path: registry, Recursive: true };
    const pages = paginateGetParametersByPath({ client, pageSize: 10 }, asked, { abortSignal: signal });
    const ending = endingPages(pages, doing, ({ NextToken: next, Parameters: items }) => ({ next, items }));
    for await (const { Parameters = [] } of ending) {
      for (const { Name = '', Value = '' } of Parameters) found[Name.slice(registry.length + 1)] = Value;
    }
  });
  return found;
}

/** The name of the parameter with the id of the identity provider. */
export const IDENTITY_PROVIDER = 'config/auth/identity-provider-id';

/** The bucket that telemetry is stored in, once the module connect-store is deployed. */
export function bucketIn(registry: Registry): string | undefined {
  return registry['connect-store/s3-storage-bucket/name'];
}

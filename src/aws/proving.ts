import * as z from 'zod/mini';
import { CmsError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n } from '../core/message.ts';
import type { Proving } from '../core/provenSocket.ts';
import { readSecretFile } from '../core/safeFiles.ts';
import { keepSecret } from '../core/secrets.ts';
import { isThisMachine } from '../network/thisMachine.ts';
import type { ConnectionOptions } from './connection.ts';
import type { ConnectionSettings } from './settings.ts';

/** As much of the ready file of a program as a proof takes. */
const readySchema = z.object({ endpoint: z.string(), secret: z.string().check(z.minLength(32)) });

/**
 * What the endpoint has to prove on each connection; undefined for one that was not started here. The environment or
 * the profile that names the endpoint of a sandbox names its ready file, too: then what listens there is that sandbox,
 * or nothing is sent to it. An endpoint that was given by itself must prove something only where the file is about it.
 * @throws CmsError SANDBOX_NOT_OURS, PATH_UNSAFE
 */
export async function provingOf(
  { endpoint, readyFile }: Pick<ConnectionSettings, 'endpoint' | 'readyFile'>,
  options: Pick<ConnectionOptions, 'endpoint' | 'endpointSecret'>,
): Promise<Proving | undefined> {
  if (endpoint === undefined) return undefined;
  if (options.endpointSecret !== undefined) return { endpoint, secret: options.endpointSecret };
  if (readyFile === undefined) return undefined;
  const { protocol, hostname } = new URL(endpoint);
  if (protocol !== 'http:' || !isThisMachine(hostname)) return undefined;
  const text = await readSecretFile(readyFile);
  const ready = text === undefined ? undefined : parseJson(readySchema, text);
  if (ready?.ok === true) {
    const { secret } = ready.value;
    keepSecret(secret);
    if (ready.value.endpoint === endpoint) return { endpoint, secret };
  }
  if (options.endpoint !== undefined) return undefined;
  throw new CmsError(
    'SANDBOX_NOT_OURS',
    l10n.t('The sandbox of {file} is not at {endpoint}, so nothing is sent there.', {
      file: readyFile,
      endpoint,
    }),
    {
      remedy: l10n.t(
        'Start the local sandbox, and copy its environment or write its profile again; or unset CMS_SANDBOX_READY for another endpoint.',
      ),
      details: { endpoint },
    },
  );
}

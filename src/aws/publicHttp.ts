import { defined } from '../core/defined.ts';
import type { ConnectionOptions, HttpClient } from './connection.ts';
import { createHttp } from './http.ts';
import { createOutbound } from './outbound.ts';

/** HTTP without credentials, to hosts that are not AWS's. */
export interface PublicHttp {
  http: HttpClient;
  close(): void;
}

/**
 * The way to hosts that are not AWS's, such as those of street tiles: by the proxies and roots that connections use.
 * Throws CmsError CA_FILE_UNREADABLE.
 */
export async function createPublicHttp(
  options: Pick<ConnectionOptions, 'proxy' | 'trusted'>,
): Promise<PublicHttp> {
  const { AWS_CA_BUNDLE: file = '' } = process.env;
  const caFiles = file === '' ? [] : [{ from: 'AWS_CA_BUNDLE', file }];
  const { proxy, trusted } = options;
  const outbound = await createOutbound(
    { caFiles, endpoint: undefined, readyFile: undefined },
    defined({ proxy, trusted }),
  );
  return { http: createHttp(outbound.agents, outbound.proxyTo), close: () => outbound.close() };
}

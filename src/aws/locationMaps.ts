import { SignatureV4 } from '@smithy/signature-v4';
import { l10n } from '../core/message.ts';
import { calling } from './calls.ts';
import type { Connection } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { Sha256 } from './sha256.ts';

/** What a street map is made of, and nothing else that the service answers. */
const PARTS = [
  /^\/v2\/styles\/[A-Za-z]+\/descriptor(\?color-scheme=(Light|Dark))?$/,
  /^\/v2\/tiles\/[a-z.]+\/\d{1,2}\/\d{1,8}\/\d{1,8}$/,
  /^\/v2\/glyphs\/[\w%,. -]+\/\d{1,6}-\d{1,6}\.pbf$/,
  /^\/v2\/sprites\/[A-Za-z]+\/(Light|Dark)\/Default\/sprites(@2x)?\.(json|png)$/,
];

/** Where the maps of a region are. */
export function locationMapsOf(region: string): string {
  return `https://maps.geo.${region}.amazonaws.com`;
}

/**
 * A part of a street map of Amazon Location Service, asked for with the credentials of a connection. Undefined for a
 * path that is none. Source: API Reference of Amazon Location Service Maps V2 (GetStyleDescriptor, GetTile, GetGlyphs,
 * GetSprites). Throws what the credentials and the network throw.
 */
export async function loadLocationMap(
  connection: Connection,
  path: string,
  signal?: AbortSignal,
): Promise<{ status: number; body: Uint8Array } | undefined> {
  if (!PARTS.some((part) => part.test(path))) return undefined;
  const client = await connection.iot();
  const credentials = await calling(l10n.t('signing in to Amazon Location Service'), () =>
    client.config.credentials(),
  );
  const url = new URL(path, connection.endpoint ?? locationMapsOf(connection.region));
  if (credentials.sessionToken !== undefined) refuseExposed(url.href, 'token');
  const signer = new SignatureV4({
    credentials,
    region: connection.region,
    service: 'geo-maps',
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host },
    },
    // The SDK learns from each answer how far this computer's clock is off.
    { signingDate: new Date(Date.now() + client.config.systemClockOffset) },
  );
  const reply = await connection
    .http()
    .send({ method: 'GET', url: url.href, headers, ...(signal === undefined ? {} : { signal }) });
  return { status: reply.status, body: reply.body ?? Buffer.from(reply.text) };
}

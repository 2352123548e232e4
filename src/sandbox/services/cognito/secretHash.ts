import { createHmac, timingSafeEqual } from 'node:crypto';
import { notAuthorized } from './errors.ts';
import type { ClientRecord } from './state.ts';

/** A client with a secret must prove that it knows it, with every name it signs in or up. */
export function checkSecretHash(client: ClientRecord, username: string, given: string | undefined): void {
  const { clientId, clientSecret } = client;
  if (clientSecret === undefined) {
    if (given === undefined) return;
    throw notAuthorized(`Client ${clientId} is not configured for secret but secret hash was received`);
  }
  if (given === undefined) {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', clientSecret).update(`${username}${clientId}`).digest();
  const hash = Buffer.from(given, 'base64');
  if (hash.length !== expected.length || !timingSafeEqual(hash, expected)) {
    throw notAuthorized(`Unable to verify secret hash for client ${clientId}`);
  }
}

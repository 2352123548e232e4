import { createHmac, timingSafeEqual } from 'node:crypto';
import { notAuthorized } from './errors.ts';
import type { ClientRecord } from './state.ts';

/** A client with a secret must prove on every sign-in and sign-up that it knows the secret. */
export function checkSecretHash(
  client: ClientRecord,
  username: string,
  secretHash: string | undefined,
): void {
  const { clientId, clientSecret } = client;
  if (clientSecret === undefined) {
    if (secretHash === undefined) return;
    throw notAuthorized(`Client ${clientId} is not configured for secret but secret hash was received`);
  }
  if (secretHash === undefined) {
    throw notAuthorized(`Client ${clientId} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', clientSecret).update(`${username}${clientId}`).digest();
  const hash = Buffer.from(secretHash, 'base64');
  if (hash.length !== expected.length || !timingSafeEqual(hash, expected)) {
    throw notAuthorized(`Unable to verify secret hash for client ${clientId}`);
  }
}

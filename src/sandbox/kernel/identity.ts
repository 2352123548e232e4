import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The secret of one start: who may read the ready file knows it, and nobody else. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Takes as long for a wrong secret as for a nearly right one. */
export function sameSecret(given: string | undefined, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(secret)) && given !== undefined;
}

/** What a client chooses for one proof. */
export const NONCE = /^[A-Za-z0-9_-]{16,128}$/;

/**
 * Shows that this process knows the secret, without telling it. The endpoint is in it, so that nobody else can have
 * the sandbox answer a question about another port.
 */
export function proofOf(secret: string, nonce: string, endpoint: string): string {
  return createHmac('sha256', secret).update(`cms-sandbox-proof\n${nonce}\n${endpoint}`).digest('base64url');
}

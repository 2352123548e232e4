import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How two ends of a connection show each other that they know one secret, which itself does not cross. */
export function newNonce(): string {
  return randomBytes(32).toString('base64url');
}

/** @param end who proves it: what one end says is no proof of the other */
export function proofOf(secret: string, end: 'window' | 'run', nonce: string): string {
  return createHmac('sha256', secret).update(`cms-run-proof\n${end}\n${nonce}`).digest('base64url');
}

export function isProof(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}

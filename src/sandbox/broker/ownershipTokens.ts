import { createHash, randomBytes } from 'node:crypto';
import type { IotRegistry } from '../services/iot/contract.ts';
import type { Context } from '../kernel/context.ts';

/**
 * Certificate ownership tokens: each proves once, within an hour, that its bearer received a certificate
 * (AWS IoT Developer Guide, "Device provisioning MQTT API").
 */
export interface OwnershipTokens {
  /** Creates a token for a new certificate. */
  issue(certificateId: string): string;
  /** Consumes a token and returns its certificate; `restore` makes the token valid again after a failure. */
  redeem(token: string): { certificateId: string; restore: () => void } | 'unknown' | 'expired';
  /** Deletes certificates whose token expired before they were activated. */
  expire(): void;
}

const LIFETIME_MS = 60 * 60 * 1000;
/** An expired token is remembered this long, so that it is reported as expired and not as unknown. */
const REMEMBER_MS = 24 * 60 * 60 * 1000;

interface Row {
  certificateId: string;
  expiresAt: number;
}

/** Only a hash of each token is stored, so that nobody can steal one from the sandbox's state. */
export function createOwnershipTokens(context: Context, registry: IotRegistry): OwnershipTokens {
  const rows = context.store.table<Row>('mqtt-ownership-tokens');
  const keyOf = (token: string) => createHash('sha256').update(token).digest('hex');

  const unused = (certificateId: string) =>
    registry.certificate(certificateId)?.status === 'PENDING_ACTIVATION' &&
    registry.thingsOf(certificateId).length === 0 &&
    registry.policyDocuments(certificateId).length === 0;

  return {
    issue(certificateId) {
      const token = randomBytes(192).toString('base64');
      rows.set(keyOf(token), { certificateId, expiresAt: context.clock.now() + LIFETIME_MS });
      return token;
    },

    redeem(token) {
      const key = keyOf(token);
      const row = rows.get(key);
      if (row === undefined) return 'unknown';
      if (context.clock.now() >= row.expiresAt) return 'expired';
      rows.delete(key);
      return { certificateId: row.certificateId, restore: () => rows.set(key, row) };
    },

    expire() {
      const now = context.clock.now();
      for (const [key, row] of [...rows.entries()]) {
        if (now < row.expiresAt) continue;
        if (unused(row.certificateId)) registry.deleteCertificate(row.certificateId);
        if (now >= row.expiresAt + REMEMBER_MS) rows.delete(key);
      }
    },
  };
}

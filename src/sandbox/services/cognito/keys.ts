import { randomBytes } from 'node:crypto';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import type { State } from './state.ts';

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** As in the pool's JWKS. */
  publicJwk: JWK;
}

/** The RSA keys that pools sign their tokens with. A key is created on first use, stored, and imported only once. */
export interface SigningKeys {
  of(poolId: string): Promise<SigningKey>;
}

export function createSigningKeys(state: State): SigningKeys {
  const imported = new Map<string, Promise<SigningKey>>();
  const making = new Map<string, Promise<SigningKey>>();

  const make = async (poolId: string): Promise<SigningKey> => {
    const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
    const record = { kid: randomBytes(32).toString('base64'), privateJwk: await exportJWK(pair.privateKey) };
    state.keys.set(poolId, record);
    return importKey(record);
  };

  return {
    of(poolId) {
      // Read from the table each time, because the pool has another key after a reset.
      const record = state.keys.get(poolId);
      if (record === undefined) {
        const running = making.get(poolId) ?? make(poolId).finally(() => making.delete(poolId));
        making.set(poolId, running);
        return running;
      }
      const key = imported.get(record.kid) ?? importKey(record);
      imported.set(record.kid, key);
      return key;
    },
  };
}

async function importKey(record: { kid: string; privateJwk: JWK }): Promise<SigningKey> {
  const { kty = 'RSA', n = '', e = '' } = record.privateJwk;
  const publicJwk: JWK = { alg: 'RS256', e, kid: record.kid, kty, n, use: 'sig' };
  return {
    kid: record.kid,
    privateKey: (await importJWK(record.privateJwk, 'RS256')) as CryptoKey,
    publicKey: (await importJWK(publicJwk, 'RS256')) as CryptoKey,
    publicJwk,
  };
}

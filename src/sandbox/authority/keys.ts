import { generateKeyPair } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import PQueue from 'p-queue';

export interface KeyPair {
  /** SPKI PEM, as AWS IoT returns it in `PublicKey`. */
  publicKeyPem: string;
  /** PKCS#1 PEM (`BEGIN RSA PRIVATE KEY`), as AWS IoT returns it in `PrivateKey`. */
  privateKeyPem: string;
}

export interface KeyPool {
  take(): Promise<KeyPair>;
}

/**
 * RSA 2048 key pairs. After the first one they are made ahead of time, off the main thread: a key takes about a
 * tenth of a second, and a whole fleet may be onboarded at once. Uses no more threads than cores, so that files
 * and TLS keep the rest of Node's thread pool.
 */
export function createKeyPool(ahead = 4): KeyPool {
  const queue = new PQueue({ concurrency: availableParallelism() });
  const pairs: Promise<KeyPair>[] = [];

  function make(): Promise<KeyPair> {
    const pair = queue.add(generateRsaKeyPair);
    // The caller of `take` sees the failure. Until then it must not count as an unhandled rejection.
    pair.catch(() => undefined);
    return pair;
  }

  function refill(): void {
    while (pairs.length < ahead) pairs.push(make());
  }

  return {
    take() {
      const pair = pairs.shift() ?? make();
      refill();
      return pair;
    },
  };
}

export async function generateRsaKeyPair(): Promise<KeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { publicKeyPem: publicKey, privateKeyPem: privateKey };
}

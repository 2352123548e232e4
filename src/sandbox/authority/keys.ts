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
 * RSA 2048 key pairs, made ahead of time and off the main thread: a key takes a quarter of a second of processor time,
 * and a whole fleet may be onboarded at once. Keeps one key ahead for each that was taken before, up to `most`, so that a
 * sandbox for a single vehicle makes no keys that nobody needs. Uses no more threads than cores, so that files and TLS
 * keep the rest of Node's thread pool.
 */
export function createKeyPool(most = 4): KeyPool {
  const queue = new PQueue({ concurrency: availableParallelism() });
  const pairs: Promise<KeyPair>[] = [];
  let ahead = 0;

  function make(): Promise<KeyPair> {
    const pair = queue.add(generateRsaKeyPair);
    // The caller of `take` sees the failure. Until then it must not count as an unhandled rejection.
    pair.catch(() => undefined);
    return pair;
  }

  return {
    take() {
      const pair = pairs.shift() ?? make();
      while (pairs.length < ahead) pairs.push(make());
      ahead = Math.min(ahead + 1, most);
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

/** The private key of a CA or a server: EC on P-256, PKCS#8 PEM. It takes a millisecond. */
export async function generateEcKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return privateKey;
}

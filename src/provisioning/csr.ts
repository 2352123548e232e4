import { KeyObject, webcrypto } from 'node:crypto';
import { keepPrivateKey } from '../core/secrets.ts';

export type KeyAlgorithm = 'rsa' | 'ec';

export interface SigningRequest {
  /** PEM. */
  csrPem: string;
  /** PEM in the traditional form (PKCS#1, SEC 1), which every TLS library of AWS's device SDKs reads. */
  privateKeyPem: string;
}

const ALGORITHMS = {
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const;

/**
 * Makes a key (RSA 2048 or EC P-256, the kinds AWS IoT signs) and a request for its certificate.
 * The key stays with the caller: only the request is ever sent. Source: AWS IoT CreateCertificateFromCsr.
 */
export async function createSigningRequest(
  commonName: string,
  algorithm: KeyAlgorithm,
): Promise<SigningRequest> {
  // Loaded here because most work needs no ASN.1 library; that library needs the polyfill first.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const signingAlgorithm = ALGORITHMS[algorithm];
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: [{ CN: [commonName] }], keys, signingAlgorithm },
    webcrypto,
  );
  const key = KeyObject.from(keys.privateKey);
  const privateKeyPem = key
    .export({ type: algorithm === 'rsa' ? 'pkcs1' : 'sec1', format: 'pem' })
    .toString();
  keepPrivateKey(privateKeyPem);
  return {
    csrPem: `${request.toString('pem').trimEnd()}\n`,
    privateKeyPem,
  };
}

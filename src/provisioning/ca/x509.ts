import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  webcrypto,
} from 'node:crypto';

/** The kinds of keys that AWS IoT takes for CAs and devices (AWS IoT Developer Guide, "X.509 client certificates"). */
export type KeyKind = { name: 'ECDSA'; namedCurve: 'P-256' | 'P-384' } | { name: 'RSASSA-PKCS1-v1_5' };

export type SigningAlgorithm = KeyKind & { hash: 'SHA-256' | 'SHA-384' };

/** The library for ASN.1, loaded when it is needed: it needs the polyfill first. */
export async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

/** How certificates are signed with a key; undefined for kinds that AWS IoT does not take. */
export function signingAlgorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    if (namedCurve === 'prime256v1') return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    if (namedCurve === 'secp384r1') return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  }
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) {
    return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  }
  return undefined;
}

/** The same private key, as the Web Crypto API takes it. */
export function forWebCrypto(key: KeyObject, algorithm: SigningAlgorithm): Promise<CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

/**
 * A new EC P-256 key for something that is signed. Made at once: for thousands of them, jobs of Web Crypto cost more than
 * the keys do.
 */
export function makeSubjectKey(): { publicKey: Uint8Array<ArrayBuffer>; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })), privateKey };
}

/** A point of P-256, uncompressed, which ends the key's DER (SEC 1, section 2.3.3). */
const POINT_BYTES = 65;

/** SHA-1 of the bits of a P-256 key in hex: how RFC 5280, section 4.2.1.2 (1), names keys. @param spki DER */
export function keyIdOf(spki: Uint8Array): string {
  return createHash('sha1').update(spki.subarray(-POINT_BYTES)).digest('hex');
}

/** A new EC P-256 key. */
export async function makeEcKey(): Promise<{ keys: CryptoKeyPair; privateKey: KeyObject }> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  return { keys, privateKey: KeyObject.from(keys.privateKey) };
}

/** An EC P-256 key as the Web Crypto API takes it; undefined for any other. */
export async function ecKeysOf(privateKey: KeyObject): Promise<CryptoKeyPair | undefined> {
  const algorithm = signingAlgorithmOf(privateKey);
  if (algorithm?.name !== 'ECDSA' || algorithm.namedCurve !== P256.namedCurve) return undefined;
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    privateKey: await forWebCrypto(privateKey, algorithm),
    publicKey: await webcrypto.subtle.importKey('spki', spki, P256, true, ['verify']),
  };
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

/** The traditional form (SEC 1), which every TLS library of AWS's device SDKs reads. */
export function plainPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

/** A private key in PEM; `undefined` when it cannot be read, or not with this passphrase. */
export function readKey(pem: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // The parser's own message may quote the file.
    return undefined;
  }
}

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

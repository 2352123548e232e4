import 'reflect-metadata';
import { createHash, KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface TestPair {
  certificatePem: string;
  privateKeyPem: string;
  publicKeyPem: string;
  certificateId: string;
  keys: webcrypto.CryptoKeyPair;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A key and certificate for tests, self-signed unless there is an issuer. */
export async function makePair(
  options: {
    commonName?: string;
    notBefore?: Date;
    notAfter?: Date;
    issuer?: { name: string; keys: webcrypto.CryptoKeyPair };
    extensions?: x509.Extension[];
  } = {},
): Promise<TestPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = `CN=${options.commonName ?? 'test vehicle'}`;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: createHash('sha256')
        .update(name)
        .update(String(Math.random()))
        .digest('hex')
        .slice(0, 16),
      subject: name,
      issuer: options.issuer?.name ?? name,
      notBefore: options.notBefore ?? new Date(Date.now() - 60_000),
      notAfter: options.notAfter ?? new Date(Date.now() + 3_600_000),
      publicKey: keys.publicKey,
      signingKey: (options.issuer?.keys ?? keys).privateKey,
      signingAlgorithm: algorithm,
      extensions: options.extensions ?? [],
    },
    webcrypto,
  );
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: KeyObject.from(keys.privateKey).export({ type: 'sec1', format: 'pem' }).toString(),
    publicKeyPem: KeyObject.from(keys.publicKey).export({ type: 'spki', format: 'pem' }).toString(),
    certificateId: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    keys,
  };
}

/** A root certificate for tests, and pairs that it signs. */
export async function makeAuthority(commonName = 'test root') {
  const root = await makePair({
    commonName,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const issuer = { name: `CN=${commonName}`, keys: root.keys };
  return {
    rootPem: root.certificatePem,
    client: (name: string) => makePair({ commonName: name, issuer }),
    server: (name = 'localhost') =>
      makePair({
        commonName: name,
        issuer,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'dns', value: name },
            ...(name === 'localhost' ? [{ type: 'ip' as const, value: '127.0.0.1' }] : []),
          ]),
        ],
      }),
  };
}

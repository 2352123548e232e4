import { webcrypto } from 'node:crypto';
import { loadX509, makeEcKey, plainPem } from './x509.ts';

const VALID = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') };

/** A key and a certificate for TLS of this process with itself: the key never leaves it. PEM. */
export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const { X509CertificateGenerator } = await loadX509();
  const { keys, privateKey } = await makeEcKey();
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { ...{ serialNumber: '01', name: 'CN=localhost', keys, signingAlgorithm }, ...VALID },
    webcrypto,
  );
  return { key: plainPem(privateKey), cert: certificate.toString('pem') };
}

import { createPublicKey } from 'node:crypto';
import { derOf } from './pem.ts';
import { type Name, Pkcs10CertificateRequest, type PublicKey } from './x509.ts';

/** A certificate signing request that AWS IoT would not accept; the message says why. */
export class BadCsr extends Error {
  override readonly name = 'BadCsr';
}

export interface CheckedCsr {
  subject: Name;
  publicKey: PublicKey;
}

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'];

/**
 * Reads a PKCS#10 request in PEM, with or without line breaks, and verifies that the sender holds its key.
 * Accepts the keys that the AWS IoT API reference lists for CreateCertificateFromCsr: RSA of 2048 bits or more, NIST
 * P-256, P-384 or P-521. Throws BadCsr.
 */
export async function checkCsr(pem: string): Promise<CheckedCsr> {
  const der = derOf(pem, /(?:NEW )?CERTIFICATE REQUEST/);
  if (der === undefined) throw new BadCsr('The certificate signing request is not in PEM format.');
  let request: Pkcs10CertificateRequest;
  try {
    request = new Pkcs10CertificateRequest(der);
  } catch {
    throw new BadCsr('The certificate signing request cannot be parsed.');
  }
  checkKey(Buffer.from(request.publicKey.rawData));
  // The library types this as the DOM's Algorithm, a type that Node's typings do not have.
  const algorithm: { hash: { name: string } } = request.signatureAlgorithm;
  if (!HASHES.includes(algorithm.hash.name)) {
    throw new BadCsr('The certificate signing request must be signed with SHA-256, SHA-384 or SHA-512.');
  }
  if (!(await request.verify().catch(() => false))) {
    throw new BadCsr('The signature of the certificate signing request is not valid.');
  }
  return { subject: request.subjectName, publicKey: request.publicKey };
}

function checkKey(spki: Buffer): void {
  let key;
  try {
    key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    throw new BadCsr('The public key of the certificate signing request cannot be read.');
  }
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) return;
  if (key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve)) return;
  throw new BadCsr(
    'The public key must be an RSA key of at least 2048 bits or an ECC key on NIST P-256, P-384 or P-521.',
  );
}

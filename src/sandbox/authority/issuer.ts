import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { certificateIdOf, pemOf } from './pem.ts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts';

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

export interface Certified {
  certificateId: string;
  certificatePem: string;
}

/** Signs end-entity certificates with one CA key. */
export interface Issuer {
  issue(
    subject: string | Name,
    publicKey: PublicKey,
    validity: Validity,
    extra?: Extension[],
  ): Promise<Certified>;
}

/** A private key as the library signs with it. */
interface Signer {
  signingKey: webcrypto.CryptoKey;
  signingAlgorithm: { name: string; hash: string };
}

/** A CA whose key is RSA or EC on P-256. */
export async function createIssuer(caPem: string, caKeyPem: string): Promise<Issuer> {
  const ca = new X509Certificate(caPem);
  const signer = await signerOf(caKeyPem);
  const authorityKey = await AuthorityKeyIdentifierExtension.create(ca.publicKey);
  return {
    async issue(subject, publicKey, { notBefore, notAfter }, extra = []) {
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject,
        issuer: ca.subjectName,
        notBefore,
        notAfter,
        publicKey,
        ...signer,
        extensions: [
          authorityKey,
          await SubjectKeyIdentifierExtension.create(publicKey),
          new BasicConstraintsExtension(false, undefined, true),
          ...(extra.length > 0 ? extra : [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)]),
        ],
      });
      return certified(certificate);
    },
  };
}

/** A self-signed CA certificate over a key in PEM: RSA, or EC on P-256. */
export async function selfSign(
  subject: string,
  privateKeyPem: string,
  validity: Validity,
): Promise<Certified> {
  const publicKey = publicKeyOf(privateKeyPem);
  return certified(
    await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: subject,
      ...validity,
      publicKey,
      ...(await signerOf(privateKeyPem)),
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(
          KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
          true,
        ),
        await SubjectKeyIdentifierExtension.create(publicKey),
      ],
    }),
  );
}

/** The public half of a private (or public) key in PEM. */
export function publicKeyOf(pem: string): PublicKey {
  return new PublicKey(createPublicKey(pem).export({ format: 'der', type: 'spki' }));
}

async function signerOf(privateKeyPem: string): Promise<Signer> {
  const key = createPrivateKey(privateKeyPem);
  const name = key.asymmetricKeyType === 'ec' ? 'ECDSA' : 'RSASSA-PKCS1-v1_5';
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const algorithm = { name, hash: 'SHA-256', namedCurve: 'P-256' };
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return { signingKey, signingAlgorithm: { name, hash: 'SHA-256' } };
}

function certified(certificate: X509Certificate): Certified {
  const der = Buffer.from(certificate.rawData);
  return { certificateId: certificateIdOf(der), certificatePem: pemOf(der, 'CERTIFICATE') };
}

/** 20 octets that read as a positive number of full length (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const octets = randomBytes(20);
  octets[0] = (octets.readUInt8(0) & 0x3f) | 0x40;
  return octets.toString('hex');
}

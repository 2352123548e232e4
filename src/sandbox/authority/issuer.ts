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

const RSA_SHA256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

export async function createIssuer(caPem: string, caKeyPem: string): Promise<Issuer> {
  const ca = new X509Certificate(caPem);
  const signingKey = await importSigningKey(caKeyPem);
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
        signingKey,
        signingAlgorithm: RSA_SHA256,
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

/** A self-signed CA certificate over an RSA key in PEM. */
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
      signingKey: await importSigningKey(privateKeyPem),
      signingAlgorithm: RSA_SHA256,
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

function importSigningKey(privateKeyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, RSA_SHA256, false, ['sign']);
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

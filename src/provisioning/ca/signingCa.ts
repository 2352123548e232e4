import { X509Certificate, webcrypto, type KeyObject } from 'node:crypto';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import { signCertificate, type SigningOrder } from './deviceCertificate.ts';
import { nameOf, type NameParts } from './subject.ts';
import { loadX509, makeSubjectKey, plainPem, readKey, signingAlgorithmOf } from './x509.ts';

/** A CA of one's own, ready to sign. */
export interface SigningCa {
  /** The id AWS IoT has or will have for it. */
  readonly id: string;
  /** PEM of the CA alone. */
  readonly certificatePem: string;
  /** Certificates above it, PEM, as far as they were given; empty for a root. */
  readonly chain: readonly string[];
  /** Whether it signed itself. */
  readonly isRoot: boolean;
  readonly notAfter: Date;
  /** Signs a certificate over an EC P-256 public key. */
  sign(order: SigningOrder): Promise<string>;
}

/** A device's new pair. */
export interface DevicePair {
  /** SHA-256 of the DER in lower-case hex: AWS IoT's certificate id. */
  certificateId: string;
  certificatePem: string;
  certificate: X509Certificate;
  /** SEC 1, PEM. */
  privateKeyPem: string;
}

export const DAY_MS = 86_400_000;
/** Clocks of vehicles run late at times: a certificate counts from an hour before it was made. */
export const EARLIER_MS = 3_600_000;

export interface CaFiles {
  /** The CA, and above it the certificates that lead to its root, PEM. */
  certificatePem: string;
  /** PEM in any of the usual forms. */
  privateKeyPem: string;
}

/**
 * A CA that was read from files, of one's own PKI or made here.
 * @param passphrase asked for only when the key is encrypted
 * @throws CmsError CERTIFICATE_UNUSABLE, PASSWORD_MISSING
 */
export async function openCa(
  files: CaFiles,
  { now, passphrase }: { now: number; passphrase: () => Promise<string> },
): Promise<SigningCa> {
  keepPrivateKey(files.privateKeyPem);
  const { certificate, chain } = readCa(files.certificatePem, now);
  const key = await readCaKey(files.privateKeyPem, passphrase);
  if (!certificate.checkPrivateKey(key)) {
    throw unusable(l10n.t('The key of the CA belongs to another certificate.'), WHICH_FILES);
  }
  const algorithm = signingAlgorithmOf(key);
  if (algorithm === undefined) {
    throw unusable(
      l10n.t('AWS IoT does not take CAs with this kind of key.'),
      l10n.t('Use EC on P-256 or P-384, or RSA with 2,048 bits or more.'),
    );
  }
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(certificate.toString());
  // The CA's own name for its key, which need not be computed as ours are (RFC 5280, section 4.2.1.1).
  const ownId = issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  const authorityKey =
    ownId === undefined
      ? await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto)
      : new x509.AuthorityKeyIdentifierExtension(ownId);
  const raw = ({ rawData }: { rawData: ArrayBuffer }): Uint8Array => new Uint8Array(rawData);
  const common = {
    ...{ key, algorithm, name: new Uint8Array(issuer.subjectName.toArrayBuffer()) },
    before: [raw(authorityKey)],
    behind: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ].map(raw),
  };
  return { ...described(certificate, chain), sign: (order) => signCertificate(common, order) };
}

/**
 * A CA whose key is kept elsewhere: its vehicles come in, and nothing is signed.
 * @param refusal what `sign` throws
 */
export function openKeyless(pem: string, now: number, refusal: () => CmsError): SigningCa {
  const { certificate, chain } = readCa(pem, now);
  return { ...described(certificate, chain), sign: () => Promise.reject(refusal()) };
}

function described(certificate: X509Certificate, chain: readonly string[]): Omit<SigningCa, 'sign'> {
  return {
    id: fingerprintOf(certificate),
    certificatePem: certificate.toString(),
    chain,
    isRoot: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
    notAfter: new Date(certificate.validTo),
  };
}

/**
 * A CA certificate without its key, and what stands above it in the file.
 * @param now milliseconds since 1970; undefined where one that has expired will do
 */
export function readCa(
  pem: string,
  now: number | undefined,
): { certificate: X509Certificate; chain: string[] } {
  const all = certificatesIn(pem);
  const [certificate, ...above] = all;
  if (certificate === undefined) {
    throw unusable(l10n.t('The CA certificate cannot be read as PEM.'), WHICH_FILES);
  }
  if (!certificate.ca) {
    throw unusable(
      l10n.t('{subject} is not the certificate of a CA.', { subject: oneLine(certificate.subject) }),
      l10n.t('The certificate of the CA must stand first in its file, before those that signed it.'),
    );
  }
  const notAfter = new Date(certificate.validTo);
  if (now !== undefined && notAfter.getTime() < now) {
    throw unusable(
      l10n.t('The CA {subject} expired at {date}.', {
        subject: oneLine(certificate.subject),
        date: notAfter.toISOString(),
      }),
      l10n.t('Use its successor, or create one with "ca create".'),
    );
  }
  return { certificate, chain: above.map((each) => each.toString()) };
}

export interface DeviceOrder {
  subject: NameParts;
  /** From now; never beyond the end of the CA. */
  days: number;
  /** Milliseconds since 1970. */
  now: number;
}

/** A new EC P-256 key and its certificate. The key is nowhere but in the answer. */
export async function issuePair(ca: SigningCa, { subject, days, now }: DeviceOrder): Promise<DevicePair> {
  const { publicKey, privateKey } = makeSubjectKey();
  const privateKeyPem = plainPem(privateKey);
  keepPrivateKey(privateKeyPem);
  const certificatePem = await ca.sign({ subject, publicKey, ...validity(ca, days, now) });
  const certificate = new X509Certificate(certificatePem);
  return { certificateId: fingerprintOf(certificate), certificatePem, certificate, privateKeyPem };
}

/**
 * The certificate that proves to AWS IoT that whoever registers a CA has its key.
 * Source: AWS IoT Developer Guide, "Register a CA certificate in DEFAULT mode".
 */
export async function verificationCertificate(
  ca: SigningCa,
  registrationCode: string,
  now: number,
): Promise<string> {
  const { publicKey } = makeSubjectKey();
  return ca.sign({ subject: nameOf(registrationCode, {}), publicKey, ...validity(ca, 1, now) });
}

function validity(ca: SigningCa, days: number, now: number): Pick<SigningOrder, 'notBefore' | 'notAfter'> {
  const end = Math.min(now + days * DAY_MS, ca.notAfter.getTime());
  return { notBefore: new Date(now - EARLIER_MS), notAfter: new Date(end) };
}

/** The key of a CA in PEM. @param passphrase asked for only when it is encrypted */
export async function readCaKey(pem: string, passphrase: () => Promise<string>): Promise<KeyObject> {
  const plain = readKey(pem, undefined);
  if (plain !== undefined) return plain;
  if (!/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(pem)) {
    throw unusable(l10n.t('The key of the CA cannot be read as PEM.'), WHICH_FILES);
  }
  const opened = readKey(pem, await passphrase());
  if (opened !== undefined) return opened;
  throw unusable(
    l10n.t('The key of the CA does not open with this passphrase.'),
    l10n.t('Check the passphrase, and run it again.'),
  );
}

/** Of a PEM file that may hold a chain. What is no certificate ends it. */
function certificatesIn(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return texts.slice(0, 10).map((text) => new X509Certificate(text));
  } catch {
    return [];
  }
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

const WHICH_FILES = l10n.t(
  'Check which files are meant: the certificate of the CA in PEM, and its private key in PEM.',
);

export function unusable(sentence: Message, remedy: Message): CmsError {
  return new CmsError('CERTIFICATE_UNUSABLE', sentence, { step: 'ca', remedy });
}

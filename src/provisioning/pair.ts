import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CmsError } from '../core/errors.ts';
import type { DeviceIdentity } from '../protocol/device.ts';

export interface CheckedPair {
  /** SHA-256 of the DER, in lower-case hex: AWS IoT's certificate id. */
  certificateId: string;
  subject: string;
  notBefore: Date;
  notAfter: Date;
}

export interface PairCheck {
  /** Milliseconds since 1970. */
  now: number;
  /**
   * PEM of a root. A certificate that names it as its issuer must be signed by it; AWS IoT's own device
   * certificates name an issuer whose certificate AWS does not publish, so nothing can be said of those.
   */
  root?: string;
  /** For messages: "The production certificate of LSH…". */
  what: string;
}

/** Clocks of makers and users differ a little; a certificate made this moment must not be "from the future". */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Throws CERTIFICATE_UNUSABLE, naming what is wrong, unless key and certificate belong together and are in date. */
export function checkPair(pair: DeviceIdentity, check: PairCheck): CheckedPair {
  const certificate = parseCertificate(pair.certificatePem, check.what);
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pair.privateKeyPem));
  } catch {
    // The parser's own message is left out: it may quote the file, which is meant to be a key.
    throw unusable(`${check.what}: the private key cannot be read as PEM.`);
  }
  if (!matches) throw unusable(`${check.what}: the private key belongs to another certificate.`);

  const notBefore = new Date(certificate.validFrom);
  const notAfter = new Date(certificate.validTo);
  if (notBefore.getTime() > check.now + CLOCK_TOLERANCE_MS) {
    throw unusable(`${check.what} is not valid before ${notBefore.toISOString()}.`, 'Check the clock.');
  }
  if (notAfter.getTime() < check.now) {
    throw unusable(`${check.what} expired at ${notAfter.toISOString()}.`);
  }
  if (check.root !== undefined) checkIssuer(certificate, check.root, check.what);
  return { certificateId: idOf(certificate), subject: certificate.subject, notBefore, notAfter };
}

/** The certificate id AWS IoT gives a PEM; undefined if it is not a certificate. */
export function certificateIdOf(certificatePem: string): string | undefined {
  try {
    return idOf(new X509Certificate(certificatePem));
  } catch {
    return undefined;
  }
}

function parseCertificate(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw unusable(`${what} cannot be read as PEM.`);
  }
}

function checkIssuer(certificate: X509Certificate, rootPem: string, what: string): void {
  let root: X509Certificate;
  try {
    root = new X509Certificate(rootPem);
  } catch {
    return; // A damaged root is found when connecting; it says nothing about this pair.
  }
  if (certificate.issuer === root.subject && !certificate.verify(root.publicKey)) {
    const issuer = oneLine(root.subject);
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      `${what} names ${issuer} as its issuer but was not signed by it.`,
      {
        remedy: REPLACE,
        details: { foreignIssuer: true },
      },
    );
  }
}

function idOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}

const REPLACE =
  'Provision the vehicle with "replace" (--replace), which sets the old pair aside and never deletes it.';

function unusable(message: string, remedy = REPLACE): CmsError {
  return new CmsError('CERTIFICATE_UNUSABLE', message, { remedy });
}

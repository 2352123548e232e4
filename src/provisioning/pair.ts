import { createPrivateKey, X509Certificate } from 'node:crypto';
import { fingerprintOf } from '../aws/iot/fingerprint.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { clockOrReplace } from '../core/outOfDate.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { Unusable } from './stored.ts';

export interface CheckedPair {
  /** SHA-256 of the DER, in lower-case hex: AWS IoT's certificate id. */
  certificateId: string;
  subject: string;
  notBefore: Date;
  notAfter: Date;
}

export type PairVerdict = { kind: 'ok'; checked: CheckedPair } | Unusable;

export interface PairCheck {
  /** Milliseconds since 1970. */
  now: number;
  /**
   * PEM of a root. A certificate that names it as its issuer must be signed by it; AWS IoT's own device
   * certificates name an issuer whose certificate AWS does not publish, so nothing can be said of those.
   */
  root?: string | undefined;
  /** Begins a sentence: "The production certificate of LSH…". */
  what: Message;
}

/** Clocks of makers and users differ a little; a certificate made this moment must not be "from the future". */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Id of the certificate whose key it is; undefined where they do not belong together, or cannot be read. */
export function pairIdOf({ certificatePem, privateKeyPem }: DeviceIdentity): string | undefined {
  keepPrivateKey(privateKeyPem);
  try {
    const certificate = new X509Certificate(certificatePem);
    return certificate.checkPrivateKey(createPrivateKey(privateKeyPem))
      ? fingerprintOf(certificate)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether key and certificate belong together and are in date; if not, what is wrong. */
export function examinePair(pair: DeviceIdentity, { now, root, what }: PairCheck): PairVerdict {
  keepPrivateKey(pair.privateKeyPem);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pair.certificatePem);
  } catch {
    return unusable(l10n.t('{what} cannot be read as PEM.', { what }));
  }
  if (isEncrypted(pair.privateKeyPem)) {
    return unusable(l10n.t('{what}: the private key is encrypted with a passphrase.', { what }), {
      remedy: l10n.t(
        'Vehicles connect unattended, so the key must be readable: decrypt it with "openssl pkey -in OLD -out NEW", and put NEW in its place. Nothing needs to be replaced.',
      ),
    });
  }
  let matches: boolean;
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pair.privateKeyPem));
  } catch {
    // The parser's own message is left out: it may quote the file, which is meant to be a key.
    return unusable(l10n.t('{what}: the private key cannot be read as PEM.', { what }), {
      remedy: UNREADABLE_KEY,
    });
  }
  if (!matches && isInChain(pair)) {
    return unusable(l10n.t('{what} is not first in its file but comes after other certificates.', { what }), {
      remedy: l10n.t(
        'Put it first in the file; those that signed it come after it. Nothing needs to be replaced.',
      ),
    });
  }
  if (!matches) return unusable(l10n.t('{what}: the private key belongs to another certificate.', { what }));

  const notBefore = new Date(certificate.validFrom);
  const notAfter = new Date(certificate.validTo);
  if (notBefore.getTime() > now + CLOCK_TOLERANCE_MS) {
    const dates = { date: notBefore.toISOString(), now: new Date(now).toISOString() };
    const early = l10n.t(
      '{what} is not valid before {date}, and according to this computer’s clock it is {now}.',
      {
        what,
        ...dates,
      },
    );
    return unusable(early, { remedy: l10n.t('Check the clock.') });
  }
  if (notAfter.getTime() < now) {
    return unusable(l10n.t('{what} expired at {date}.', { what, date: notAfter.toISOString() }), {
      remedy: clockOrReplace(now),
    });
  }
  const issuer = root === undefined ? undefined : foreignIssuer(certificate, root);
  if (issuer !== undefined) {
    const message = l10n.t('{what} names {issuer} as its issuer but was not signed by it.', { what, issuer });
    return unusable(message, { foreignIssuer: true });
  }
  const certificateId = fingerprintOf(certificate);
  return { kind: 'ok', checked: { certificateId, subject: certificate.subject, notBefore, notAfter } };
}

/** @throws CERTIFICATE_UNUSABLE, naming what is wrong, unless key and certificate belong together and are in date. */
export function checkPair(pair: DeviceIdentity, check: PairCheck): CheckedPair {
  const verdict = examinePair(pair, check);
  if (verdict.kind === 'unusable') throw verdict.why;
  return verdict.checked;
}

/**
 * The private key in a PEM file that may hold other things, such as its certificate: AWS's native library takes the
 * first PEM of a file for the key. A text without one as it is.
 */
export function privateKeyIn(text: string): string {
  const [key] =
    /-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY-----[^-]+-----END (?:[A-Z0-9]+ ){0,2}PRIVATE KEY-----/.exec(
      text,
    ) ?? [];
  return key === undefined ? text : `${key}\n`;
}

/** PKCS#8 says it in its label, PKCS#1 and SEC 1 in a header (RFC 7468, section 11; RFC 1421, section 4.6.1.1). */
function isEncrypted(privateKeyPem: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(privateKeyPem);
}

/** Whether the key is that of a certificate further down in the file. */
function isInChain({ certificatePem, privateKeyPem }: DeviceIdentity): boolean {
  const all = certificatePem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return all.slice(1, 10).some((pem) => belongTogether({ certificatePem: pem, privateKeyPem }));
}

/** Whether key and certificate are of one pair. */
export function belongTogether({ certificatePem, privateKeyPem }: DeviceIdentity): boolean {
  keepPrivateKey(privateKeyPem);
  try {
    return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}

/** The certificate id AWS IoT gives a PEM; undefined if it is not a certificate. */
export function certificateIdOfPem(certificatePem: string): string | undefined {
  try {
    return fingerprintOf(new X509Certificate(certificatePem));
  } catch {
    return undefined;
  }
}

/** The root that the certificate claims as its issuer, if that root did not sign it. */
function foreignIssuer(certificate: X509Certificate, rootPem: string): string | undefined {
  let root: X509Certificate;
  try {
    root = new X509Certificate(rootPem);
  } catch {
    return undefined; // A damaged root is found when connecting; it says nothing about this pair.
  }
  const foreign = certificate.issuer === root.subject && !certificate.verify(root.publicKey);
  return foreign ? root.subject.replaceAll('\n', ', ') : undefined;
}

/** A key that is there may only be written in another way. */
const UNREADABLE_KEY = l10n.t(
  'It must be a private key as text, which begins with -----BEGIN PRIVATE KEY-----; "openssl pkey -inform DER -in OLD -out NEW" makes one of a binary key. Only if the key is lost, provision the vehicle with "replace" (--replace).',
);

const REPLACE = l10n.t(
  'Provision the vehicle with "replace" (--replace), which sets the old pair aside and never deletes it.',
);

function unusable(
  sentence: Message,
  { remedy = REPLACE, foreignIssuer = false }: { remedy?: Message; foreignIssuer?: boolean } = {},
): Unusable {
  const details = foreignIssuer ? { foreignIssuer } : {};
  const why = new CmsError('CERTIFICATE_UNUSABLE', sentence, { remedy, details });
  return { kind: 'unusable', why, foreignIssuer };
}

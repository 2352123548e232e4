import { X509Certificate } from 'node:crypto';
import { fingerprintOf } from '../aws/iot/fingerprint.ts';

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** One `CN=…` a line in OpenSSL's words; here separated by commas. */
  subject: string;
  issuer: string;
  /** Hexadecimal, in pairs. */
  serial: string;
  notBefore: Date;
  notAfter: Date;
  /** Such as `RSA 2048` or `EC P-256`. */
  key: string;
  /** SHA-256 of the DER in lower-case hex: AWS IoT's certificate id. */
  fingerprint: string;
}

/** Names of curves as standards call them (OpenSSL has its own). */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

/** Reads the first certificate of a PEM text; undefined if there is none that can be used. */
export function certificateFacts(pem: string): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return {
      subject: inOneLine(certificate.subject),
      issuer: inOneLine(certificate.issuer),
      serial: certificate.serialNumber.match(/../g)?.join(':') ?? certificate.serialNumber,
      notBefore: new Date(certificate.validFrom),
      notAfter: new Date(certificate.validTo),
      // Read only now: OpenSSL may know the certificate, and not what its key is.
      key: keyOf(certificate),
      fingerprint: fingerprintOf(certificate),
    };
  } catch {
    return undefined;
  }
}

function keyOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = '?', asymmetricKeyDetails: details = {} } = publicKey;
  const { modulusLength, namedCurve } = details;
  if (namedCurve !== undefined) return `EC ${CURVES[namedCurve] ?? namedCurve}`;
  return [type.toUpperCase(), modulusLength].filter((part) => part !== undefined).join(' ');
}

/** Node gives a name a line for each part, and nothing where there is none. */
function inOneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

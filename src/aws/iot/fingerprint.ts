import type { X509Certificate } from 'node:crypto';

/** SHA-256 of the DER in lower-case hex: the id AWS IoT gives to certificates and CA certificates alike. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';

/** What policies and the listener need to know about an X.509 certificate. */
export interface CertificateFacts {
  /** SHA-256 of the DER, lower-case hex: AWS IoT's certificate id. */
  readonly certificateId: string;
  readonly validFrom: number;
  readonly validTo: number;
  readonly serialNumber: string;
  /** Maps AWS's attribute name (`CommonName`, `Organization` …) to its values, in order. */
  readonly subject: ReadonlyMap<string, readonly string[]>;
  readonly issuer: ReadonlyMap<string, readonly string[]>;
}

/** OpenSSL's attribute names mapped to AWS IoT's ("X.509 Certificate AWS IoT Core policy variables"). */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  dnQualifier: 'DistinguishedNameQualifier',
  C: 'Country',
  O: 'Organization',
  OU: 'OrganizationalUnit',
  ST: 'State',
  CN: 'CommonName',
  serialNumber: 'SerialNumber',
  title: 'Title',
  SN: 'Surname',
  GN: 'GivenName',
  initials: 'Initials',
  pseudonym: 'Pseudonym',
  generationQualifier: 'GenerationQualifier',
};

export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    certificateId: createHash('sha256').update(certificate.raw).digest('hex'),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    serialNumber: certificate.serialNumber,
    subject: attributesOf(certificate.subject),
    issuer: attributesOf(certificate.issuer),
  };
}

/** Node gives no text at all for an empty name, whatever its types say. */
function attributesOf(name: string | undefined): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  if (name === undefined) return attributes;
  for (const line of name.split('\n')) {
    const at = line.indexOf('=');
    const attribute = ATTRIBUTES[line.slice(0, at)];
    if (at < 0 || attribute === undefined) continue;
    attributes.set(attribute, [...(attributes.get(attribute) ?? []), line.slice(at + 1)]);
  }
  return attributes;
}

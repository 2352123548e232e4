import { X509Certificate } from 'node:crypto';
import { certificateIdOf, derOf, pemOf } from '../../../authority/pem.ts';
import { X509Certificate as NamedCertificate } from '../../../authority/x509.ts';
import { certificateInvalid } from '../wire/errors.ts';

export interface ParsedCertificate {
  certificateId: string;
  /** Normalized to lines of 64 characters. */
  certificatePem: string;
  x509: X509Certificate;
}

/** Parses the first certificate in a PEM string. Throws CertificateValidationException if there is none. */
export function parseCertificate(pem: string, what = 'The certificate'): ParsedCertificate {
  const der = derOf(pem, /(?:X509 |TRUSTED )?CERTIFICATE/);
  if (der === undefined) throw certificateInvalid(`${what} is not in PEM format.`);
  try {
    const x509 = new X509Certificate(der);
    return { certificateId: certificateIdOf(der), certificatePem: pemOf(der, 'CERTIFICATE'), x509 };
  } catch {
    throw certificateInvalid(`${what} cannot be parsed.`);
  }
}

/** Whether the CA is the certificate's issuer, by name and by signature. */
export function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  try {
    return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
  } catch {
    return false;
  }
}

export function validityOf(pem: string): { notBefore: number; notAfter: number } {
  const x509 = new X509Certificate(pem);
  return { notBefore: Date.parse(x509.validFrom), notAfter: Date.parse(x509.validTo) };
}

/** Object identifiers of the subject fields that a template for just-in-time provisioning can refer to. */
const SUBJECT_PARAMETERS: Record<string, string> = {
  CommonName: '2.5.4.3',
  SerialNumber: '2.5.4.5',
  Country: '2.5.4.6',
  StateName: '2.5.4.8',
  Organization: '2.5.4.10',
  OrganizationalUnit: '2.5.4.11',
  DistinguishedNameQualifier: '2.5.4.46',
};

/** `AWS::IoT::Certificate::…` parameters of a device certificate ("Just-in-time provisioning"). */
export function templateParametersOf(pem: string): Record<string, string> {
  const subject = new NamedCertificate(pem).subjectName;
  const parameters: Record<string, string> = {};
  for (const [name, id] of Object.entries(SUBJECT_PARAMETERS)) {
    const value = subject.getField(id)[0];
    if (value !== undefined) parameters[`AWS::IoT::Certificate::${name}`] = value;
  }
  return parameters;
}

/** The common name of a certificate's subject. */
export function commonNameOf(pem: string): string | undefined {
  return templateParametersOf(pem)['AWS::IoT::Certificate::CommonName'];
}

import { X509Certificate } from 'node:crypto';
import type { SigningCa } from './signingCa.ts';
import type { SubjectRule } from './subject.ts';

/** A CA of one's own, and what its certificates are to say. */
export interface OwnCa {
  readonly signing: SigningCa;
  readonly rule: SubjectRule;
  /** How long a vehicle's certificate is good for; never longer than the CA. */
  readonly deviceDays: number;
  /** Where it is, for commands that somebody is told. */
  readonly folder?: string;
}

/** Opens the CA when it is needed: its key may be encrypted, and a person asked. Opens it once. */
export type OpenOwnCa = () => Promise<OwnCa>;

/** Whether this CA signed a certificate. */
export function isSignedBy({ signing }: OwnCa, certificatePem: string): boolean {
  try {
    const ca = new X509Certificate(signing.certificatePem);
    const certificate = new X509Certificate(certificatePem);
    return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
  } catch {
    return false;
  }
}

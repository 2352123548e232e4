import type { CertificateFacts } from './certificateFacts.ts';

/** Who is at the other end of a connection, authenticated before any MQTT byte is read. */
export type Principal =
  | { readonly kind: 'certificate'; readonly certificate: CertificateFacts; readonly sourceIp: string }
  /** A caller with AWS credentials (MQTT over WebSocket), by access key: allowed everything, unless they are a role's. */
  | { readonly kind: 'iam'; readonly name: string; readonly sourceIp: string };

export function certificateIdOf(principal: Principal): string | undefined {
  return principal.kind === 'certificate' ? principal.certificate.certificateId : undefined;
}

/** The `principalIdentifier` of lifecycle events. */
export function principalIdentifier(principal: Principal): string {
  return principal.kind === 'certificate' ? principal.certificate.certificateId : principal.name;
}

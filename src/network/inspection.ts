import type { TLSSocket } from 'node:tls';
import { isAwsHost } from './awsHosts.ts';

/** Who signs what AWS shows: Amazon Trust Services, of which Starfield is a part. */
const AMAZON = /Amazon|Starfield/;

/** Who signed the certificate that the other side of a connection shows. */
export function signerOf(socket: TLSSocket): string {
  const issuer = socket.getPeerCertificate().issuer as { O?: string; CN?: string } | undefined;
  return issuer?.O ?? issuer?.CN ?? '?';
}

/** Whether whoever signs in this name is not Amazon: in front of a host of AWS's, that is something which inspects TLS. */
export function isInspector(signer: string): boolean {
  return !AMAZON.test(signer);
}

/** Who inspects the TLS of a connection to a host of AWS's; undefined if nobody does, or the host is somebody else's. */
export function inspectorOf(socket: TLSSocket, host: string): string | undefined {
  if (!isAwsHost(host)) return undefined;
  const signer = signerOf(socket);
  return isInspector(signer) ? signer : undefined;
}

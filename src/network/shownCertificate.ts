import type { PeerCertificate, TLSSocket } from 'node:tls';

/**
 * What the server shows, for errors that tell of it: Node.js gives most of its verdicts without the certificate. To be
 * called before the handshake is over; the answer is undefined until then.
 */
export function certificateOf(socket: TLSSocket): () => PeerCertificate | undefined {
  let shown: PeerCertificate | undefined;
  // Comes before Node.js judges, and destroys what it does not like.
  socket.prependListener('secure', () => (shown = socket.getPeerCertificate()));
  return () => shown;
}

import type { PeerCertificate, TLSSocket } from 'node:tls';

/** What sentences tell of a certificate. */
type Shown = Pick<PeerCertificate, 'valid_from' | 'valid_to' | 'subjectaltname'>;

/**
 * What the server shows, for errors that tell of it: Node.js gives most of its verdicts without the certificate. To be
 * called before the handshake is over; the answer is undefined until then, and again when the certificate was taken,
 * because connections live long.
 */
export function certificateOf(socket: TLSSocket): () => Shown | undefined {
  let shown: Shown | undefined;
  // Comes before Node.js judges, and destroys what it does not like.
  socket.prependListener('secure', () => {
    const { valid_from, valid_to, subjectaltname } = socket.getPeerCertificate();
    shown = { valid_from, valid_to, ...(subjectaltname === undefined ? {} : { subjectaltname }) };
  });
  socket.once('secureConnect', () => (shown = undefined));
  return () => shown;
}

import { handshake } from '../../network/handshake.ts';
import { inspectorOf } from '../../network/inspection.ts';
import type { Broker } from '../../protocol/device.ts';

export type ServerProblem =
  /** OpenSSL's error code, and the certificate as Node.js gives it. */
  | { kind: 'refused'; code: string; cert: unknown }
  /** Something in between inspects TLS, with a certificate of its own that is trusted here. */
  | { kind: 'inspected'; signer: string };

/**
 * Why a TLS client would refuse this server, or could not speak with it; undefined if there is no reason, or none known.
 * Needed because the native library delays its own verdict for up to 30 s (s2n's protection against timing attacks), so
 * that a wrong root or clock would look like a silent network.
 */
export async function serverProblem(broker: Broker, timeoutMs: number): Promise<ServerProblem | undefined> {
  const bounds = { timeoutMs, signal: new AbortController().signal };
  try {
    return await handshake({ ...broker, ca: broker.rootCaPem }, bounds, (socket) => {
      // Node's types say Error, but the value is an error code such as CERT_NOT_YET_VALID.
      const problem: unknown = socket.authorizationError;
      if (!socket.authorized) {
        return { kind: 'refused', code: String(problem), cert: socket.getPeerCertificate() };
      }
      const signer = inspectorOf(socket, broker.host);
      return signer === undefined ? undefined : { kind: 'inspected', signer };
    });
  } catch {
    return undefined;
  }
}

import { handshake } from '../../network/handshake.ts';
import type { Broker } from '../../protocol/device.ts';

/**
 * Why a TLS client would refuse this server, as OpenSSL's error code; undefined if it would not, or if that is unknown.
 * Needed because the native library delays its own verdict for up to 30 s (s2n's protection against timing attacks), so
 * that a wrong root or clock would look like a silent network.
 */
export async function serverProblem(broker: Broker, timeoutMs: number): Promise<string | undefined> {
  const bounds = { timeoutMs, signal: new AbortController().signal };
  try {
    return await handshake({ ...broker, ca: broker.rootCaPem }, bounds, (socket) => {
      // Node's types say Error, but the value is an error code such as CERT_NOT_YET_VALID.
      const problem: unknown = socket.authorizationError;
      return socket.authorized ? undefined : String(problem);
    });
  } catch {
    return undefined;
  }
}

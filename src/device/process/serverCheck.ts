import { connect } from 'node:tls';
import type { Broker } from '../../protocol/device.ts';

/**
 * Why a TLS client would refuse this server, as OpenSSL's error code; undefined if it would not, or if that is unknown.
 * Needed because the native library delays its own verdict for up to 30 s (s2n's protection against timing attacks), so
 * that a wrong root or clock would look like a silent network.
 */
export function serverProblem(broker: Broker, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host: broker.host,
      port: broker.port,
      servername: /^[\d.]+$|:/.test(broker.host) ? '' : broker.host,
      ca: broker.rootCaPem,
      rejectUnauthorized: false,
    });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(timeoutMs, () => end(undefined));
    socket.once('error', () => end(undefined));
    socket.once('secureConnect', () => {
      // Node's types say Error, but the value is an error code such as CERT_NOT_YET_VALID.
      const problem: unknown = socket.authorizationError;
      end(socket.authorized ? undefined : String(problem));
    });
  });
}

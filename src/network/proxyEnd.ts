import { causeOf, type NetworkCause } from './causes.ts';
import { SOCKS_WANTS_LOGIN } from './proxyFailure.ts';

/** The texts of the `socks` package, which gives its errors no code and keeps of Node.js's errors the text only. */
const SOCKS_REFUSAL = /^Socks[45] proxy rejected connection - \(?(\w+)\)?$/i;
const SOCKS_LOGIN = /^(Socks5 Authentication failed|Received invalid Socks5 initial handshake \(no accepted)/;
const NODE_TEXT = /^(connect|getaddrinfo|read|write) (E[A-Z_0-9]+)\b/;

/** How a connection to a proxy, or through it, failed. */
interface ProxyEnd {
  status?: string;
  stood: boolean;
  cause: unknown;
}

/** Verdicts on what speaks TLS, or does not. */
const TLS: ReadonlySet<NetworkCause['kind'] | undefined> = new Set([
  'not-tls',
  'no-mqtt',
  'tls-refused',
  'untrusted',
  'weak',
  'expired',
  'early',
  'other-host',
]);

/** Of an error of the agents: what the proxy said, and whether there was a connection to it at all. */
export function endOf(error: unknown, isSocks: boolean): ProxyEnd {
  const { message, syscall, code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  if (isSocks && code === undefined) {
    const reply = SOCKS_LOGIN.test(message) ? SOCKS_WANTS_LOGIN : SOCKS_REFUSAL.exec(message)?.[1];
    if (reply !== undefined) return { status: reply, stood: true, cause: error };
    const [, call, name] = NODE_TEXT.exec(message) ?? [];
    // One error for each address of a host has no text of its own.
    const stood = message !== '' && !isBefore(call);
    return { stood, cause: name === undefined ? error : Object.assign(new Error(message), { code: name }) };
  }
  const first = syscall ?? (errors?.[0] as NodeJS.ErrnoException | undefined)?.syscall;
  // A proxy that shows a certificate which is not trusted, or speaks no TLS, is none that could be asked.
  const isTls = TLS.has(causeOf(error)?.kind) || /^ERR_(TLS|SSL)/.test(code ?? '');
  return { stood: !isTls && !isBefore(first), cause: error };
}

function isBefore(call: string | undefined): boolean {
  return call === 'connect' || call === 'getaddrinfo';
}

/**
 * Whether the name of the target was not found, and not that of the proxy: with `socks4` and `socks5` this computer looks
 * it up itself.
 */
export function isTargetUnknown(error: unknown, host: string, isSocks: boolean): error is Error {
  const { syscall, code, hostname } = error as NodeJS.ErrnoException & { hostname?: unknown };
  return isSocks && code !== undefined && syscall === 'getaddrinfo' && hostname === host;
}

import type { Target } from './proxySettings.ts';

/** A request that a proxy refused or cut, or a proxy that cannot be reached. It holds no user and no password. */
export class ProxyFailure extends Error {
  readonly code = 'PROXY_FAILURE';
  /** `http://proxy.example.com:3128`. */
  readonly proxy: string;
  readonly target: Target;
  /** What the proxy answered instead of 200, or the name of a SOCKS reply; undefined when no answer came. */
  readonly status: number | string | undefined;
  /** The ways to sign in that it offers with 407, such as `NTLM`. */
  readonly schemes: readonly string[];
  /** Whether there was a connection to the proxy, on which it could have answered. */
  readonly stood: boolean;

  constructor(
    proxy: string,
    target: Target,
    {
      status,
      schemes = [],
      stood = status !== undefined,
      cause,
    }: {
      status?: number | string | undefined;
      schemes?: readonly string[];
      stood?: boolean;
      cause?: unknown;
    },
  ) {
    const what =
      status === undefined ? (stood ? 'gave no answer' : 'cannot be reached') : `answered ${status}`;
    super(`The proxy ${proxy} ${what}.`, { cause });
    this.name = 'ProxyFailure';
    this.proxy = proxy;
    this.target = target;
    this.status = status;
    this.schemes = schemes;
    this.stood = stood;
  }
}

/** Bundles have copies of the class. */
export function isProxyFailure(error: unknown): error is ProxyFailure {
  return error instanceof Error && 'code' in error && error.code === 'PROXY_FAILURE';
}

/** Reply 2 of SOCKS 5, "connection not allowed by ruleset" (RFC 1928, section 6), as the `socks` package calls it. */
export const SOCKS_FORBIDS = 'NotAllowed';
/** No login, or another one, is taken. */
export const SOCKS_WANTS_LOGIN = 'SOCKS login';

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
  const isTls = /^(ERR_(TLS|SSL)|EPROTO$|UNABLE_|CERT_|DEPTH_|SELF_|UNSPECIFIED$)/.test(code ?? '');
  return { stood: !isTls && !isBefore(first), cause: error };
}

function isBefore(call: string | undefined): boolean {
  return call === 'connect' || call === 'getaddrinfo';
}

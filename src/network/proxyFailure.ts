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

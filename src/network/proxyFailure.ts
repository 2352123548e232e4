import type { Target } from './proxySettings.ts';

/** A request that a proxy refused, or a proxy that cannot be reached. It holds no user and no password. */
export class ProxyFailure extends Error {
  readonly code = 'PROXY_FAILURE';
  /** `http://proxy.example.com:3128`. */
  readonly proxy: string;
  readonly target: Target;
  /** What the proxy answered instead of 200; undefined when it could not be reached. */
  readonly status: number | undefined;
  /** The ways to sign in that it offers with 407, such as `NTLM`. */
  readonly schemes: readonly string[];

  constructor(
    proxy: string,
    target: Target,
    {
      status,
      schemes = [],
      cause,
    }: { status?: number | undefined; schemes?: readonly string[]; cause?: unknown },
  ) {
    super(`The proxy ${proxy} ${status === undefined ? 'cannot be reached' : `answered ${status}`}.`, {
      cause,
    });
    this.name = 'ProxyFailure';
    this.proxy = proxy;
    this.target = target;
    this.status = status;
    this.schemes = schemes;
  }
}

/** Bundles have copies of the class. */
export function isProxyFailure(error: unknown): error is ProxyFailure {
  return error instanceof Error && 'code' in error && error.code === 'PROXY_FAILURE';
}

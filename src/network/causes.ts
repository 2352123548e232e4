import { isProxyFailure, type ProxyFailure } from './proxyFailure.ts';

/**
 * Why a host was not reached: one vocabulary for HTTPS and for MQTT. It is recognized by codes and types where the
 * error came from, never by words in its text, but for OpenSSL's reasons that Node.js leaves there.
 */
export type NetworkCause =
  | { kind: Plain; code: string }
  /** `socks`: the proxy for which this computer had to look up the name. */
  | { kind: 'name-unknown' | 'name-lookup-failed'; code: string; socks: string }
  /** `status`: of HTTP, or the name of a reply of SOCKS. */
  | { kind: 'proxy-refused'; proxy: string; status: number | string; schemes: readonly string[] }
  /** No connection to the proxy. */
  | { kind: 'proxy-unreachable'; proxy: string; cause: NetworkCause | undefined }
  /** The proxy took the connection, and ended it, or said nothing, instead of an answer. */
  | { kind: 'proxy-cut'; proxy: string; cause: NetworkCause | undefined }
  /**
   * By the time of this computer the certificate has expired, or is not valid yet. `limit`: since or until when, in
   * milliseconds since 1970, if it was seen.
   */
  | { kind: 'expired' | 'early'; code: string; limit?: number }
  /** The certificate is for other hosts. */
  | { kind: 'other-host'; code: string; names: readonly string[] };

type Plain =
  | 'name-unknown'
  | 'name-lookup-failed'
  | 'no-route'
  | 'no-network'
  /** An answer that nothing listens there. */
  | 'refused'
  /** No answer. */
  | 'silent'
  /** The connection stands, and nothing comes over it. */
  | 'mute'
  /** The connection was ended. */
  | 'cut'
  /** Something answered that does not speak TLS. */
  | 'not-tls'
  /** A server of HTTPS, or of something else. */
  | 'no-mqtt'
  /** The other side speaks TLS, and no version, cipher or certificate that both take. */
  | 'tls-refused'
  /** The certificate was signed by nobody who is trusted. */
  | 'untrusted'
  /** A key or a signature in its chain is weaker than this computer allows. */
  | 'weak'
  /** This computer does not let the connection out. */
  | 'forbidden'
  /** This computer has no address or port left for it. */
  | 'no-address'
  /** Known by its code only. */
  | 'other';

const KINDS: Readonly<Record<string, Plain>> = {
  ENOTFOUND: 'name-unknown',
  EAI_NODATA: 'name-unknown',
  EAI_AGAIN: 'name-lookup-failed',
  EAI_FAIL: 'name-lookup-failed',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'silent',
  TLS_SILENT: 'mute',
  ECONNRESET: 'cut',
  ECONNABORTED: 'cut',
  EPIPE: 'cut',
  EHOSTUNREACH: 'no-route',
  EHOSTDOWN: 'no-route',
  ENETUNREACH: 'no-network',
  ENETDOWN: 'no-network',
  EPROTO: 'not-tls',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EADDRNOTAVAIL: 'no-address',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'no-mqtt',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls-refused',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'tls-refused',
  ERR_SSL_NO_SHARED_CIPHER: 'tls-refused',
  ERR_SSL_DH_KEY_TOO_SMALL: 'tls-refused',
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: 'tls-refused',
};

/** OpenSSL's verdicts on a chain of certificates (openssl-verification-options, X509_V_ERR_*), as Node.js names them. */
const UNTRUSTED = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'CRL_SIGNATURE_FAILURE',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  // Any other verdict, for which Node.js has no name.
  'UNSPECIFIED',
]);

const SOCKET_CALL = /^(connect|bind|send)/;

/** The cause anywhere in a chain of errors; undefined when the network is not why. */
export function causeOf(error: unknown, depth = 0): NetworkCause | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  if (isProxyFailure(error)) return causeOfProxy(error);
  const { code, name, syscall, cause, errors, cert, socks } = error as Record<string, unknown>;
  if (typeof code === 'string') {
    const known = causeOfCode(codeOf(error) ?? code, cert) ?? causeOfCode(code, cert);
    // A file that may not be read has the same codes.
    const isFile = known?.kind === 'forbidden' && typeof syscall === 'string' && !SOCKET_CALL.test(syscall);
    if (known?.kind === 'name-unknown' || known?.kind === 'name-lookup-failed')
      return typeof socks === 'string' ? { kind: known.kind, code, socks } : known;
    if (known !== undefined && !isFile) return known;
  }
  if (name === 'TimeoutError') return { kind: 'silent', code: name };
  // One error for each address of a host: the first says as much as any.
  const [inner] = Array.isArray(errors) ? (errors as unknown[]) : [];
  return causeOf(cause, depth + 1) ?? causeOf(inner, depth + 1);
}

/**
 * The code of an error of Node.js, and OpenSSL's own in place of `EPROTO`, which Node.js has for what it only learns while
 * it writes, with OpenSSL's line as the text: `write EPROTO 40B7…:error:0A000410:SSL routines:…:ssl/tls alert …:…`.
 */
export function codeOf(error: object): string | undefined {
  const { code, reason, message } = error as Record<string, unknown>;
  if (typeof code !== 'string') return undefined;
  if (code !== 'EPROTO') return code;
  const told =
    typeof reason === 'string' ? reason : /:SSL routines:[^:]*:([^:]+):/.exec(String(message))?.[1];
  return told === undefined ? code : `ERR_SSL_${told.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
}

/** The cause that one code of Node.js or OpenSSL stands for. */
export function causeOfCode(code: string, cert?: unknown): NetworkCause | undefined {
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (kind !== undefined) return { kind, code };
  if (UNTRUSTED.has(code)) return { kind: 'untrusted', code };
  if (code === 'CERT_HAS_EXPIRED') return { kind: 'expired', code, ...limitOf(cert, 'valid_to') };
  if (code === 'CERT_NOT_YET_VALID') return { kind: 'early', code, ...limitOf(cert, 'valid_from') };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return { kind: 'other-host', code, names: namesOf(cert) };
  // What OpenSSL says of bytes that are no TLS, of a version or an alert it does not know.
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST)$/.test(code)) {
    return { kind: 'not-tls', code };
  }
  if (/(^|_)(EE_KEY_TOO_SMALL|CA_KEY_TOO_SMALL|CA_MD_TOO_WEAK)$/.test(code)) return { kind: 'weak', code };
  if (/^ERR_SSL_.*ALERT_/.test(code)) return { kind: 'tls-refused', code };
  return undefined;
}

function causeOfProxy({ proxy, status, schemes, stood, cause }: ProxyFailure): NetworkCause {
  if (status !== undefined) return { kind: 'proxy-refused', proxy, status, schemes };
  return { kind: stood ? 'proxy-cut' : 'proxy-unreachable', proxy, cause: causeOf(cause) };
}

/** `Jan  5 09:00:00 2026 GMT`, as Node.js gives it. */
function limitOf(cert: unknown, which: 'valid_from' | 'valid_to'): { limit?: number } {
  const text =
    typeof cert === 'object' && cert !== null ? (cert as Record<string, unknown>)[which] : undefined;
  const limit = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isNaN(limit) ? {} : { limit };
}

function namesOf(cert: unknown): string[] {
  if (typeof cert !== 'object' || cert === null) return [];
  const { subjectaltname } = cert as { subjectaltname?: unknown };
  if (typeof subjectaltname !== 'string') return [];
  return [...subjectaltname.matchAll(/DNS:([^,\s]+)/g)].flatMap(([, name]) => name ?? []).slice(0, 3);
}

/** A short name of it for logs and JSON: a code of Node.js or OpenSSL where there is one. */
export function codeOfCause(cause: NetworkCause): string {
  return 'code' in cause ? cause.code : cause.kind;
}

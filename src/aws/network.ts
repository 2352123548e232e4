import { CmsError } from '../core/errors.ts';

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/;
const TIMEOUT = /TIMEOUT|ETIMEDOUT|TimeoutError/i;
const OTHER: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed while sending',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  EPROTO: 'it does not speak TLS as expected',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'its answer is larger than can be accepted',
};

/**
 * The ENDPOINT_UNREACHABLE a failed socket, name look-up, TLS handshake or time-out means;
 * undefined when the error is none of these.
 */
export function networkError(error: unknown, where: string): CmsError | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  if (CERTIFICATE.test(code)) {
    return unreachable(where, 'its TLS certificate is not trusted', code, error, {
      remedy: 'Name the CA file that signed it (ca_bundle of the profile, or AWS_CA_BUNDLE).',
    });
  }
  if (TIMEOUT.test(code)) return unreachable(where, 'it did not answer in time', code, error);
  const why = OTHER[code];
  return why === undefined ? undefined : unreachable(where, why, code, error);
}

function unreachable(
  where: string,
  why: string,
  code: string,
  cause: unknown,
  options: { remedy?: string } = {},
): CmsError {
  return new CmsError('ENDPOINT_UNREACHABLE', `Cannot reach ${where}: ${why}.`, {
    remedy: options.remedy ?? 'Check the network, the endpoint and the region, then try again.',
    details: { network: code },
    cause,
  });
}

/** The system or TLS error code anywhere in the chain of causes. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, name, cause, errors } = error as Record<string, unknown>;
  if (typeof code === 'string' && known(code)) return code;
  if (name === 'TimeoutError') return 'TimeoutError';
  const inner = Array.isArray(errors) ? (errors as unknown[])[0] : undefined;
  return codeOf(cause, depth + 1) ?? codeOf(inner, depth + 1);
}

function known(code: string): boolean {
  return code in OTHER || CERTIFICATE.test(code) || TIMEOUT.test(code);
}

import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/;
const TIMEOUT = /TIMEOUT|ETIMEDOUT|TimeoutError/i;
const OTHER: Readonly<Record<string, Message>> = {
  ECONNREFUSED: l10n.t('nothing listens there'),
  ENOTFOUND: l10n.t('its name is not known'),
  EAI_AGAIN: l10n.t('its name cannot be looked up now'),
  ECONNRESET: l10n.t('the connection was reset'),
  EPIPE: l10n.t('the connection was closed while sending'),
  EHOSTUNREACH: l10n.t('there is no way to the host'),
  ENETUNREACH: l10n.t('there is no way to the network'),
  EPROTO: l10n.t('it does not speak TLS as expected'),
  UND_ERR_SOCKET: l10n.t('the connection was closed'),
  UND_ERR_RES_EXCEEDED_MAX_SIZE: l10n.t('its answer is larger than can be accepted'),
};

/**
 * The ENDPOINT_UNREACHABLE a failed socket, name look-up, TLS handshake or time-out means, with the sentence that
 * `sentence` makes of the reason; undefined when the error is none of these.
 */
export function networkError(error: unknown, sentence: (why: Message) => Message): CmsError | undefined {
  const network = codeOf(error);
  const why = network === undefined ? undefined : reasonOf(network);
  if (network === undefined || why === undefined) return undefined;
  return new CmsError('ENDPOINT_UNREACHABLE', sentence(why), {
    remedy: CERTIFICATE.test(network)
      ? l10n.t('Name the CA file that signed it (ca_bundle of the profile, or AWS_CA_BUNDLE).')
      : l10n.t('Check the network, the endpoint and the region, then try again.'),
    details: { network },
    cause: error,
  });
}

function reasonOf(code: string): Message | undefined {
  if (CERTIFICATE.test(code)) return l10n.t('its TLS certificate is not trusted');
  if (TIMEOUT.test(code)) return l10n.t('it did not answer in time');
  return OTHER[code];
}

/** The system or TLS error code anywhere in the chain of causes. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, name, cause, errors } = error as Record<string, unknown>;
  if (typeof code === 'string' && reasonOf(code) !== undefined) return code;
  if (name === 'TimeoutError') return 'TimeoutError';
  const inner = Array.isArray(errors) ? (errors as unknown[])[0] : undefined;
  return codeOf(cause, depth + 1) ?? codeOf(inner, depth + 1);
}

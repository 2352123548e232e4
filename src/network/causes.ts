import { l10n, type Message } from '../core/message.ts';
import { isProxyFailure, type ProxyFailure } from './proxyFailure.ts';

/**
 * Why a host was not reached: one vocabulary for HTTPS and for MQTT. It is recognized by codes and types where the
 * error came from, never by words in its text.
 */
export type NetworkCause =
  | { kind: Plain; code: string }
  | { kind: 'proxy-refused'; proxy: string; status: number; schemes: readonly string[] }
  | { kind: 'proxy-unreachable'; proxy: string; cause: NetworkCause | undefined }
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
  /** The certificate was signed by nobody who is trusted. */
  | 'untrusted'
  /** By the time of this computer the certificate has expired, or is not valid yet. */
  | 'expired'
  | 'early';

const KINDS: Readonly<Record<string, Plain>> = {
  ENOTFOUND: 'name-unknown',
  EAI_NODATA: 'name-unknown',
  EAI_AGAIN: 'name-lookup-failed',
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
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'early',
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
]);

/** The cause anywhere in a chain of errors; undefined when the network is not why. */
export function causeOf(error: unknown, depth = 0): NetworkCause | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  if (isProxyFailure(error)) return causeOfProxy(error);
  const { code, name, cause, errors, cert } = error as Record<string, unknown>;
  if (typeof code === 'string') {
    const known = causeOfCode(code, cert);
    if (known !== undefined) return known;
  }
  if (name === 'TimeoutError') return { kind: 'silent', code: name };
  // One error for each address of a host: the first says as much as any.
  const [inner] = Array.isArray(errors) ? (errors as unknown[]) : [];
  return causeOf(cause, depth + 1) ?? causeOf(inner, depth + 1);
}

/** The cause that one code of Node.js or OpenSSL stands for. */
export function causeOfCode(code: string, cert?: unknown): NetworkCause | undefined {
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  if (kind !== undefined) return { kind, code };
  if (UNTRUSTED.has(code)) return { kind: 'untrusted', code };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return { kind: 'other-host', code, names: namesOf(cert) };
  if (code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL') return { kind: 'no-mqtt', code };
  // What OpenSSL says of bytes that are no TLS, of a version or an alert it does not know.
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|HTTP_REQUEST)$/.test(code)) {
    return { kind: 'not-tls', code };
  }
  return undefined;
}

function causeOfProxy({ proxy, status, schemes, cause }: ProxyFailure): NetworkCause {
  return status === undefined
    ? { kind: 'proxy-unreachable', proxy, cause: causeOf(cause) }
    : { kind: 'proxy-refused', proxy, status, schemes };
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

/** What happened, as the end of a sentence: "Cannot reach HOST: {why}." */
export function whyOf(cause: NetworkCause): Message {
  switch (cause.kind) {
    case 'name-unknown':
      return l10n.t('its name is not known');
    case 'name-lookup-failed':
      return l10n.t('its name cannot be looked up now');
    case 'no-route':
      return l10n.t('there is no way to the host');
    case 'no-network':
      return l10n.t('there is no way to the network');
    case 'refused':
      return l10n.t('nothing listens there');
    case 'silent':
      return l10n.t('it did not answer in time');
    case 'mute':
      return l10n.t('it takes the connection and says nothing');
    case 'cut':
      return l10n.t('the connection was reset');
    case 'proxy-refused':
      return whyRefused(cause);
    case 'proxy-unreachable': {
      const { proxy } = cause;
      return cause.cause === undefined
        ? l10n.t('the proxy {proxy} cannot be reached', { proxy })
        : l10n.t('the proxy {proxy} cannot be reached, because {why}', { proxy, why: whyOf(cause.cause) });
    }
    case 'not-tls':
      return l10n.t('it does not speak TLS as expected');
    case 'no-mqtt':
      return l10n.t('what answers there takes no MQTT');
    case 'untrusted':
      return l10n.t('its TLS certificate is not trusted');
    case 'expired':
      return l10n.t('its TLS certificate has expired by the time of this computer ({now})', { now: today() });
    case 'early':
      return l10n.t('its TLS certificate is not valid yet by the time of this computer ({now})', {
        now: today(),
      });
    case 'other-host':
      return cause.names.length === 0
        ? l10n.t('its TLS certificate is for another host')
        : l10n.t('its TLS certificate is for {names}', { names: l10n.list([...cause.names], 'and') });
  }
}

/** The date of this computer: whoever sees it knows whether that is why. */
function today(): string {
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

type Refusal = Extract<NetworkCause, { kind: 'proxy-refused' }>;

/** A proxy that takes other ways to sign in than a user name and a password, such as NTLM and Kerberos (Negotiate). */
function wantsOtherLogin({ status, schemes }: Refusal): boolean {
  return status === 407 && schemes.length > 0 && !schemes.some((scheme) => /^basic$/i.test(scheme));
}

function whyRefused(cause: Refusal): Message {
  const { proxy, status, schemes } = cause;
  if (wantsOtherLogin(cause)) {
    const values = { proxy, schemes: l10n.list([...schemes], 'or') };
    return l10n.t('the proxy {proxy} takes no user name and password, only {schemes} (407)', values);
  }
  if (status === 407) return l10n.t('the proxy {proxy} wants a user name and a password (407)', { proxy });
  if (status === 403) return l10n.t('the proxy {proxy} does not allow it (403)', { proxy });
  return l10n.t('the proxy {proxy} answered {status}', { proxy, status });
}

/** What to do about it. */
export function remedyOf(cause: NetworkCause): Message {
  switch (cause.kind) {
    case 'proxy-refused':
      if (wantsOtherLogin(cause)) {
        return l10n.t(
          'CMS Enablement signs in to proxies by user name and password only. Run a local proxy that does the rest, such as Px or Cntlm, and name that in HTTPS_PROXY; or ask for a proxy without NTLM and Kerberos.',
        );
      }
      return cause.status === 407
        ? l10n.t(
            'Put user and password into HTTPS_PROXY (http://user:password@host:port), or http.proxyAuthorization into the settings of the editor.',
          )
        : l10n.t('Ask the people who run the proxy to let this host and port through.');
    case 'proxy-unreachable':
      return l10n.t('Check HTTPS_PROXY, or http.proxy in the settings of the editor.');
    case 'untrusted':
      return l10n.t(
        'Name the CA file that signed it (ca_bundle of the profile, or AWS_CA_BUNDLE). On a company network that is the CA of the proxy that inspects TLS.',
      );
    case 'mute':
      return l10n.t(
        'Something in between, such as a firewall, takes connections and lets nothing through: ask for this host and port to be opened.',
      );
    case 'expired':
    case 'early':
      return l10n.t('Check the date and time of this computer, then try again.');
    case 'other-host':
      return l10n.t(
        'A proxy or a sign-in page of the network may stand in between: open any web page, sign in to the network, then try again.',
      );
    default:
      return l10n.t('Check the network, the endpoint and the region, then try again.');
  }
}

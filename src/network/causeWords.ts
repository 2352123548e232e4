import { l10n, type Message } from '../core/message.ts';
import type { NetworkCause } from './causes.ts';
import { SOCKS_FORBIDS, SOCKS_WANTS_LOGIN } from './proxyFailure.ts';

/** What happened, as the end of a sentence: "Cannot reach HOST: {why}." */
export function whyOf(cause: NetworkCause): Message {
  switch (cause.kind) {
    case 'name-unknown':
      return l10n.t('host name not found');
    case 'name-lookup-failed':
      return l10n.t('its host name cannot be resolved right now');
    case 'no-route':
      return l10n.t('the host is unreachable');
    case 'no-network':
      return l10n.t('the network is unreachable');
    case 'refused':
      return l10n.t('nothing is listening there');
    case 'silent':
      return l10n.t('it did not answer in time');
    case 'mute':
      return l10n.t('it accepts the connection but does not answer');
    case 'cut':
      return l10n.t('the connection was reset');
    case 'proxy-refused':
      return whyRefused(cause);
    case 'proxy-cut': {
      const { proxy } = cause;
      return cause.cause?.kind === 'silent'
        ? l10n.t('the proxy {proxy} did not answer in time', { proxy })
        : l10n.t('the proxy {proxy} took the connection and ended it without an answer', { proxy });
    }
    case 'proxy-unreachable': {
      const { proxy } = cause;
      return cause.cause === undefined
        ? l10n.t('the proxy {proxy} cannot be reached', { proxy })
        : l10n.t('the proxy {proxy} cannot be reached, because {why}', { proxy, why: whyOf(cause.cause) });
    }
    case 'not-tls':
      return l10n.t('it does not speak TLS as expected');
    case 'no-mqtt':
      return l10n.t('what answers there does not speak MQTT');
    case 'untrusted':
      return l10n.t('its TLS certificate is not trusted');
    case 'weak':
      return l10n.t('a key or signature of its TLS certificate is too weak for this computer ({code})', {
        code: cause.code,
      });
    case 'tls-refused':
      return l10n.t('there is no TLS version, cipher or certificate that both sides take ({code})', {
        code: cause.code,
      });
    case 'forbidden':
      return l10n.t('this computer does not allow the connection ({code})', { code: cause.code });
    case 'no-address':
      return l10n.t('this computer has no address or port for the connection ({code})', { code: cause.code });
    case 'other':
      return l10n.verbatim(cause.code);
    case 'expired':
    case 'early':
      return whyOutOfDate(cause);
    case 'other-host':
      return cause.names.length === 0
        ? l10n.t('its TLS certificate is for another host')
        : l10n.t('its TLS certificate is for {names}', { names: l10n.list([...cause.names], 'and') });
  }
}

/** With the time of this computer, and how far that is off the certificate: whoever sees it knows whether that is why. */
function whyOutOfDate({ kind, limit }: Extract<NetworkCause, { kind: 'expired' | 'early' }>): Message {
  const now = Date.now();
  const values = { now: minuteOf(now) };
  if (kind === 'expired') {
    return limit === undefined
      ? l10n.t('its TLS certificate has expired according to this computer’s clock ({now})', values)
      : l10n.t(
          'its TLS certificate has expired according to this computer’s clock ({now}): it ended {difference} before, at {limit}',
          { ...values, limit: minuteOf(limit), difference: differenceOf(now - limit) },
        );
  }
  return limit === undefined
    ? l10n.t('its TLS certificate is not valid yet according to this computer’s clock ({now})', values)
    : l10n.t(
        'its TLS certificate is not valid yet according to this computer’s clock ({now}): it begins {difference} later, at {limit}',
        { ...values, limit: minuteOf(limit), difference: differenceOf(limit - now) },
      );
}

function minuteOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const HOUR_MS = 60 * 60_000;

/** Days, from two of them; else hours or minutes. */
function differenceOf(ms: number): Message {
  const days = Math.round(ms / (24 * HOUR_MS));
  if (days >= 2) return l10n.plural(days, l10n.t('1 day'), l10n.t('{count} days', { count: days }));
  const hours = Math.round(ms / HOUR_MS);
  if (hours >= 2) return l10n.plural(hours, l10n.t('1 hour'), l10n.t('{count} hours', { count: hours }));
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return l10n.plural(minutes, l10n.t('1 minute'), l10n.t('{count} minutes', { count: minutes }));
}

type Refusal = Extract<NetworkCause, { kind: 'proxy-refused' }>;

/** A proxy that takes other ways to sign in than a user name and a password, such as NTLM and Kerberos (Negotiate). */
function wantsOtherLogin({ status, schemes }: Refusal): boolean {
  return status === 407 && schemes.length > 0 && !schemes.some((scheme) => /^basic$/i.test(scheme));
}

function wantsLogin({ status }: Refusal): boolean {
  return status === 407 || status === SOCKS_WANTS_LOGIN;
}

function whyRefused(cause: Refusal): Message {
  const { proxy, status, schemes } = cause;
  if (wantsOtherLogin(cause)) {
    const values = { proxy, schemes: l10n.list([...schemes], 'or') };
    return l10n.t('the proxy {proxy} does not accept a user name and password, only {schemes} (407)', values);
  }
  if (wantsLogin(cause))
    return l10n.t('the proxy {proxy} requires a user name and a password ({status})', { proxy, status });
  if (status === 403 || status === SOCKS_FORBIDS)
    return l10n.t('the proxy {proxy} does not allow it ({status})', { proxy, status });
  return l10n.t('the proxy {proxy} answered {status}', { proxy, status });
}

const CHECK = l10n.t('Check the network, the endpoint and the region, then try again.');

/** What to do about it. */
export function remedyOf(cause: NetworkCause): Message {
  switch (cause.kind) {
    case 'proxy-refused':
      if (wantsOtherLogin(cause)) {
        return l10n.t(
          'Proxies that ask for anything but user name and password are not supported. Run a local proxy that handles the rest, such as Px or Cntlm, and set HTTPS_PROXY to it; or ask for a proxy without NTLM and Kerberos.',
        );
      }
      return wantsLogin(cause)
        ? l10n.t(
            'Put user and password into HTTPS_PROXY (http://user:password@host:port), or http.proxyAuthorization into the settings of the editor.',
          )
        : l10n.t('Ask whoever runs the proxy to allow this host and port.');
    case 'proxy-cut':
      return l10n.t('Ask whoever runs the proxy to allow this host and port.');
    case 'weak':
      return l10n.t(
        'Ask whoever runs this server, or the proxy that inspects TLS, for a certificate with stronger keys.',
      );
    case 'tls-refused':
      return l10n.t(
        'A proxy in between, or an old server, speaks TLS differently from this computer: ask whoever runs it for TLS 1.2 or later.',
      );
    case 'forbidden':
      return l10n.t('Allow it in the firewall or security software of this computer.');
    case 'proxy-unreachable':
      return l10n.t('Check HTTPS_PROXY, or http.proxy in the settings of the editor.');
    case 'untrusted':
      return l10n.t(
        'Specify a CA file with the CA that signed it (ca_bundle of the profile, or AWS_CA_BUNDLE). On a company network that is the CA of the proxy that inspects TLS.',
      );
    case 'mute':
      return l10n.t(
        'Something in between, such as a firewall, accepts connections but lets nothing through: ask for this host and port to be opened.',
      );
    case 'expired':
    case 'early':
      return l10n.t('Check the date and time of this computer, then try again.');
    case 'other-host':
      return l10n.t(
        'A proxy or the sign-in page of the network may be in the way: open any web page, sign in to the network, then try again.',
      );
    case 'name-unknown':
    case 'name-lookup-failed':
      return 'socks' in cause
        ? l10n.t(
            'This computer has to look up the name for {proxy}. If only the proxy can resolve names, start its address with socks5h:// (or socks4a://).',
            { proxy: cause.socks },
          )
        : CHECK;
    default:
      return CHECK;
  }
}

import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { proxyName, type ProxyServer } from './proxySettings.ts';

/** How AWS's native library is told about a proxy. It connects the claims of onboarding. */
export interface ClaimProxy {
  secure: boolean;
  host: string;
  port: number;
  /** Undefined where nobody has to sign in. */
  login: { user: string; password: string } | undefined;
}

/**
 * The proxy for a claim. Asked before one is made, too.
 * @throws CmsError REQUEST_INVALID for a SOCKS proxy, or a Proxy-Authorization other than Basic, which it cannot use
 */
export function claimProxy(server: ProxyServer): ClaimProxy {
  const { protocol, hostname, port, username, password } = new URL(server.url);
  if (!/^https?:$/.test(protocol)) {
    throw unusableProxy(server, l10n.t('Set HTTPS_PROXY to an HTTP proxy for onboarding.'));
  }
  const secure = protocol === 'https:';
  const isInAddress = username !== '' || password !== '' || server.authorization === undefined;
  const [user = '', secret = ''] = isInAddress ? [username, password].map(decodeURIComponent) : basic(server);
  return {
    secure,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (secure ? 443 : 80)),
    login: user === '' ? undefined : { user, password: secret },
  };
}

function basic(server: ProxyServer): string[] {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(server.authorization ?? '')?.[1];
  if (encoded === undefined) {
    throw unusableProxy(
      server,
      l10n.t('Onboarding needs a proxy without a login, or one with a user name and a password.'),
    );
  }
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function unusableProxy(server: ProxyServer, remedy: Message): CmsError {
  const proxy = proxyName(server);
  return new CmsError(
    'REQUEST_INVALID',
    l10n.t('MQTT for onboarding cannot go through the proxy {proxy}.', { proxy }),
    { step: 'connect', remedy },
  );
}

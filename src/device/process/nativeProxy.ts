import { http, io } from 'aws-iot-device-sdk-v2';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { proxyName, type ProxyServer } from '../../network/proxySettings.ts';

/**
 * A proxy as AWS's native library takes it.
 * @throws CmsError REQUEST_INVALID for a SOCKS proxy, or a Proxy-Authorization other than Basic, which it cannot use
 */
export function nativeProxy(server: ProxyServer): http.HttpProxyOptions {
  const { protocol, hostname, port, username, password } = new URL(server.url);
  if (!/^https?:$/.test(protocol)) {
    throw unusableProxy(server, l10n.t('Set HTTPS_PROXY to an HTTP proxy for onboarding.'));
  }
  const login =
    server.authorization === undefined ? [username, password].map(decodeURIComponent) : basic(server);
  const [user = '', secret = ''] = login;
  const tls =
    protocol === 'https:' ? new io.TlsConnectionOptions(new io.ClientTlsContext(), hostname) : undefined;
  return new http.HttpProxyOptions(
    hostname.replace(/^\[|\]$/g, ''),
    Number(port || (protocol === 'https:' ? 443 : 80)),
    user === '' ? http.HttpProxyAuthenticationType.None : http.HttpProxyAuthenticationType.Basic,
    user,
    secret,
    tls,
    http.HttpProxyConnectionType.Tunneling,
  );
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
    {
      step: 'connect',
      remedy,
    },
  );
}

import { http, io } from 'aws-iot-device-sdk-v2';
import { claimProxy } from '../../network/claimProxy.ts';
import type { ProxyServer } from '../../network/proxySettings.ts';

/**
 * A proxy as AWS's native library takes it.
 * @throws CmsError REQUEST_INVALID for one that it cannot use
 */
export function nativeProxy(server: ProxyServer): http.HttpProxyOptions {
  const { secure, host, port, login } = claimProxy(server);
  const tls = secure ? new io.TlsConnectionOptions(new io.ClientTlsContext(), host) : undefined;
  return new http.HttpProxyOptions(
    host,
    port,
    login === undefined ? http.HttpProxyAuthenticationType.None : http.HttpProxyAuthenticationType.Basic,
    login?.user ?? '',
    login?.password ?? '',
    tls,
    http.HttpProxyConnectionType.Tunneling,
  );
}

import { http, io } from 'aws-iot-device-sdk-v2';
import { claimProxy } from '../../network/claimProxy.ts';
import type { ProxyServer } from '../../network/proxySettings.ts';

/**
 * A proxy as AWS's native library takes it. `roots`: PEM of those by which one that speaks TLS is judged; without them
 * the library takes those of the system.
 * @throws CmsError REQUEST_INVALID for one that it cannot use
 */
export function nativeProxy(server: ProxyServer, roots: readonly string[] = []): http.HttpProxyOptions {
  const { secure, host, port, login } = claimProxy(server);
  const tls = secure ? new io.TlsConnectionOptions(contextOf(roots), host) : undefined;
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

function contextOf(roots: readonly string[]): io.ClientTlsContext {
  if (roots.length === 0) return new io.ClientTlsContext();
  const options = new io.TlsContextOptions();
  options.override_default_trust_store(roots.join('\n'));
  return new io.ClientTlsContext(options);
}

import type { HttpClient } from '../../src/aws/connection.ts';
import { createHttp } from '../../src/aws/http.ts';
import { ProxyAgent } from '../../src/network/proxyAgent.ts';
import { readProxySettings } from '../../src/network/proxySettings.ts';

/** HTTP without a proxy, for servers of tests on this machine. */
export function createTestHttp(roots: readonly string[] = []): HttpClient & { close(): void } {
  const options = { proxies: readProxySettings({}), roots: () => Promise.resolve(roots) };
  const agents = {
    kept: new ProxyAgent({ ...options, keepAlive: true }),
    fresh: new ProxyAgent({ ...options, keepAlive: false }),
  };
  return {
    ...createHttp(agents),
    close: () => {
      for (const agent of Object.values(agents)) agent.close();
    },
  };
}

import { ProvenAgent } from '../core/provenSocket.ts';
import { keepSecret } from '../core/secrets.ts';
import { ProxyAgent } from '../network/proxyAgent.ts';
import { proxyName, readProxySettings, wayTo, type ProxySettings } from '../network/proxySettings.ts';
import { certificatesIn, collectRoots } from '../network/roots.ts';
import { boundedAnswers, type Answers } from './boundedAnswers.ts';
import type { ConnectionOptions, ProxyTo } from './connection.ts';
import { readCaFile } from './rootCa.ts';
import type { ConnectionSettings } from './settings.ts';

type OutboundAgent = ProvenAgent | ProxyAgent;

/** How HTTP leaves this machine: by the proxy that applies, with every root that is trusted here. */
export interface Outbound {
  /** `kept` keeps its sockets open, `fresh` opens one for each request. */
  agents: { kept: OutboundAgent; fresh: OutboundAgent };
  /** Options for the HTTP handler of the SDK. */
  requestHandler: object;
  /** What each client of the SDK uses. */
  answers: Answers;
  proxies: ProxySettings;
  proxyTo: ProxyTo;
  /** What the CA file holds, in PEM. */
  caFile: string | undefined;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;

/** @throws CmsError CA_FILE_UNREADABLE */
export async function createOutbound(
  settings: Pick<ConnectionSettings, 'caFile' | 'endpoint'>,
  options: Pick<ConnectionOptions, 'endpointSecret' | 'proxy' | 'trusted'>,
): Promise<Outbound> {
  const caFile = settings.caFile === undefined ? undefined : await readCaFile(settings.caFile);
  const { endpointSecret: secret } = options;
  keepSecret(secret);
  const proving =
    secret === undefined || settings.endpoint === undefined
      ? undefined
      : { endpoint: settings.endpoint, secret };
  const proxies = readProxySettings(process.env, options.proxy);
  let collected: Promise<readonly string[]> | undefined;
  const roots = () =>
    (collected ??= collectRoots([], { trusted: options.trusted }).then(({ pems }) =>
      caFile === undefined ? pems : [...pems, ...certificatesIn(caFile)],
    ));
  const agentOf = (keepAlive: boolean) =>
    proving === undefined
      ? new ProxyAgent({ proxies, roots, keepAlive })
      : new ProvenAgent(proving, { keepAlive });
  const agents = { kept: agentOf(true), fresh: agentOf(false) };
  const proxyTo: ProxyTo = (target) => {
    const way = proving === undefined ? wayTo(proxies, target) : undefined;
    return way === undefined ? undefined : proxyName(way);
  };
  return {
    agents,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agents.kept,
      httpsAgent: agents.kept,
    },
    answers: boundedAnswers(proxyTo),
    proxies,
    proxyTo,
    caFile,
    close() {
      for (const agent of Object.values(agents)) agent.close();
    },
  };
}

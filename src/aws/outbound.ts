import { ProvenAgent } from '../core/provenSocket.ts';
import { keepSecret } from '../core/secrets.ts';
import { ProxyAgent } from '../network/proxyAgent.ts';
import { proxyName, readProxySettings, wayTo, type ProxySettings } from '../network/proxySettings.ts';
import { collectRoots, rootsIn, type RootFile } from '../network/roots.ts';
import { boundedAnswers, type Answers } from './boundedAnswers.ts';
import type { ConnectionOptions, ProxyTo } from './connection.ts';
import { provingOf } from './proving.ts';
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
  /** PEM of every root that is trusted for HTTPS. */
  roots: () => Promise<readonly string[]>;
  proxyTo: ProxyTo;
  caFiles: CaFiles;
  close(): void;
}

/** What the CA files hold that were named for AWS. */
interface CaFiles {
  /** PEM of each certificate. */
  all: readonly string[];
  /** Of the one that an option named, else of all; undefined when there is none. */
  own: string | undefined;
}

const CONNECT_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 20_000;

/** @throws CmsError CA_FILE_UNREADABLE for the CA file that counts first, SANDBOX_NOT_OURS, PATH_UNSAFE (its ready file) */
export async function createOutbound(
  settings: Pick<ConnectionSettings, 'caFiles' | 'endpoint' | 'readyFile'>,
  options: Pick<ConnectionOptions, 'endpoint' | 'endpointSecret' | 'proxy' | 'trusted'>,
): Promise<Outbound> {
  const caFiles = await readCaFiles(settings.caFiles);
  keepSecret(options.endpointSecret);
  const proving = await provingOf(settings, options);
  const proxies = readProxySettings(process.env, options.proxy);
  let collected: Promise<readonly string[]> | undefined;
  const roots = () =>
    (collected ??= collectRoots(settings.caFiles, { trusted: options.trusted }).then(({ pems }) => pems));
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
    roots,
    proxyTo,
    caFiles,
    close() {
      for (const agent of Object.values(agents)) agent.close();
    },
  };
}

async function readCaFiles([first, ...others]: readonly RootFile[]): Promise<CaFiles> {
  if (first === undefined) return { all: [], own: undefined };
  const ofFirst = await readCaFile(first.file);
  // Those that come later may be of another time; the doctor says which cannot be read.
  const rest = (await Promise.all(others.map(rootsIn))).flat();
  const all = [...new Set([...ofFirst, ...rest])];
  return { all, own: (first.from === '--ca' ? ofFirst : all).join('') };
}

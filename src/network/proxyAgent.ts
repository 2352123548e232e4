import * as net from 'node:net';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import * as tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { defined } from '../core/defined.ts';
import { findWay, proxyName, type ProxyServer, type ProxySettings, type Target } from './proxySettings.ts';
import { ProxyFailure } from './proxyFailure.ts';

export interface ProxyAgentOptions {
  proxies: ProxySettings;
  /** PEM of every root to trust, for the hosts and for a proxy that speaks TLS. Read at the first TLS connection. */
  roots: () => Promise<readonly string[]>;
  keepAlive: boolean;
  /** How long a proxy may take to open a tunnel. */
  tunnelWithinMs?: number;
}

/** A proxy that takes the connection and never ends its answer; a good one says within this time what is wrong. */
const TUNNEL_WITHIN_MS = 15_000;

type TunnelOptions = AgentConnectOpts & { secureContext?: SecureContext | undefined };

/**
 * The one agent of all HTTP and HTTPS requests and WebSockets: goes to each host the way that the settings say.
 * Requests fail with a ProxyFailure when the proxy is why.
 */
export class ProxyAgent extends Agent {
  readonly #proxies: ProxySettings;
  readonly #roots: () => Promise<readonly string[]>;
  readonly #tunnelWithinMs: number;
  #context: Promise<SecureContext> | undefined;

  constructor({ proxies, roots, keepAlive, tunnelWithinMs = TUNNEL_WITHIN_MS }: ProxyAgentOptions) {
    super({ keepAlive });
    this.#tunnelWithinMs = tunnelWithinMs;
    this.#proxies = proxies;
    this.#roots = roots;
  }

  /** Does nothing: it is shared, and each client of an SDK calls this when it ends. */
  override destroy(): void {
    return undefined;
  }

  /** Ends all connections. */
  close(): void {
    super.destroy();
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<net.Socket> {
    const target = {
      secure: options.secureEndpoint,
      host: options.host ?? 'localhost',
      port: options.port,
    };
    const server = await findWay(this.#proxies, target);
    const needsTls = target.secure || server?.url.startsWith('https:') === true;
    const secureContext = needsTls ? await this.#secureContext() : undefined;
    if (server !== undefined)
      return through(server, target, request, { ...options, secureContext }, this.#tunnelWithinMs);
    if (!options.secureEndpoint) return net.connect(options as net.NetConnectOpts);
    const servername = net.isIP(target.host) === 0 ? target.host : '';
    return tls.connect({ servername, ...options, ...defined({ secureContext }) });
  }

  /** Some hundred roots: read once, not for each connection. */
  #secureContext(): Promise<SecureContext> {
    return (this.#context ??= this.#roots().then((ca) => tls.createSecureContext({ ca: [...ca] })));
  }
}

/**
 * A connection to a host and port through a proxy, for what is no HTTP: MQTT over TLS. Not encrypted yet.
 * @throws ProxyFailure
 */
export function openTunnel(
  server: ProxyServer,
  { host, port }: Pick<Target, 'host' | 'port'>,
): Promise<net.Socket> {
  const options = { secureEndpoint: false, host, port } as AgentConnectOpts;
  return through(server, { secure: true, host, port }, silentRequest(), options);
}

async function through(
  server: ProxyServer,
  target: Target,
  request: ClientRequest,
  options: TunnelOptions,
  withinMs = TUNNEL_WITHIN_MS,
): Promise<net.Socket> {
  let status: number | undefined;
  let schemes: string[] = [];
  // The agents keep what a proxy says until its head ends, and would do so for ever.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), withinMs);
  try {
    const agent = agentFor(server, target.secure, options, limit.signal);
    agent.on('proxyConnect', ({ statusCode, headers }) => {
      status = statusCode;
      schemes = schemesOf(headers?.['proxy-authenticate']);
    });
    const socket = (await agent.connect(request, options)) as net.Socket;
    if (status === undefined || status === 200) return socket;
    socket.destroy();
  } catch (error) {
    const late = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    throw new ProxyFailure(proxyName(server), target, { cause: limit.signal.aborted ? late : error });
  } finally {
    clearTimeout(timer);
  }
  throw new ProxyFailure(proxyName(server), target, { status, schemes });
}

/** The names at the beginning of the challenges of RFC 9110, section 11.6.1; each proxy in use sends one a header. */
function schemesOf(challenges: string | readonly string[] | undefined): string[] {
  const names = [challenges ?? []]
    .flat()
    .map((challenge) => /^\s*([A-Za-z][\w-]{0,30})/.exec(challenge)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].slice(0, 5);
}

interface ConnectingAgent {
  on(
    event: 'proxyConnect',
    listener: (answer: { statusCode: number; headers?: IncomingHttpHeaders }) => void,
  ): unknown;
  connect(request: ClientRequest, options: AgentConnectOpts): Promise<unknown>;
}

/** @param signal ends a connection to the proxy that is not open yet */
function agentFor(
  server: ProxyServer,
  secure: boolean,
  { secureContext }: TunnelOptions,
  signal: AbortSignal,
): ConnectingAgent {
  const { url, authorization } = server;
  if (url.startsWith('socks')) return new SocksProxyAgent(url);
  const headers = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
  const trusted = { headers, signal, ...defined({ secureContext }) };
  const agent = secure ? new HttpsProxyAgent(url, trusted) : new HttpProxyAgent(url, trusted);
  return agent;
}

/** What an agent tells a request while it opens a tunnel interests nobody here. */
function silentRequest(): ClientRequest {
  return { emit: () => true, once: () => undefined, destroy: () => undefined } as unknown as ClientRequest;
}

import * as net from 'node:net';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import * as tls from 'node:tls';
import type { SecureContext } from 'node:tls';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { defined } from '../core/defined.ts';
import { cancelled } from '../core/errors.ts';
import { findWay, proxyName, type ProxyServer, type ProxySettings, type Target } from './proxySettings.ts';
import { endOf, isTargetUnknown } from './proxyEnd.ts';
import { ProxyFailure } from './proxyFailure.ts';
import { certificateOf } from './shownCertificate.ts';

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

const USUAL_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const SOCKS_PORT = 1080;

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
    const needsTls = target.secure || (server !== undefined && speaksTls(server));
    const secureContext = needsTls ? await this.#secureContext() : undefined;
    if (server !== undefined)
      return told(
        await through(
          server,
          target,
          request,
          { ...options, secureContext },
          { withinMs: this.#tunnelWithinMs },
        ),
      );
    if (!options.secureEndpoint) return net.connect(options as net.NetConnectOpts);
    const servername = net.isIP(target.host) === 0 ? target.host : '';
    return told(tls.connect({ servername, ...options, ...defined({ secureContext }) }));
  }

  /** Some hundred roots: read once, not for each connection. */
  #secureContext(): Promise<SecureContext> {
    return (this.#context ??= this.#roots().then((ca) => tls.createSecureContext({ ca: [...ca] })));
  }
}

/** Its errors tell of the certificate, which Node.js leaves out of most. */
function told<T extends net.Socket>(socket: T): T {
  if (!(socket instanceof tls.TLSSocket)) return socket;
  const certificate = certificateOf(socket);
  socket.prependListener('error', (error: Error & { cert?: unknown }) => {
    error.cert ??= certificate();
  });
  return socket;
}

/**
 * A connection to a host and port through a proxy, for what is no HTTP: MQTT over TLS. Not encrypted yet. `roots`: PEM of
 * those by which a proxy that speaks TLS is judged; without them those of Node.js. `signal` ends the opening.
 * @throws ProxyFailure, CmsError CANCELLED, and the system's error for a name that this computer has to look up for SOCKS
 */
export async function openTunnel(
  server: ProxyServer,
  { host, port }: Pick<Target, 'host' | 'port'>,
  { roots, signal }: { roots?: readonly string[] | undefined; signal?: AbortSignal } = {},
): Promise<net.Socket> {
  const secureContext = roots === undefined || !speaksTls(server) ? undefined : contextOf(roots);
  const options = { secureEndpoint: false, host, port, secureContext } as TunnelOptions;
  return through(server, { secure: true, host, port }, silentRequest(), options, { signal });
}

/** A cache, because thousands of vehicles may connect, and some hundred roots take a while. */
const contexts = new WeakMap<readonly string[], SecureContext>();

function contextOf(roots: readonly string[]): SecureContext {
  const context = contexts.get(roots) ?? tls.createSecureContext({ ca: [...roots] });
  contexts.set(roots, context);
  return context;
}

function speaksTls({ url }: ProxyServer): boolean {
  return url.startsWith('https:');
}

async function through(
  server: ProxyServer,
  target: Target,
  request: ClientRequest,
  options: TunnelOptions,
  { withinMs = TUNNEL_WITHIN_MS, signal }: { withinMs?: number; signal?: AbortSignal | undefined },
): Promise<net.Socket> {
  let status: number | undefined;
  let schemes: string[] = [];
  // The agents keep what a proxy says until its head ends, and would do so for ever.
  const limit = new AbortController();
  const end = () => limit.abort();
  const timer = setTimeout(end, withinMs);
  signal?.addEventListener('abort', end);
  try {
    if (signal?.aborted === true) throw cancelled();
    const agent = agentFor(server, target.secure, options, limit.signal);
    agent.on('proxyConnect', ({ statusCode, headers }) => {
      status = statusCode;
      schemes = schemesOf(headers?.['proxy-authenticate']);
    });
    const socket = await within(agent.connect(request, options) as Promise<net.Socket>, limit.signal);
    if (status === undefined || status === 200) return socket;
    socket.destroy();
  } catch (error) {
    const late = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    if (signal?.aborted === true) throw cancelled();
    if (isTargetUnknown(error, target.host, isSocks(server)))
      throw Object.assign(error, { socks: proxyName(server) });
    const how = limit.signal.aborted
      ? { stood: await takesConnections(server), cause: late }
      : endOf(error, isSocks(server));
    throw new ProxyFailure(proxyName(server), target, how);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
  throw new ProxyFailure(proxyName(server), target, { status, schemes });
}

/** Not every agent ends by the signal: what stands too late is closed. */
function within(connecting: Promise<net.Socket>, signal: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      connecting.then(
        (late) => late.destroy(),
        () => undefined,
      );
      reject(new Error('late'));
    });
    connecting.then(resolve, reject);
  });
}

/** How long a proxy may take to answer a SYN; it was waited for before. */
const CONNECT_WITHIN_MS = 2000;

/** Looked at anew, because the agents do not tell how far their connection came. */
function takesConnections({ url }: ProxyServer): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const usual = USUAL_PORTS[protocol] ?? SOCKS_PORT;
  const socket = net.connect({ host, port: port === '' ? usual : Number(port) });
  const timer = setTimeout(() => socket.destroy(), CONNECT_WITHIN_MS);
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  }).finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

function isSocks({ url }: ProxyServer): boolean {
  return url.startsWith('socks');
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
  if (isSocks(server)) return new SocksProxyAgent(url);
  const headers = authorization === undefined ? {} : { 'Proxy-Authorization': authorization };
  const trusted = { headers, signal, ...defined({ secureContext }) };
  const agent = secure ? new HttpsProxyAgent(url, trusted) : new HttpProxyAgent(url, trusted);
  return agent;
}

/** What an agent tells a request while it opens a tunnel interests nobody here. */
function silentRequest(): ClientRequest {
  return { emit: () => true, once: () => undefined, destroy: () => undefined } as unknown as ClientRequest;
}

import { BlockList, isIP } from 'node:net';
import { sameSecret } from '../identity.ts';
import { isAdministration, PAGE_PATH, splitTarget, type Target } from './target.ts';

/** What is known of a request before anything of it is parsed, routed or kept. */
export interface RawRequest {
  remoteAddress: string | undefined;
  method: string;
  /** The request target as it came. */
  target: string;
  /** Names and values in turn, as they came. */
  headers: readonly string[];
  /** The client asks for another protocol: MQTT over WebSocket. */
  upgrade: boolean;
  /** It came over TLS, on the port of MQTT; with the certificate of a device or without. */
  tls?: { certificate: boolean };
}

/** What may pass: its target, cut as it was judged, and whether it came with the secret of this start. */
export type Verdict =
  { pass: true; target: Target; trusted: boolean } | { pass: false; status: 400 | 403; reason: string };

/** The one gate of the HTTP port: for requests, for upgrades, and so for MQTT over WebSocket. It never throws. */
export type Guard = (request: RawRequest) => Verdict;

export interface GuardOptions {
  /** The port that is listened on. */
  port: () => number;
  /** The port of TLS. */
  tlsPort?: () => number;
  /** The secret of this start. */
  secret: string;
}

/** The header that carries the secret of this start. */
export const SECRET_HEADER = 'x-sandbox-secret';

/**
 * What the administration answers to anybody on this machine. The page for browsers, which cannot send the secret, shows
 * no more than the APIs of the sandbox, which check no signatures.
 */
const OPEN_TO_ALL = new Set(['/_sandbox/health', '/_sandbox/proof', PAGE_PATH]);

/** Headers that mean something to the guard, or to those behind it, and so may come once only. */
const SINGLE = new Set([
  'host',
  'origin',
  'authorization',
  'content-type',
  'content-length',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'x-amz-target',
  SECRET_HEADER,
]);

export function createGuard(options: GuardOptions): Guard {
  return (request) => {
    if (!isLoopbackAddress(request.remoteAddress))
      return refused(403, 'only this machine may talk to the sandbox');
    const headers = readHeaders(request.headers);
    if (typeof headers === 'string') return refused(400, headers);
    const target = splitTarget(request.target);
    if (target === undefined) return refused(400, 'the request target is neither a path nor a URL');
    // A page that made its own name point to 127.0.0.1 (DNS rebinding) still sends that name.
    const host = headers.get('host');
    for (const name of [host, target.authority ?? host]) {
      if (name === undefined || !isLoopbackHost(name))
        return refused(403, 'the Host header names no loopback address');
    }
    const port = request.tls === undefined ? options.port() : (options.tlsPort?.() ?? 0);
    const reason = pageProblem(request, target, headers, port);
    if (reason !== undefined) return refused(403, reason);

    const trusted = sameSecret(headers.get(SECRET_HEADER), options.secret);
    if (isAdministration(target) && !trusted) {
      const open = ['GET', 'HEAD'].includes(request.method) && OPEN_TO_ALL.has(target.path);
      if (!open || headers.has(SECRET_HEADER))
        return refused(403, `the secret of this start is needed (${SECRET_HEADER})`);
    }
    return { pass: true, target: { path: target.path, query: target.query }, trusted };
  };
}

function refused(status: 400 | 403, reason: string): Verdict {
  return { pass: false, status, reason };
}

/** By lower-case name; of the headers that may come several times the last. A text says what is wrong. */
function readHeaders(raw: readonly string[]): ReadonlyMap<string, string> | string {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (SINGLE.has(name) && headers.has(name)) return `the header ${name} came twice`;
    headers.set(name, raw[i + 1] ?? '');
  }
  return headers;
}

/**
 * Why it may come from a web page that is not the sandbox's own; undefined when it cannot. A page on another port of
 * this machine is as foreign as one of the internet.
 */
function pageProblem(
  request: RawRequest,
  target: Target,
  headers: ReadonlyMap<string, string>,
  port: number,
): string | undefined {
  const origin = headers.get('origin');
  if (origin !== undefined && !isOwnOrigin(origin, headers.get('host') ?? '', { port, request }))
    return 'requests of web pages are refused';
  // An image or a link of a page names no origin, but where it stands.
  const site = headers.get('sec-fetch-site');
  if (site === 'same-origin') return undefined;
  if (isVisit(request, target, headers)) return undefined;
  if (site !== undefined && site !== 'none') return 'cross-origin requests are refused';
  // A browser always names the origin of a WebSocket.
  if (request.upgrade) return undefined;
  // A browser lets a page use the certificate of a device only if its user says so; AWS's examples send a form.
  if (request.tls?.certificate === true) return undefined;
  // A browser without fetch metadata, or a link that another program opened.
  if (changesSomething(request.method, target, headers) && !isBeyondPages(request.method, headers))
    return 'a change needs a header that no web page can send, such as Authorization';
  return undefined;
}

/** Somebody followed a link to the page for browsers: it opens in a window of its own, where the other page cannot see it. */
function isVisit({ method }: RawRequest, { path }: Target, headers: ReadonlyMap<string, string>): boolean {
  return (
    method === 'GET' &&
    path === PAGE_PATH &&
    !headers.has('origin') &&
    headers.get('sec-fetch-mode') === 'navigate' &&
    headers.get('sec-fetch-dest') === 'document'
  );
}

/**
 * Exactly where this request went: this scheme, this name, this port. Clients of MQTT that are no browsers say `https` in
 * any case (paho-mqtt does); no page can come from there, since this port speaks HTTP.
 */
function isOwnOrigin(
  origin: string,
  host: string,
  { port, request: { upgrade, tls } }: { port: number; request: RawRequest },
): boolean {
  const [, given = tls === undefined ? '80' : '443'] = /:(\d+)$/.exec(host) ?? [];
  const schemes = tls !== undefined ? ['https'] : upgrade ? ['http', 'https'] : ['http'];
  return (
    schemes.some((scheme) => origin.toLowerCase() === `${scheme}://${host.toLowerCase()}`) &&
    Number(given) === port
  );
}

/** Takes a form by its standard, for who knows a secret, and changes nothing (RFC 6749, 4.4). */
const TOKEN_ENDPOINT = '/oauth2/token';

/** What AWS's Query protocol reads; a call in the URL works with every method. */
const READS = /^(Get|List|Describe|Simulate)[A-Za-z]*$/;

function changesSomething(
  method: string,
  { path, query }: Target,
  headers: ReadonlyMap<string, string>,
): boolean {
  const parameters = new URLSearchParams(query);
  // A Query API does nothing for who did not sign, and says so in its own words.
  if (path === '/' && !parameters.has('X-Amz-Signature') && !headers.has('authorization')) return false;
  if (path === TOKEN_ENDPOINT) return false;
  const reads = parameters.getAll('Action').every((action) => READS.test(action));
  return !['GET', 'HEAD', 'OPTIONS'].includes(method) || !reads;
}

/**
 * What a page can have sent anywhere without being asked first: by a form or a script (Fetch Standard, "CORS-safelisted
 * method"), and the question itself.
 */
const PAGE_METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS'];
/** The same, "CORS-safelisted request-header". */
const PAGE_TYPES = ['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
/** A browser fills these in by itself, from a URL such as `http://name:password@localhost/`. */
const PAGE_AUTHORIZATION = /^(basic|digest|negotiate|ntlm)\b/i;

/** Whether a browser would have asked before it sent this, and been refused. */
function isBeyondPages(method: string, headers: ReadonlyMap<string, string>): boolean {
  if (!PAGE_METHODS.includes(method)) return true;
  const authorization = headers.get('authorization')?.trim();
  if (authorization && !PAGE_AUTHORIZATION.test(authorization)) return true;
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && !PAGE_TYPES.includes(type)) return true;
  return [...headers.keys()].some((name) => name.startsWith('x-amz-') || name === SECRET_HEADER);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** 127.0.0.0/8, ::1 and IPv4 addresses mapped into IPv6. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const family = isIP(address);
  return family !== 0 && LOOPBACK.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** `localhost`, a name under `.localhost`, or a loopback address; with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const [, address, name, port = '0'] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9.-]{1,253}))(?::(\d{1,5}))?$/i.exec(host) ?? [];
  if (Number(port) > 65_535) return false;
  if (address !== undefined) return isLoopbackAddress(address);
  return name !== undefined && (/^([a-z0-9-]{1,63}\.)*localhost$/i.test(name) || isLoopbackAddress(name));
}

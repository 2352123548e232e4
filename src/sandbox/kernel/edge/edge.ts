import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Principal } from '../principal.ts';
import type { Context } from '../context.ts';
import type { HttpRequest, HttpResponse, HttpService, Problem } from '../http.ts';
import { contained } from '../../kit/contained.ts';
import { defined } from '../../kit/defined.ts';
import { createRates } from '../rates.ts';
import { portProblem } from '../startError.ts';
import { answer } from './answer.ts';
import { createGuard, type Verdict } from './guard.ts';
import { readBody, readHead, UnreadableRequest } from './readRequest.ts';
import type { Upgrade } from './upgrade.ts';
import { refuse, refuseSocket, refuseUnparsed } from './refuse.ts';

export interface Edge {
  /** Opens the port on 127.0.0.1 (0 = a free one); resolves with the port taken. Throws StartError `port-taken`. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
  /** Serves a connection that came in on the TLS port, of a device with its certificate or of anybody. */
  accept(stream: Duplex, client: Principal | undefined): void;
  /** Milliseconds since the last request began. */
  idleMs(): number;
}

export interface EdgeOptions {
  /** The secret of this start. */
  secret: string;
  /** The answer to a request that no service claims. */
  unclaimed: (request: HttpRequest) => HttpResponse;
  /** Why IAM refuses a call; undefined if it does not. */
  refusal?: (service: string, operation: string, request: HttpRequest) => Problem | undefined;
  upgrade?: Upgrade;
}

/**
 * The one HTTP port of the sandbox: guards, reads, finds the service that claims the request, answers. Whatever a connection sends first meets the guard,
 * and what goes wrong with it ends that connection alone.
 */
export function createEdge(
  context: Context,
  services: readonly HttpService[],
  { secret, unclaimed, upgrade, refusal = () => undefined }: EdgeOptions,
): Edge {
  const { log } = context;
  const rates = createRates(context.clock, services);
  const guard = createGuard({
    secret,
    port: () => (server.address() as AddressInfo | null)?.port ?? 0,
    tlsPort: () => context.endpoints.mqttPort,
  });
  /** Connections of the TLS port, and whose certificate they have. */
  const secured = new WeakMap<Duplex, { client: Principal | undefined }>();
  let lastRequest = performance.now();

  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 60_000,
    connectionsCheckingInterval: 5000,
    // Longer than SDK clients keep an idle connection, so that none is closed under a request on its way.
    keepAliveTimeout: 75_000,
    maxHeaderSize: 32 * 1024,
  });
  // All of them meet the guard; `maxHeaderSize` bounds them.
  server.maxHeadersCount = 0;
  const contain = (what: string, connection: { destroy(): unknown }, work: () => unknown): void =>
    contained(log, what, () => connection.destroy(), work);

  server.on('request', (message, response) => contain('HTTP', response, () => serve(message, response)));
  // Before the client sends the body it waits with.
  server.on('checkContinue', (message, response) =>
    contain('HTTP', response, () => serve(message, response, () => response.writeContinue())),
  );
  server.on('checkExpectation', (message, response) =>
    contain('HTTP', response, () => refuse(message, response, 417, 'Expectation Failed')),
  );
  server.on('clientError', (error, socket) => contain('HTTP', socket, () => refuseUnparsed(error, socket)));
  // Nothing here is a proxy.
  server.on('connect', (_message, socket) => {
    socket.on('error', () => socket.destroy());
    contain('HTTP', socket, () => refuseSocket(socket, 405));
  });

  // Without a listener a client that asks for another protocol is answered as if it had not.
  const upgraded = new Set<Duplex>();
  if (upgrade) {
    server.on('upgrade', (message, socket, head) => {
      const failed = (): void => void socket.destroy();
      socket.on('error', failed);
      contain('Upgrade', socket, () => {
        if (message.headers.upgrade?.toLowerCase() !== 'websocket') {
          // The parser has let go of it: it is read again, without the offer.
          // A connection can offer it with each of its requests, so no listener may be left.
          socket.off('error', failed).removeAllListeners('timeout');
          socket.unshift(withoutOffer(message, head));
          server.emit('connection', socket);
          return;
        }
        const verdict = judge(message, true);
        if (!verdict.pass) {
          refuseSocket(socket, verdict.status);
          return;
        }
        lastRequest = performance.now();
        upgraded.add(socket);
        socket.once('close', () => upgraded.delete(socket));
        upgrade({ message, socket, head, target: verdict.target });
      });
    });
  }

  /** Looks at what came, and at nothing else, before anything is done with it. */
  function judge(message: IncomingMessage, isUpgrade: boolean): Verdict {
    const { method = '', url = '' } = message;
    const { remoteAddress } = message.socket;
    const tls = secured.get(message.socket);
    const verdict = guard({
      remoteAddress,
      method,
      target: url,
      headers: message.rawHeaders,
      upgrade: isUpgrade,
      ...(tls === undefined ? {} : { tls: { certificate: tls.client !== undefined } }),
    });
    if (!verdict.pass)
      log('warn', `refused ${method} ${url.split('?')[0]?.slice(0, 200)}: ${verdict.reason}`);
    return verdict;
  }

  async function serve(
    message: IncomingMessage,
    response: ServerResponse,
    expected: () => void = () => undefined,
  ): Promise<void> {
    const started = performance.now();
    const verdict = judge(message, false);
    if (!verdict.pass) {
      const { status, reason } = verdict;
      refuse(message, response, status, `${status === 400 ? 'Bad Request' : 'Forbidden'}: ${reason}`);
      return;
    }
    lastRequest = started;
    const head = readHead(message, verdict, context.config.region);
    let body: Buffer;
    try {
      body = await readBody(message, expected);
    } catch (error) {
      // Or the client went away.
      if (error instanceof UnreadableRequest) refuse(message, response, error.status, error.message);
      return;
    }
    const client = secured.get(message.socket)?.client;
    const request: HttpRequest = { ...head, body, ...defined({ client }) };
    const service = services.find((each) => each.claims(request));
    if (!service) {
      const answered = unclaimed(request);
      send(response, request, answered);
      log('info', `no service ${request.method} ${request.path.slice(0, 200)} ${answered.status}`);
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const outcome = await answer(service, request, { context, rates, refusal, signal: gone.signal });
    if (outcome.kind === 'reset') message.socket.resetAndDestroy();
    if (outcome.kind === 'answer') send(response, request, outcome.response);
    const result = outcome.kind === 'answer' ? outcome.response.status : outcome.kind;
    log(
      'info',
      `${service.name} ${service.operation(request) ?? `${request.method} ${request.path.slice(0, 200)}`} ` +
        `${result} ${Math.round(performance.now() - started)} ms`,
    );
  }

  return {
    accept(stream, client) {
      secured.set(stream, { client });
      server.emit('connection', stream);
      // Its first bytes were read already and put back.
      stream.resume();
    },
    idleMs: () => performance.now() - lastRequest,
    listen: (port) =>
      new Promise((resolve, reject) => {
        const failed = (error: Error): void => reject(portProblem('HTTP', port, error));
        server.once('error', failed);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', failed);
          // Such as too many open files: without a listener it would end the process.
          server.on('error', (error) => log('error', `HTTP listener: ${error.message}`));
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

/**
 * A request as it came, but for the offer to go on in another protocol. A server may decline it (RFC 9110, 7.8), and
 * clients such as Java's make it with every request over plain HTTP.
 */
function withoutOffer({ method, url, rawHeaders }: IncomingMessage, head: Buffer): Buffer {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (/^(upgrade|http2-settings|connection)$/i.test(rawHeaders[i] ?? '')) continue;
    lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]);
}

function send(response: ServerResponse, request: HttpRequest, answered: HttpResponse): void {
  if (response.destroyed) return;
  const body = Buffer.from(answered.body ?? '');
  response.writeHead(answered.status, {
    'x-amzn-requestid': request.requestId,
    ...answered.headers,
    // 204 and 304 have no body and no length.
    ...(answered.status === 204 || answered.status === 304 ? {} : { 'content-length': String(body.length) }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

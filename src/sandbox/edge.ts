import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Context, HttpRequest, HttpResponse } from './contracts/kernel.ts';
import { answer } from './edge/answer.ts';
import { refusal } from './edge/guard.ts';
import { readBody, readHead, UnreadableRequest } from './edge/readRequest.ts';
import { route, type EdgeServices } from './edge/route.ts';
import type { Upgrade } from './broker/webSocket.ts';
import { createRates } from './rates.ts';
import { portProblem } from './startError.ts';

/** How long the rest of a refused request is still taken in, in milliseconds. */
const DRAIN_MS = 2000;

export interface Edge {
  /** Opens the port on 127.0.0.1 (0 = a free one); resolves with the port taken. Throws StartError `port-taken`. */
  listen(port: number): Promise<number>;
  close(): Promise<void>;
  /** Milliseconds since the last request began. */
  idleMs(): number;
}

/** The one HTTP port of the sandbox: reads, guards, routes, answers. */
export function createEdge(context: Context, services: EdgeServices, upgrade?: Upgrade): Edge {
  const { log } = context;
  const rates = createRates(context.clock);
  let lastRequest = performance.now();
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      connectionsCheckingInterval: 5000,
      // Longer than SDK clients keep an idle connection, so that none is closed under a request on its way.
      keepAliveTimeout: 75_000,
      maxHeaderSize: 32 * 1024,
    },
    (message, response) => {
      serve(message, response).catch((error: unknown) => {
        log('error', `HTTP: ${error instanceof Error ? error.message : 'unknown failure'}`);
        response.destroy();
      });
    },
  );

  server.on('clientError', refuseUnparsed);

  // Without a listener a client that asks for another protocol is answered as if it had not.
  const upgraded = new Set<Duplex>();
  if (upgrade) {
    server.on('upgrade', (message, socket, head) => {
      lastRequest = performance.now();
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
      upgrade(message, socket, head);
    });
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    lastRequest = started;
    let head: HttpRequest;
    try {
      head = readHead(message, context.config.region);
    } catch (error) {
      refuse(message, response, error);
      return;
    }
    const reason = refusal({
      remoteAddress: message.socket.remoteAddress,
      host: head.headers.host,
      origin: head.headers.origin,
      fetchSite: head.headers['sec-fetch-site'],
      path: head.path,
    });
    if (reason !== undefined) {
      log('warn', `refused ${head.method} ${head.path.slice(0, 200)}: ${reason}`);
      refuse(message, response, new UnreadableRequest(403, `Forbidden: ${reason}`));
      return;
    }
    let body: Buffer;
    try {
      body = await readBody(message);
    } catch (error) {
      if (!(error instanceof UnreadableRequest)) return; // the client went away
      refuse(message, response, error);
      return;
    }
    const request = { ...head, body };
    const service = route(request, services);
    if (!service) {
      send(response, request, nobody(request));
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const outcome = await answer(service, request, { context, rates, signal: gone.signal });
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
    idleMs: () => performance.now() - lastRequest,
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', (error) => reject(portProblem('HTTP', port, error)));
        server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
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

/** What the parser of Node found, and its answer; anything else is a bad request. */
const UNPARSED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is no request, and drains the rest for a moment as `refuse` does. Each further piece comes here, too. */
function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.writableEnded) return;
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  socket.end(
    `HTTP/1.1 ${(error.code && UNPARSED[error.code]) ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`,
  );
  const deadline = setTimeout(() => socket.destroy(), DRAIN_MS);
  socket.once('close', () => clearTimeout(deadline));
}

/**
 * Answers a request that is not read to its end, and closes the connection: its rest must not be taken for another
 * request. The rest is drained for a moment, or the client would see a reset instead of the answer.
 */
function refuse(message: IncomingMessage, response: ServerResponse, error: unknown): void {
  const status = error instanceof UnreadableRequest ? error.status : 400;
  const body = JSON.stringify({
    message: error instanceof UnreadableRequest ? error.message : 'Bad Request',
  });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  response.write(body);
  const deadline = setTimeout(() => message.socket.destroy(), DRAIN_MS);
  response.once('close', () => clearTimeout(deadline));
  message.once('end', () => response.end());
  message.resume();
}

/** What AWS says where no service is. */
function nobody(request: HttpRequest): HttpResponse {
  const headers = { 'content-type': 'application/json' };
  if (request.path.startsWith('/execute-api/')) {
    return { status: 403, headers, body: JSON.stringify({ message: 'Forbidden' }) };
  }
  return {
    status: 404,
    headers: { ...headers, 'x-amzn-errortype': 'UnknownOperationException' },
    body: JSON.stringify({
      __type: 'UnknownOperationException',
      message: 'No service of the sandbox answers this request.',
    }),
  };
}

import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  readonly port: number;
  /** What it was asked for: `CONNECT host:port`, or the method and address of a plain request. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface ConnectProxyOptions {
  /** `user:password` that must be given, or 407. */
  auth?: string;
  /** The ways to sign in that it offers then; Basic if it is not said. */
  offers?: readonly string[];
  /** Answers this status to what is asked for by this pattern. */
  refuse?: { pattern: RegExp; status: number };
  /** Cuts the connection instead of an answer to what is asked for by this pattern. */
  cut?: RegExp;
  /** Speaks TLS with this certificate and key. */
  tls?: { cert: string; key: string };
  /** Ends a tunnel over which nothing went for so long, in milliseconds. */
  idleMs?: number;
  /** Where each host and port leads, since no name of a test can be looked up. */
  to(host: string, port: number): number | undefined;
}

/** An HTTP proxy as companies have it: CONNECT for everything with TLS, absolute addresses for plain HTTP. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const allowed = ({ headers }: IncomingMessage): boolean =>
    options.auth === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const refusal = (what: string): number | undefined =>
    options.refuse?.pattern.test(what) === true ? options.refuse.status : undefined;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '', method = '' } = request;
    asked.push(`${method} ${url}`);
    const target = URL.canParse(url) ? new URL(url) : undefined;
    const port = target && options.to(target.hostname, Number(target.port || 80));
    const status = allowed(request) ? (refusal(url) ?? (port === undefined ? 502 : undefined)) : 407;
    if (status !== undefined || target === undefined) {
      response.writeHead(status ?? 400).end();
      return;
    }
    const { pathname, search } = target;
    request.pipe(
      send(
        { port, host: '127.0.0.1', method, path: pathname + search, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      ).on('error', () => response.destroy()),
    );
  };
  const server = options.tls === undefined ? createServer(answer) : createSecure(options.tls, answer);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => undefined);
    const where = request.url ?? '';
    asked.push(`CONNECT ${where}`);
    if (options.cut?.test(where)) {
      client.destroy();
      return;
    }
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(where) ?? [];
    const to = options.to(host, Number(port));
    const status = allowed(request) ? (refusal(where) ?? (to === undefined ? 502 : undefined)) : 407;
    if (status !== undefined || to === undefined) {
      const offered = status === 407 ? (options.offers ?? ['Basic realm="corporate"']) : [];
      const challenges = offered.map((scheme) => `Proxy-Authenticate: ${scheme}\r\n`).join('');
      client.end(`HTTP/1.1 ${status ?? 502} No\r\n${challenges}Content-Length: 0\r\n\r\n`);
      return;
    }
    const far = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      far.pipe(client).pipe(far);
    });
    if (options.idleMs !== undefined) client.setTimeout(options.idleMs, () => client.destroy());
    far.on('error', () => client.destroy());
    client.on('close', () => far.destroy());
    far.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

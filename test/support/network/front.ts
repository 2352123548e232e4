import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const MQTT_BY_ALPN = 'x-amzn-mqtt-ca';

export interface FrontOptions {
  /** Of the certificate that all names of AWS share. */
  cert: string;
  key: string;
  /** `http://…` of the sandbox. */
  to: string;
  /** What DescribeEndpoint answers. */
  iotHost: string;
  region: string;
}

/** AWS as it is seen from outside: HTTPS and WebSockets for its names, in front of a sandbox on plain HTTP. */
export function createFront({ cert, key, to, iotHost, region }: FrontOptions): Server {
  const inside = new URL(to);
  const outward = (text: string) =>
    text
      .replaceAll(
        new RegExp(`${to}/execute-api/(\\w+)`, 'g'),
        `https://$1.execute-api.${region}.amazonaws.com`,
      )
      .replaceAll(/"endpointAddress":"[^"]*"/g, `"endpointAddress":"${iotHost}"`);
  const pathOf = ({ url = '/', headers: { host = '' } }: IncomingMessage) => {
    const api = /^(\w+)\.execute-api\./.exec(host)?.[1];
    return api === undefined ? url : `/execute-api/${api}${url}`;
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const headers = { ...request.headers, host: inside.host };
    const sent = forward(to, { method: request.method, path: pathOf(request), headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const body = Buffer.from(outward(Buffer.concat(parts).toString('utf8')));
        const rest = { ...answer.headers, 'content-length': body.length };
        delete rest['transfer-encoding'];
        response.writeHead(answer.statusCode ?? 502, rest).end(body);
      });
    });
    sent.on('error', () => response.destroy());
    request.pipe(sent);
  };
  const server = createServer({ cert, key }, handle);
  server.on('tlsClientError', () => undefined);
  server.on('upgrade', (request: IncomingMessage, near: Duplex, head: Buffer) => {
    const far = connect(Number(inside.port), inside.hostname, () => {
      const lines = [`GET ${request.url} HTTP/1.1`];
      for (const [name, value] of Object.entries({ ...request.headers, host: inside.host }))
        lines.push(`${name}: ${String(value)}`);
      far.write(`${lines.join('\r\n')}\r\n\r\n`);
      far.write(head);
      join(near, far);
    });
    far.on('error', () => near.destroy());
  });
  return server;
}

/** A port that takes MQTT and HTTPS, apart by the protocol name in the first bytes of TLS, as AWS IoT's port 443 does. */
export function createPort443(mqtt: number, https: number): Server {
  return createTcpServer((near) => {
    near.once('data', (hello: Buffer) => {
      const far = connect(hello.includes(MQTT_BY_ALPN) ? mqtt : https, '127.0.0.1');
      far.write(hello);
      join(near, far);
    });
    near.on('error', () => undefined);
  });
}

/** Leads to another port; cuts each connection after so many milliseconds. */
export function createRelay(to: number, cutAfterMs?: number): Server {
  return createTcpServer((near) => {
    const far = connect(to, '127.0.0.1');
    join(near, far);
    if (cutAfterMs !== undefined) setTimeout(() => near.destroy(), cutAfterMs);
  });
}

/** Takes connections and says nothing, as some firewalls do. */
export function createMute(): Server {
  return createTcpServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.resume();
  });
}

function join(near: Duplex, far: Duplex): void {
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

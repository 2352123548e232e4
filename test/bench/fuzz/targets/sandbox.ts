import http from 'node:http';
import net from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startSandbox } from '../../../../src/sandbox/sandbox.ts';
import { Broken, type OpenTarget, type Target } from '../target.ts';

const HOST = '127.0.0.1:4566';
const SCOPE = 'AKIASANDBOX000000000/20260101/us-west-2/iot/aws4_request';
const SIGNED = `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=host, Signature=00`;
const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const sources = ['/src/sandbox/'];

const WORDS = [
  'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'HTTP/1.1', 'HTTP/1.0', 'Host: 127.0.0.1\r\n', '\r\n\r\n',
  'Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'Connection: Upgrade\r\n', 'Upgrade: websocket\r\n',
  'Expect: 100-continue\r\n', 'Origin: http://127.0.0.1:1\r\n', '//', '/_sandbox/', '/mqtt', '/execute-api/', '?Action=',
  'http://x/', '*', '%', '%zz', '/..', '0\r\n\r\n', 'fffffffff\r\n', 'x-amz-target: ',
]; // prettier-ignore

/** A sandbox in this process, and all it says is wrong with itself. */
async function running(): Promise<{
  port: number;
  fail(): void;
  reset(): Promise<void>;
  close(): Promise<void>;
}> {
  const errors: string[] = [];
  const config = {
    httpPort: 0, mqttPort: 0, stateFolder: undefined,
    region: 'us-west-2', accountId: '123456789012', limits: false,
  }; // prettier-ignore
  const plan = {
    config,
    installations: [{ kind: 'cdf', name: 'dev1', with: {} }],
    settings: { cdf: { eventDelayMs: 0, assetLibraryAuth: 'none' as const } },
  };
  const sandbox = await startSandbox(plan, (level, message) => {
    if (level === 'error') errors.push(message);
  });
  return {
    port: Number(new URL(sandbox.ready.endpoint).port),
    fail() {
      const error = errors.splice(0)[0];
      if (error !== undefined) throw new Broken(error);
    },
    async reset() {
      const { endpoint, secret } = JSON.parse(sandbox.secretReady) as { endpoint: string; secret: string };
      const answer = await fetch(`${endpoint}/_sandbox/reset`, {
        method: 'POST',
        headers: { 'x-sandbox-secret': secret },
      });
      if (!answer.ok) throw new Broken(`the reset was answered with ${answer.status}`);
    },
    close: () => sandbox.stop(),
  };
}

/** Raw bytes in, everything that comes back until the connection ends. */
async function exchanged(port: number, bytes: Uint8Array): Promise<Buffer> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(bytes);
  await closed;
  return Buffer.concat(parts);
}

/** CMS answers some mistakes of its clients with 500, and so does the sandbox; these are mistakes of its own. */
const OURS = /\b(Type|Range|Reference|Syntax|URI)Error\b/;
/** The page of Express, which CMS shows for a path that cannot be decoded (src/sandbox/installations/cdf/rest/express.ts). */
const EXPRESS = '<pre>URIError: Failed to decode param</pre>';

/** Bytes as they come to the HTTP port. */
function raw(name: string, seeds: readonly string[]): Target {
  return {
    name,
    slow: true,
    seeds,
    words: WORDS,
    sources,
    async open() {
      const sandbox = await running();
      return {
        async read(input) {
          const answer = (await exchanged(sandbox.port, input)).toString('latin1');
          sandbox.fail();
          if (answer === '') return 'nothing';
          const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
          if (status === undefined || status === '500')
            throw new Broken(`answered with ${answer.slice(0, 300)}`);
          return status;
        },
        reset: () => sandbox.reset(),
        close: () => sandbox.close(),
      };
    },
  };
}

const requests = raw('http', [
  head('GET /_sandbox/health HTTP/1.1', `Host: ${HOST}`, 'Connection: close'),
  head('GET /things?maxResults=1 HTTP/1.1', `Host: ${HOST}`, `Authorization: ${SIGNED}`, 'Connection: close'),
  `${head('POST / HTTP/1.1', `Host: ${HOST}`, 'Content-Type: application/x-www-form-urlencoded', `Authorization: ${SIGNED}`, 'Content-Length: 42', 'Connection: close')}Action=GetCallerIdentity&Version=2011-06-15`,
  `${head('POST /things/a HTTP/1.1', `Host: ${HOST}`, `Authorization: ${SIGNED}`, 'Transfer-Encoding: chunked', 'Connection: close')}2\r\n{}\r\n0\r\n\r\n`,
  head('GET http://127.0.0.1/things?X-Amz-Signature=0 HTTP/1.1', `Host: ${HOST}`, 'Connection: close'),
]); // prettier-ignore

const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(SCOPE.replace('/iot/', '/iotdevicegateway/'))}&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;
const upgrade = head(
  `GET /mqtt?${query} HTTP/1.1`, `Host: ${HOST}`, 'Connection: Upgrade', 'Upgrade: websocket',
  'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: mqtt',
); // prettier-ignore
/** Masked with zeros: the payload is readable. */
const frame = (payload: Buffer): string =>
  Buffer.concat([Buffer.from([0x82, 0x80 | payload.length, 0, 0, 0, 0]), payload]).toString('latin1');
const CONNECT = Buffer.from('100d00044d5154540402003c000161', 'hex');
const PUBLISH = Buffer.from('3206000161000700', 'hex');

const upgrades = raw('web-socket', [
  upgrade,
  upgrade + frame(CONNECT) + frame(PUBLISH) + frame(Buffer.from('c000', 'hex')),
  upgrade + frame(Buffer.concat([CONNECT, Buffer.from('820600010001610' + '1', 'hex'), Buffer.from('e000', 'hex')])),
  head('GET // HTTP/1.1', `Host: ${HOST}`, 'Connection: Upgrade', 'Upgrade: websocket'),
  head('GET /mqtt HTTP/1.1', `Host: ${HOST}`, 'Connection: Upgrade', 'Upgrade: h2c'),
]); // prettier-ignore

/** Requests of real clients, one a line: method, target, headers, body. */
const recorded = readFileSync(path.join(import.meta.dirname, '../corpus/requests.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '');

interface Recorded {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string;
}

/** Requests that are well-formed HTTP, to all the services behind the port. */
const services: Target = {
  name: 'services',
  slow: true,
  seeds: recorded.map((line) => written(JSON.parse(line) as Recorded)),
  words: [
    ...new Set(recorded.flatMap((line) => line.match(/[A-Za-z]\w{3,40}/g) ?? [])),
    'null', '""', '[]', '{}', '-1', 'true',
  ], // prettier-ignore
  sources,
  async open(): Promise<OpenTarget> {
    const sandbox = await running();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    return {
      async read(input) {
        const request = readBack(Buffer.from(input).toString('utf8'));
        const answer = await answered({ port: sandbox.port, agent, ...request });
        sandbox.fail();
        if (OURS.test(answer.replace(EXPRESS, ''))) throw new Broken(`answered with ${answer.slice(0, 300)}`);
        return answer.split(' ', 1)[0] ?? '';
      },
      reset: () => sandbox.reset(),
      async close() {
        agent.destroy();
        await sandbox.close();
      },
    };
  },
};

/** First the target, then headers, then an empty line and the body. */
function written({ method, target, headers, body }: Recorded): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${target}`, ...lines, '', body].join('\n');
}

function readBack(text: string): Recorded {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\n');
  const [method = '', ...target] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(': ');
    if (at > 0) headers[line.slice(0, at)] = line.slice(at + 2);
  }
  return { method, target: target.join(' '), headers, body: end < 0 ? '' : text.slice(end + 2) };
}

/** The status and the text of the answer, or why there is none. */
function answered({
  port, agent, method, target, headers, body,
}: Recorded & { port: number; agent: http.Agent }): Promise<string> {
  return new Promise((resolve) => {
    try {
      const options = { port, agent, host: '127.0.0.1', method, path: target, headers: { ...headers, authorization: SIGNED } };
      const request = http.request(options, (response) => {
        let text = `${response.statusCode} `;
        response.setEncoding('latin1').on('data', (part: string) => (text += part));
        response.once('end', () => resolve(text));
        response.once('error', () => resolve('cut off'));
      });
      request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'refused'));
      request.end(body);
    } catch {
      resolve('cannot be sent');
    }
  });
} // prettier-ignore

export const sandboxTargets: readonly Target[] = [requests, upgrades, services];

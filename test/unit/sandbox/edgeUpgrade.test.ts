import assert from 'node:assert/strict';
import net from 'node:net';
import type { HttpService } from '../../../src/sandbox/kernel/http.ts';
import { createEdge, type Edge } from '../../../src/sandbox/kernel/edge/edge.ts';
import { unclaimed } from '../../../src/sandbox/services/unclaimed.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

describe('a request to the sandbox that offers another protocol', () => {
  let edge: Edge;
  let port: number;
  let upgrades: number;

  beforeEach(async () => {
    upgrades = 0;
    const service = (name: string): HttpService => ({
      name,
      operations: [],
      tooFast: { code: 'TooFast', message: '', status: 429 },
      unknownStatus: 404,
      claims: () => true,
      operation: (request) => `${request.method} ${request.path}`,
      unsigned: () => true,
      handle: (operation, request) =>
        Promise.resolve({ status: 200, body: `${operation} ${request.body.toString()}` }),
      error: ({ code, message, status }) => ({ status, body: JSON.stringify({ code, message }) }),
    });
    const upgrade = ({ socket }: { socket: { end(text: string): unknown } }): void => {
      upgrades += 1;
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    };
    edge = createEdge(createTestContext(), [service('iot')], { secret: 's'.repeat(43), unclaimed, upgrade });
    port = await edge.listen(0);
  });
  afterEach(() => edge.close());

  /** What comes back on one connection until it is closed. */
  function sent(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
      socket.setEncoding('latin1').on('data', (data: string) => (answer += data));
      socket.on('close', () => resolve(answer)).on('error', reject);
    });
  }

  const host = (): string =>
    `Host: 127.0.0.1:${port}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/iot/d, SignedHeaders=h, Signature=0\r\n`;
  const OFFER = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';

  it('is answered as if it had not, with its body, and the next one on its connection, too', async () => {
    const body = '{"a":1}';
    const answer = await sent(
      `POST /things/a HTTP/1.1\r\n${host()}${OFFER}Content-Length: ${body.length}\r\n\r\n${body}` +
        `GET /things/b HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`,
    );
    assert.match(
      answer,
      /^HTTP\/1\.1 200 OK[^]*POST \/things\/a \{"a":1\}HTTP\/1\.1 200 OK[^]*GET \/things\/b /,
    );
    assert.equal(upgrades, 0);
  });

  it('meets the guard all the same', async () => {
    const answer = await sent(
      `GET /things/a HTTP/1.1\r\n${host()}Origin: https://evil.example\r\n${OFFER}\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 403 /);
  });

  it('is switched when the protocol is WebSocket', async () => {
    await sent(`GET /mqtt HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n`);
    assert.equal(upgrades, 1);
  });
});

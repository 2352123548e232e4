import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

/** What no client says. */
const garbage: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'zero bytes': Buffer.alloc(4096),
  'random bytes': randomBytes(64 * 1024),
  'a request without an end': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n',
  'a header without an end': `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(100_000)}`,
  'two lengths': 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'a length and chunks':
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a chunk of more than there is': `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\n`,
  'another protocol': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'the hello of TLS': Buffer.from('16030100050100000100', 'hex'),
  'a CONNECT of MQTT': Buffer.from('101000044d5154540402003c000461626364', 'hex'),
};

/** Sends it, half-closes, and resolves when the other side has closed. */
async function send(port: number, bytes: string | Buffer): Promise<void> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  // A reset is an answer, too.
  const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  socket.resume().end(bytes);
  await closed;
}

describe('Garbage on a port of the sandbox', () => {
  let sandbox: SandboxProcess;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  const ports = {
    HTTP: () => Number(new URL(sandbox.endpoint).port),
    MQTT: () => Number(sandbox.mqttEndpoint.split(':')[1]),
  };
  for (const [name, port] of Object.entries(ports)) {
    for (const [what, bytes] of Object.entries(garbage)) {
      it(`ends the connection and nothing else: ${what}, for ${name}`, async () => {
        await send(port(), bytes);
        const health = await fetch(`${sandbox.endpoint}/_sandbox/health`);
        assert.equal(health.status, 200);
        assert.doesNotMatch(sandbox.log(), /internal failure/);
      });
    }
  }
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { connect, createServer as createTls } from 'node:tls';
import { handshake } from '../../../src/network/handshake.ts';
import { certificateOf } from '../../../src/network/shownCertificate.ts';
import { createTestCa } from '../../support/testCertificates.ts';

describe('a look at a server of TLS', () => {
  it('leaves no connection to a proxy that did not answer in time', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const taken = once(server, 'connection') as Promise<[Socket]>;
    const proxy = { url: `http://127.0.0.1:${port}/` };
    const caller = new AbortController();
    const looking = handshake(
      { host: 'iot.test', port: 8883, proxy },
      { timeoutMs: 60_000, signal: caller.signal },
      () => undefined,
    );
    const [socket] = await taken;
    const closed = once(socket.on('error', () => undefined).resume(), 'close');
    caller.abort();
    await assert.rejects(looking, { code: 'CANCELLED' });
    await closed;
    server.close();
  });

  it('keeps nothing of a certificate that was taken', async () => {
    const ca = await createTestCa();
    const server = createTls(await ca.server(['localhost']));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: ca.root });
    let shown: object | undefined;
    // Between what looks and what judges.
    socket.prependListener('secure', () => (shown = certificate()));
    const certificate = certificateOf(socket);
    await once(socket, 'secureConnect');
    assert.deepEqual(Object.keys(shown ?? {}).sort(), ['subjectaltname', 'valid_from', 'valid_to']);
    assert.equal(certificate(), undefined);
    socket.destroy();
    server.close();
  });
});

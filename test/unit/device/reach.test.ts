import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTls, type Server as TlsServer } from 'node:tls';
import { isCmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { createReach } from '../../../src/device/process/reach.ts';
import type { NetworkCause } from '../../../src/network/causes.ts';
import type { Broker } from '../../../src/protocol/device.ts';
import { createTestCa } from '../../support/testCertificates.ts';

const { signal } = new AbortController();
const broker: Broker = { host: 'iot.test', port: 8883, otherPort: 443, rootCaPem: '' };

describe('the port on which AWS IoT answers', () => {
  const said: string[] = [];
  beforeEach(() => said.splice(0));

  /** A reach for which these ports are closed for these reasons; `looks` are the ports it looked at. */
  function reachOf(closed: Record<number, NetworkCause>, looks: number[] = []) {
    const reach = createReach(({ port }) => {
      looks.push(port);
      return Promise.resolve(closed[port]);
    });
    return (to: Broker = broker) => reach(to, (message) => said.push(english(message)), signal);
  }

  it('is its own where that is open, without a word, and is looked for once', async () => {
    const looks: number[] = [];
    const reach = reachOf({}, looks);
    assert.equal((await reach()).port, 8883);
    assert.equal((await reach()).port, 8883);
    assert.deepEqual([looks, said], [[8883], []]);
  });

  it('is 443 where 8883 is closed, and that is said', async () => {
    const reach = reachOf({ 8883: { kind: 'silent', code: 'ETIMEDOUT' } });
    assert.equal((await reach()).port, 443);
    assert.deepEqual(said, [
      'Port 8883 of iot.test is closed from here (it did not answer in time). Using port 443 instead.',
    ]);
  });

  it('is not looked for where it was named', async () => {
    const looks: number[] = [];
    const { host, port, rootCaPem } = broker;
    assert.equal((await reachOf({}, looks)({ host, port, rootCaPem })).port, 8883);
    assert.deepEqual(looks, []);
  });

  it('is closed, not open, for a reason that nobody knows', async () => {
    const looks: number[] = [];
    const odd: NetworkCause = { kind: 'other', code: 'EODD' };
    await assert.rejects(
      reachOf({ 8883: odd, 443: odd }, looks)(),
      /EODD, and port 443 does not answer either/,
    );
    assert.deepEqual(looks, [8883, 443]);
  });

  it('is none when both are closed: the error names both, and the next run looks again', async () => {
    const looks: number[] = [];
    const refused: NetworkCause = { kind: 'refused', code: 'ECONNREFUSED' };
    const reach = reachOf({ 8883: refused, 443: refused }, looks);
    for (let i = 0; i < 2; i++) {
      await assert.rejects(reach(), (error) => {
        assert.ok(isCmsError(error));
        assert.equal(error.code, 'ENDPOINT_UNREACHABLE');
        assert.match(
          error.message,
          /iot\.test:8883 .*nothing is listening there, and port 443 does not answer either/,
        );
        return true;
      });
    }
    assert.deepEqual(looks, [8883, 443, 8883, 443]);
  });

  it('is not another one when the host is not known, or the proxy is away', async () => {
    for (const cause of [
      { kind: 'name-unknown', code: 'ENOTFOUND' },
      { kind: 'proxy-unreachable', proxy: 'http://p:1', cause: undefined },
    ] as NetworkCause[]) {
      const looks: number[] = [];
      await assert.rejects(reachOf({ 8883: cause }, looks)(), { code: 'ENDPOINT_UNREACHABLE' });
      assert.deepEqual(looks, [8883]);
    }
  });

  it('is 443 where the proxy cuts 8883, or the proxy of 8883 is away and another way leads to 443', async () => {
    const proxy = { url: 'http://p:1/' };
    const cut: NetworkCause = { kind: 'proxy-cut', proxy: proxy.url, cause: undefined };
    assert.equal((await reachOf({ 8883: cut })({ ...broker, proxy })).port, 443);
    const away: NetworkCause = { kind: 'proxy-unreachable', proxy: proxy.url, cause: undefined };
    const found = await reachOf({ 8883: away })({ ...broker, proxy, otherWay: {} });
    assert.deepEqual([found.port, found.proxy], [443, undefined]);
    const other = { url: 'http://other:2/' };
    const through = await reachOf({ 8883: away })({ ...broker, proxy, otherWay: { proxy: other } });
    assert.deepEqual(through.proxy, other);
  });

  it('is looked for again after some minutes, and after what was found did not hold', async () => {
    const looks: number[] = [];
    let now = 0;
    const reach = createReach(
      ({ port }) => {
        looks.push(port);
        return Promise.resolve(undefined);
      },
      () => now,
    );
    const find = () => reach(broker, () => undefined, signal);
    await find();
    now += 60_000;
    await find();
    assert.deepEqual(looks, [8883]);
    now += 10 * 60_000;
    await find();
    assert.deepEqual(looks, [8883, 8883]);
    reach.forget(broker);
    await find();
    assert.deepEqual(looks, [8883, 8883, 8883]);
  });

  it('is looked for once for several, who leave alone and go their own way to it', async () => {
    let answer: (cause: NetworkCause | undefined) => void = () => assert.fail('nobody looks');
    const looks: AbortSignal[] = [];
    const reach = createReach((_, ended) => {
      looks.push(ended);
      return new Promise((resolve) => (answer = resolve));
    });
    const find = (authorization: string, of: AbortSignal) => {
      const proxy = { url: 'http://p:1/', authorization };
      return reach({ ...broker, proxy }, () => undefined, of);
    };
    const first = new AbortController();
    const gone = find('one', first.signal);
    const staying = find('two', signal);
    first.abort();
    await assert.rejects(gone, { code: 'CANCELLED' });
    assert.deepEqual(
      looks.map(({ aborted }) => aborted),
      [false],
    );
    answer(undefined);
    assert.equal((await staying).proxy?.authorization, 'two');
  });

  it('is not looked for any more when nobody waits', async () => {
    const looks: AbortSignal[] = [];
    const reach = createReach((_, ended) => {
      looks.push(ended);
      return new Promise(() => undefined);
    });
    const caller = new AbortController();
    const finding = reach(broker, () => undefined, caller.signal);
    caller.abort();
    await assert.rejects(finding, { code: 'CANCELLED' });
    assert.equal(looks[0]?.aborted, true);
  });

  describe('of real servers', () => {
    const servers: (Server | TlsServer)[] = [];
    const sockets = new Set<Socket>();
    after(() => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
    });

    async function listening(server: Server | TlsServer): Promise<number> {
      servers.push(server);
      server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    }
    async function tls(): Promise<number> {
      const server = await (await createTestCa()).server(['127.0.0.1']);
      return listening(createTls({ ...server, requestCert: true, rejectUnauthorized: false }));
    }
    const portFor = async (port: number, otherPort: number): Promise<number> => {
      const reach = createReach();
      const to = { host: '127.0.0.1', port, otherPort, rootCaPem: (await createTestCa()).root };
      return (await reach(to, (message) => said.push(english(message)), signal)).port;
    };

    it('is open when TLS is spoken, whoever signed the certificate', async () => {
      const port = await tls();
      assert.equal(await portFor(port, 1), port);
    });

    it('is closed when nothing listens, when it is cut, and when something else answers', async () => {
      const open = await tls();
      const gone = createServer();
      const closed = await listening(gone);
      await new Promise((resolve) => gone.close(resolve));
      const cutting = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
      const plain = await listening(createServer((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')));
      for (const port of [closed, cutting, plain]) assert.equal(await portFor(port, open), open);
      assert.equal(said.length, 3);
    });
  });
});

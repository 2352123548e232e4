import assert from 'node:assert/strict';
import { createServer as createHttp, get as getPlain } from 'node:http';
import { createServer, get, type Server } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { english } from '../../../src/core/wording.ts';
import { causeOf, type NetworkCause } from '../../../src/network/causes.ts';
import { remedyOf, whyOf } from '../../../src/network/causeWords.ts';
import { openTunnel, ProxyAgent } from '../../../src/network/proxyAgent.ts';
import { endOf } from '../../../src/network/proxyEnd.ts';
import { readProxySettings } from '../../../src/network/proxySettings.ts';
import {
  startConnectProxy,
  type ConnectProxy,
  type ConnectProxyOptions,
} from '../../support/connectProxy.ts';
import { startSocksProxy } from '../../support/socksProxy.ts';
import { createTestCa, type TestCa } from '../../support/testCertificates.ts';

const HOST = 'iot.us-west-2.amazonaws.com';

describe('requests through a proxy', () => {
  let ca: TestCa;
  let https: Server;
  let httpsPort: number;
  const proxies: ConnectProxy[] = [];
  const servers: { close(): unknown; closeAllConnections(): void }[] = [];

  before(async () => {
    ca = await createTestCa();
    https = await serve(ca, [HOST]);
    httpsPort = portOf(https);
  });

  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });
  after(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serve(
    issuer: TestCa,
    names: string[],
    days?: { from: number; to: number },
  ): Promise<Server> {
    const server = createServer(await issuer.server(names, days), (request, response) => {
      response.end(`${request.method} ${request.url}`);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  async function proxy(options: Partial<ConnectProxyOptions> = {}): Promise<ConnectProxy> {
    const started = await startConnectProxy({ to: () => httpsPort, ...options });
    proxies.push(started);
    return started;
  }

  /** What a request says, through these proxies. */
  function ask(
    env: Record<string, string>,
    url = `https://${HOST}/things`,
    roots = [ca.root],
  ): Promise<string> {
    const agent = new ProxyAgent({
      proxies: readProxySettings(env),
      roots: () => Promise.resolve(roots),
      keepAlive: false,
    });
    const send = url.startsWith('https:') ? get : getPlain;
    return new Promise<string>((resolve, reject) => {
      const request = send(url, { agent }, (response) => void text(response).then(resolve, reject));
      request.on('error', reject);
    }).finally(() => agent.close());
  }

  async function failing(answer: Promise<string>): Promise<NetworkCause> {
    const error: unknown = await answer.then(
      (body) => assert.fail(`It was answered: ${body}`),
      (problem: unknown) => problem,
    );
    const cause = causeOf(error);
    assert.ok(cause !== undefined, String(error));
    return cause;
  }

  it('reach the host by CONNECT, with TLS of their own', async () => {
    const { url, asked } = await proxy();
    assert.equal(await ask({ HTTPS_PROXY: url }), 'GET /things');
    assert.deepEqual(asked, [`CONNECT ${HOST}:443`]);
  });

  it('give the user and password of the address, decoded', async () => {
    const { port } = await proxy({ auth: 'ann:p@ss:w ord' });
    assert.equal(await ask({ HTTPS_PROXY: `http://ann:p%40ss%3Aw%20ord@127.0.0.1:${port}` }), 'GET /things');
  });

  it('go directly where NO_PROXY says so, and on this machine', async () => {
    const { url, asked } = await proxy();
    const local = await serve(ca, ['127.0.0.1']);
    assert.equal(await ask({ HTTPS_PROXY: url }, `https://127.0.0.1:${portOf(local)}/x`), 'GET /x');
    assert.deepEqual(asked, []);
  });

  it('of plain HTTP name the whole address', async () => {
    const server = createHttp((request, response) => void response.end(`${request.method} ${request.url}`));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { url, asked } = await proxy({ to: () => portOf(server) });
    assert.equal(await ask({ HTTP_PROXY: url }, 'http://plain.test/a?b=1'), 'GET /a?b=1');
    assert.deepEqual(asked, ['GET http://plain.test/a?b=1']);
  });

  it('that want NTLM or Kerberos say that this is not there, and what helps', async () => {
    const offers = ['Negotiate', 'NTLM', 'Negotiate'];
    const { url, port } = await proxy({ auth: 'CORP\\ann:secret', offers });
    const wanted = await failing(ask({ HTTPS_PROXY: url }));
    assert.equal(
      english(whyOf(wanted)),
      `the proxy http://127.0.0.1:${port} does not accept a user name and password, only Negotiate or NTLM (407)`,
    );
    assert.match(english(remedyOf(wanted)), /local proxy.*HTTPS_PROXY/);
  });

  it('that offer a user name and a password among others ask for these', async () => {
    const { url } = await proxy({ auth: 'ann:secret', offers: ['NTLM', 'basic realm="x"'] });
    const wanted = await failing(ask({ HTTPS_PROXY: url }));
    assert.match(english(whyOf(wanted)), /requires a user name and a password/);
  });

  it('that the proxy refuses say who refused, and why', async () => {
    const { url, port } = await proxy({ auth: 'ann:secret' });
    const wanted = await failing(ask({ HTTPS_PROXY: url }));
    assert.deepEqual(wanted, {
      kind: 'proxy-refused',
      proxy: `http://127.0.0.1:${port}`,
      status: 407,
      schemes: ['Basic'],
    });
    assert.equal(
      english(whyOf(wanted)),
      `the proxy http://127.0.0.1:${port} requires a user name and a password (407)`,
    );
    assert.match(english(remedyOf(wanted)), /HTTPS_PROXY \(http:\/\/user:password@host:port\)/);
    const strict = await proxy({ refuse: { pattern: /:443$/, status: 403 } });
    assert.equal((await failing(ask({ HTTPS_PROXY: strict.url }))).kind, 'proxy-refused');
  });

  it('name a proxy that is not there', async () => {
    const gone = await startConnectProxy({ to: () => undefined });
    await gone.close();
    const cause = await failing(ask({ HTTPS_PROXY: `http://ann:hunter2@127.0.0.1:${gone.port}` }));
    assert.deepEqual(cause, {
      kind: 'proxy-unreachable',
      proxy: `http://127.0.0.1:${gone.port}`,
      cause: { kind: 'refused', code: 'ECONNREFUSED' },
    });
  });

  it('name a proxy that takes the connection and ends it, which is another cause', async () => {
    for (const [how, end] of [
      ['cut', (socket: Socket) => socket.resetAndDestroy()],
      ['undefined', (socket: Socket) => socket.end()],
    ] as const) {
      // Not before it was asked: it did not answer.
      const server = createTcp((socket) => {
        socket.on('error', () => undefined).once('data', () => end(socket));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const cause = await failing(ask({ HTTPS_PROXY: `http://127.0.0.1:${portOf(server)}` }));
        assert.ok(cause.kind === 'proxy-cut', cause.kind);
        assert.equal(String(cause.cause?.kind), how);
        assert.equal(
          english(whyOf(cause)),
          `the proxy http://127.0.0.1:${portOf(server)} took the connection and ended it without an answer`,
        );
        assert.match(english(remedyOf(cause)), /allow this host and port/);
      } finally {
        server.close();
      }
    }
  });

  it('say what a SOCKS proxy answered, and that one is not there', async () => {
    for (const [reply, status, words] of [
      [2, 'NotAllowed', /does not allow it \(NotAllowed\)$/],
      [5, 'ConnectionRefused', /answered ConnectionRefused$/],
    ] as const) {
      const socks = await startSocksProxy(httpsPort, () => reply);
      const cause = await failing(ask({ ALL_PROXY: socks.url }));
      assert.deepEqual(cause, { kind: 'proxy-refused', proxy: socks.url, status, schemes: [] });
      assert.match(english(whyOf(cause)), words);
      await socks.close();
      assert.deepEqual(await failing(ask({ ALL_PROXY: socks.url })), {
        kind: 'proxy-unreachable',
        proxy: socks.url,
        cause: { kind: 'refused', code: 'ECONNREFUSED' },
      });
    }
  });

  it('do not wait for ever for a SOCKS proxy that says nothing', async () => {
    const server = createTcp((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const agent = new ProxyAgent({
      proxies: readProxySettings({ ALL_PROXY: `socks5h://127.0.0.1:${portOf(server)}` }),
      roots: () => Promise.resolve([ca.root]),
      keepAlive: false,
      tunnelWithinMs: 20,
    });
    const asking = new Promise<string>((resolve, reject) => {
      const request = get(
        `https://${HOST}/things`,
        { agent },
        (response) => void text(response).then(resolve),
      );
      request.on('error', reject);
    });
    const cause = await failing(asking);
    assert.equal(
      english(whyOf(cause)),
      `the proxy socks5h://127.0.0.1:${portOf(server)} did not answer in time`,
    );
    server.close();
    agent.close();
  });

  it('say that this computer does not know a name which it looks up for a SOCKS proxy', async () => {
    const socks = await startSocksProxy(httpsPort);
    // No label may be so long: nobody has to be asked.
    const host = `${'x'.repeat(64)}.test`;
    const url = socks.url.replace('socks5h', 'socks5');
    const cause = await failing(ask({ ALL_PROXY: url }, `https://${host}/`));
    assert.deepEqual(cause, { kind: 'name-unknown', code: 'ENOTFOUND', socks: url });
    assert.match(english(remedyOf(cause)), /look up the name for socks5:.*socks5h:/);
    assert.deepEqual(socks.asked, []);
    await socks.close();
  });

  it('name a proxy that takes no connections, though it does not refuse them', async () => {
    // RFC 5737: an address of documentation, to which no network leads.
    const server = { url: 'http://192.0.2.1:3128/' };
    const agent = new ProxyAgent({
      proxies: readProxySettings({ HTTPS_PROXY: server.url }),
      roots: () => Promise.resolve([ca.root]),
      keepAlive: false,
      tunnelWithinMs: 20,
    });
    const asking = new Promise<string>((resolve, reject) => {
      const request = get(`https://${HOST}/`, { agent }, (response) => void text(response).then(resolve));
      request.on('error', reject);
    });
    assert.equal((await failing(asking)).kind, 'proxy-unreachable');
    agent.close();
  });

  it('do not take a proxy whose certificate is not good for one that could be asked', () => {
    for (const code of [
      'EE_KEY_TOO_SMALL',
      'CA_MD_TOO_WEAK',
      'INVALID_CA',
      'INVALID_PURPOSE',
      'PATH_LENGTH_EXCEEDED',
      'CRL_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ])
      assert.equal(endOf(Object.assign(new Error(code), { code }), false).stood, false, code);
    const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    assert.equal(endOf(cut, false).stood, true);
  });

  it('tell an inspected, an expired, an early and a foreign certificate apart', async () => {
    const other = await createTestCa('Corporate Root');
    const cases: [Server, NetworkCause][] = [
      [await serve(other, [HOST]), { kind: 'untrusted', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
      [await serve(ca, [HOST], { from: -9, to: -2 }), { kind: 'expired', code: 'CERT_HAS_EXPIRED' }],
      [await serve(ca, [HOST], { from: 2, to: 9 }), { kind: 'early', code: 'CERT_NOT_YET_VALID' }],
      [
        await serve(ca, ['login.corp.test']),
        { kind: 'other-host', code: 'ERR_TLS_CERT_ALTNAME_INVALID', names: ['login.corp.test'] },
      ],
    ];
    for (const [server, expected] of cases) {
      const { url } = await proxy({ to: () => portOf(server) });
      const cause = await failing(ask({ HTTPS_PROXY: url }));
      if (cause.kind === 'expired' || cause.kind === 'early') {
        const { limit, ...rest } = cause;
        assert.deepEqual(rest, expected);
        // Days from now that the certificate was made with.
        const days = Math.round(((limit ?? NaN) - Date.now()) / 86_400_000);
        assert.equal(days, cause.kind === 'expired' ? -2 : 2);
        assert.match(english(whyOf(cause)), /\): it (ended 2 days before|begins 2 days later), at \d{4}-/);
      } else assert.deepEqual(cause, expected);
      assert.equal(
        await ask({ HTTPS_PROXY: url }, undefined, [ca.root, other.root]).catch(() => 'no'),
        expected.kind === 'untrusted' ? 'GET /things' : 'no',
      );
    }
  });

  it('are joined by what is no HTTP: a tunnel for MQTT', async () => {
    const { url, asked } = await proxy({ auth: 'ann:secret' });
    const server = { url: url.replace('//', '//ann:secret@') };
    const socket = await openTunnel(server, { host: HOST, port: 8883 });
    const secure = connectTls({ socket, servername: HOST, ca: ca.root });
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject));
    secure.destroy();
    assert.deepEqual(asked, [`CONNECT ${HOST}:8883`]);
    await assert.rejects(openTunnel({ url }, { host: HOST, port: 8883 }), {
      code: 'PROXY_FAILURE',
      status: 407,
    });
  });
});

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

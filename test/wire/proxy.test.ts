import assert from 'node:assert/strict';
import { request as forward } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import type { Device } from '../../src/provisioning/device.ts';
import { runCli } from '../support/cli.ts';
import { startConnectProxy, type ConnectProxy, type ConnectProxyOptions } from '../support/connectProxy.ts';
import { startMtlsBroker, type MtlsBroker } from '../support/mtlsBroker.ts';
import { startSocksProxy } from '../support/socksProxy.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { createTestCa } from '../support/testCertificates.ts';
import { testWork } from '../support/works.ts';
import { bytesOf } from '../support/bytes.ts';

const LOGIN = 'ann:p@ss word';
const encoded = LOGIN.split(':').map(encodeURIComponent).join(':');

describe('a proxy that is the only way out', () => {
  const proxies: ConnectProxy[] = [];
  afterEach(async () => {
    for (const proxy of proxies.splice(0)) await proxy.close();
  });

  async function proxyTo(port: number, options: Partial<ConnectProxyOptions> = {}): Promise<ConnectProxy> {
    const proxy = await startConnectProxy({ auth: LOGIN, to: () => port, ...options });
    proxies.push(proxy);
    return proxy;
  }
  const withLogin = ({ url }: ConnectProxy): string => url.replace('//', `//${encoded}@`);

  describe('for MQTT of the device process', () => {
    const HOST = 'a1b2-ats.iot.us-west-2.amazonaws.com';
    let broker: MtlsBroker;
    let device: Device;
    before(async () => {
      broker = await startMtlsBroker(HOST);
      device = await startDevice({ command: path.join(import.meta.dirname, '../../dist/device.js') });
    });
    after(async () => {
      device.dispose();
      await broker.close();
    });
    const messages = [{ topic: 't', payload: bytesOf('{}') }];
    const through = (url: string, more: object = {}) => ({
      broker: { host: HOST, port: 8883, rootCaPem: broker.broker.rootCaPem, proxy: { url }, ...more },
      identity: broker.identity,
      clientId: 'V',
      timeoutMs: 5000,
    });

    it('takes messages by CONNECT, with its user and password', async () => {
      const proxy = await proxyTo(broker.broker.port);
      await device.publish({ ...through(withLogin(proxy)), messages }, testWork());
      assert.deepEqual([...new Set(proxy.asked)], [`CONNECT ${HOST}:8883`]);
      assert.equal(broker.received.length, 1);
    });

    it('takes the claim, too, which native code connects', async () => {
      const proxy = await proxyTo(broker.broker.port);
      broker.reply = ({ topic }, { answer }) => {
        if (topic.endsWith('/create/json')) {
          answer(`${topic}/accepted`, {
            certificateId: 'c1',
            certificatePem: 'PEM',
            privateKey: 'KEY',
            certificateOwnershipToken: 'TOKEN',
          });
        } else answer(`${topic}/accepted`, { deviceConfiguration: {}, thingName: 'V' });
      };
      const { identity: claim, ...rest } = through(withLogin(proxy));
      const request = { ...rest, claim, templateName: 'T', parameters: {} };
      const issued = await device.claim(request, () => Promise.resolve(), testWork());
      assert.deepEqual(issued, { certificateId: 'c1', thingName: 'V' });
      assert.deepEqual([...new Set(proxy.asked)], [`CONNECT ${HOST}:8883`]);
    });

    it('lets 443 through where 8883 is refused: that is found out, and said', async () => {
      const proxy = await proxyTo(broker.broker.port, { refuse: { pattern: /:8883$/, status: 403 } });
      const said: string[] = [];
      const work = testWork(({ message }) => void said.push(JSON.stringify(message)));
      await device.publish({ ...through(withLogin(proxy), { otherPort: 443 }), messages }, work);
      assert.ok(
        said.some((message) => message.includes('Using port {other} instead')),
        said.join('\n'),
      );
      assert.equal(proxy.asked.at(-1), `CONNECT ${HOST}:443`);
    });

    it('lets 443 through where 8883 is cut, and where a SOCKS proxy does not allow it', async () => {
      const said: string[] = [];
      const work = testWork(({ message }) => void said.push(JSON.stringify(message)));
      const cutting = await proxyTo(broker.broker.port, { cut: /:8883$/ });
      await device.publish({ ...through(withLogin(cutting), { otherPort: 443 }), messages }, work);
      assert.equal(cutting.asked.at(-1), `CONNECT ${HOST}:443`);
      const socks = await startSocksProxy(broker.broker.port, (port) => (port === 8883 ? 2 : 0));
      try {
        await device.publish({ ...through(socks.url, { otherPort: 443 }), messages }, work);
        assert.deepEqual([socks.asked[0], socks.asked.at(-1)], [`${HOST}:8883`, `${HOST}:443`]);
      } finally {
        await socks.close();
      }
      for (const why of ['took the connection and ended it without an answer', 'NotAllowed'])
        assert.ok(
          said.some((message) => message.includes(why) && message.includes('Using port {other} instead')),
          said.join('\n'),
        );
    });

    it('is passed by on the port that is exempt from it', async () => {
      const proxy = await proxyTo(broker.broker.port, { cut: /:8883$/ });
      const local = { host: 'localhost', otherPort: broker.broker.port, otherWay: {} };
      await assert.rejects(
        device.publish({ ...through(withLogin(proxy), local), messages }, testWork()),
        // The broker shows a certificate for another name: it was reached.
        { code: 'MQTT_CONNECT_REFUSED', message: /its TLS certificate is for a1b2-ats/ },
      );
    });

    it('may speak TLS itself, signed by a company’s CA, for a message and for the claim', async () => {
      const issuer = await createTestCa('Proxy Root');
      const proxy = await proxyTo(broker.broker.port, { tls: await issuer.server(['127.0.0.1']) });
      const { identity: claim, ...rest } = through(withLogin(proxy), { proxyRoots: [issuer.root] });
      await device.publish({ ...rest, identity: claim, messages }, testWork());
      const before = proxy.asked.length;
      broker.reply = ({ topic }, { drop }) => topic.startsWith('$aws') && drop();
      const asked = { ...rest, claim, templateName: 'T', parameters: {} };
      await assert.rejects(
        device.claim(asked, () => Promise.resolve(), testWork()),
        (error: CmsError) => error.code !== 'ENDPOINT_UNREACHABLE',
      );
      assert.ok(proxy.asked.length > before);
      const unknown = through(withLogin(proxy)).broker;
      await assert.rejects(
        device.publish({ ...rest, broker: unknown, identity: claim, messages }, testWork()),
        {
          code: 'ENDPOINT_UNREACHABLE',
          message: /cannot be reached, because its TLS certificate is not trusted/,
        },
      );
    });

    it('may speak SOCKS for messages, and is refused for a claim before it is asked', async () => {
      const proxy = await startSocksProxy(broker.broker.port);
      try {
        await device.publish({ ...through(proxy.url), messages }, testWork());
        assert.deepEqual([...new Set(proxy.asked)], [`${HOST}:8883`]);
        const { identity: claim, ...rest } = through(proxy.url);
        const asked = { ...rest, claim, templateName: 'T', parameters: {} };
        await assert.rejects(
          device.claim(asked, () => Promise.resolve(), testWork()),
          {
            code: 'REQUEST_INVALID',
            message: `MQTT for onboarding cannot go through the proxy ${proxy.url}.`,
          },
        );
      } finally {
        await proxy.close();
      }
    });

    it('that inspects TLS is told by who signed, for a message and for the claim', async () => {
      // The broker stands for the proxy: it shows a certificate for a host of AWS, signed by somebody else.
      const proxy = await proxyTo(broker.broker.port);
      broker.answersConnect = false;
      const request = { ...through(withLogin(proxy)), timeoutMs: 3000 };
      const { identity: claim, ...rest } = request;
      const asked = { ...rest, claim, templateName: 'T', parameters: {} };
      try {
        for (const attempt of [
          () => device.publish({ ...request, messages }, testWork()),
          () => device.claim(asked, () => Promise.resolve(), testWork()),
        ]) {
          await assert.rejects(attempt(), (error: CmsError) => {
            assert.equal(error.code, 'MQTT_CONNECT_REFUSED');
            assert.match(error.message, /signed by test broker root/);
            assert.match(english(error.remedy ?? ''), new RegExp(`exempt ${HOST} from inspection`));
            return true;
          });
        }
      } finally {
        broker.answersConnect = true;
      }
    });

    for (const [what, options, sentence] of [
      [
        'wants another login',
        { auth: 'somebody:else' },
        /the proxy http:\/\/127\.0\.0\.1:\d+ requires a user name and a password \(407\)/,
      ],
      [
        'takes NTLM and Kerberos only',
        { auth: 'somebody:else', offers: ['Negotiate', 'NTLM'] },
        /does not accept a user name and password, only Negotiate or NTLM \(407\)/,
      ],
      [
        'refuses both ports',
        { refuse: { pattern: /amazonaws/, status: 403 } },
        /does not allow it \(403\), and port 443 does not answer either/,
      ],
    ] as const)
      it(`that ${what} is named without the password, for a message and for the claim`, async () => {
        const proxy = await proxyTo(broker.broker.port, {
          ...options,
          ...('offers' in options ? { offers: [...options.offers] } : {}),
        });
        const { identity: claim, ...rest } = through(withLogin(proxy), { otherPort: 443 });
        for (const attempt of [
          () => device.publish({ ...rest, identity: claim, messages }, testWork()),
          () =>
            device.claim(
              { ...rest, claim, templateName: 'T', parameters: {} },
              () => Promise.resolve(),
              testWork(),
            ),
        ])
          await assert.rejects(attempt(), (error) => {
            assert.match(String(error), sentence);
            assert.doesNotMatch(String(error), /p@ss|p%40ss/);
            return true;
          });
      });

    it('hears of each connection twice a minute, for what forgets the silent', async () => {
      const proxy = await proxyTo(broker.broker.port);
      const { identity: claim, ...rest } = through(withLogin(proxy));
      const before = broker.heard().length;
      await device.publish({ ...rest, identity: claim, messages }, testWork());
      broker.reply = ({ topic }, { drop }) => topic.startsWith('$aws') && drop();
      const asked = { ...rest, claim, templateName: 'T', parameters: {} };
      await assert.rejects(device.claim(asked, () => Promise.resolve(), testWork()));
      // CONNECT: the name and the level of the protocol, flags, and the keep-alive in seconds.
      const [, ...connects] = broker.heard().slice(before).split('\u0000\u0004MQTT\u0004');
      const seconds = connects.map((rest) => rest.charCodeAt(1) * 256 + rest.charCodeAt(2));
      assert.deepEqual(seconds, [30, 30]);
    });
  });

  describe('for the APIs', () => {
    let sandbox: SandboxProcess;
    let front: Server;
    let folder: string;
    let ca: string;
    before(async () => {
      sandbox = await startSandbox();
      const issuer = await createTestCa('Corporate Root');
      const to = new URL(sandbox.endpoint);
      // AWS as it is seen from outside: HTTPS, on a name.
      front = createServer(await issuer.server(['aws.corp.test']), (request, response) => {
        const headers = { ...request.headers, host: to.host };
        const { method, url } = request;
        const sent = forward(sandbox.endpoint, { method, path: url, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        request.pipe(sent);
      });
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
      folder = await mkdtemp(path.join(os.tmpdir(), 'cms-proxy-'));
      ca = path.join(folder, 'corp.pem');
      await writeFile(ca, issuer.root);
    });
    after(async () => {
      front.closeAllConnections();
      front.close();
      await sandbox.stop();
      await rm(folder, { recursive: true });
    });
    const stacks = (env: Record<string, string>) =>
      runCli(['stacks', '--json', '--endpoint', 'https://aws.corp.test', '--region', 'us-west-2'], {
        env: {
          AWS_ACCESS_KEY_ID: 'AKIASANDBOX000000000',
          AWS_SECRET_ACCESS_KEY: 'sandbox',
          AWS_CA_BUNDLE: ca,
          ...env,
        },
      });
    const port = () => (front.address() as AddressInfo).port;

    it('takes the calls of the SDK', async () => {
      const proxy = await proxyTo(port());
      const { code, stdout, stderr } = await stacks({ https_proxy: withLogin(proxy) });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /cms-dev1/);
      assert.ok(proxy.asked.every((what) => what === 'CONNECT aws.corp.test:443'));
    });

    it('is in the report of doctor --network, host by host, with what to ask for', async () => {
      const proxy = await proxyTo(port());
      const doctor = (env: Record<string, string>) =>
        runCli(
          ['doctor', '--network', '--json', '--endpoint', 'https://aws.corp.test', '--region', 'us-west-2'],
          { env: { AWS_CA_BUNDLE: ca, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...env } },
        );
      const good = await doctor({ https_proxy: withLogin(proxy) });
      const found = Object.fromEntries(
        good
          .objects()
          .map(({ id, status, message }) => [String(id), `${String(status)}: ${String(message)}`]),
      );
      assert.equal(found.proxy, `ok: ${proxy.url}, for HTTPS and MQTT.`);
      assert.equal(
        found['host aws.corp.test'],
        `ok: Reached, through ${proxy.url}; signed by Corporate Root.`,
      );
      assert.equal(found['roots AWS_CA_BUNDLE'], 'ok: 1 certificate.');
      assert.match(found.clock ?? '', /^ok: Matches/);
      // The APIs of the sandbox's CMS, as the outputs of its stacks name them.
      assert.equal(found['host 127.0.0.1'], 'skip: Plain HTTP, directly.');
      assert.doesNotMatch(good.stdout, /p@ss|p%40ss/);
      const bad = await doctor({ https_proxy: proxy.url });
      assert.equal(bad.code, 1);
      const host = bad.objects().find(({ id }) => id === 'host aws.corp.test');
      assert.match(String(host?.message), /requires a user name and a password \(407\)/);
      assert.match(String(host?.remedy), /HTTPS_PROXY/);
      const apis = bad.objects().find(({ id }) => id === 'apis');
      assert.deepEqual(
        [apis?.status, apis?.remedy],
        ['skip', 'Ask for port 443 of *.execute-api.us-west-2.amazonaws.com to be opened.'],
      );
    });

    it('that wants a password says so, once', async () => {
      const proxy = await proxyTo(port());
      const { code, stdout } = await stacks({ HTTPS_PROXY: proxy.url.replace('//', '//ann:hunter2@') });
      assert.notEqual(code, 0);
      assert.match(stdout, /"code":"ENDPOINT_UNREACHABLE"/);
      assert.match(stdout, /requires a user name and a password \(407\)/);
      assert.doesNotMatch(stdout, /hunter2/);
    });

    it('may speak SOCKS', async () => {
      const proxy = await startSocksProxy(port());
      try {
        const { code, stdout, stderr } = await stacks({ ALL_PROXY: proxy.url });
        assert.equal(code, 0, stderr);
        assert.match(stdout, /cms-dev1/);
        assert.deepEqual([...new Set(proxy.asked)], ['aws.corp.test:443']);
      } finally {
        await proxy.close();
      }
    });

    it('is passed by where NO_PROXY says so', async () => {
      const proxy = await proxyTo(port());
      const { stdout } = await stacks({ HTTPS_PROXY: withLogin(proxy), NO_PROXY: 'corp.test' });
      // Nobody but the proxy knows the way to that name.
      assert.match(stdout, /host name (not found|cannot be resolved right now)/);
      assert.deepEqual(proxy.asked, []);
    });
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { connectAsync, type MqttClient } from 'mqtt';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const SIGNED =
  'AWS4-HMAC-SHA256 Credential=a/20240501/us-west-2/iam/aws4_request, SignedHeaders=h, Signature=0';
/** Of the right form; nobody checks what signed it. */
const SIGNED_QUERY =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20240501%2Fus-west-2%2Fiotdevicegateway%2Faws4_request' +
  '&X-Amz-Date=20240501T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0';

const TARGETS = [
  '//', '///', '//evil.example/mqtt', 'http://[', 'http://', 'https://[::1', 'http://a:b@c:d', '*', '/\\', '/%', '/%ff',
  '?', '#', '/mqtt?%', '/mqtt?X-Amz-Signature=%E0%A4%A', 'mqtt', 'javascript:0', 'ws://', `/${'a'.repeat(20_000)}`,
  '/\u00e4\u00ff', '/_sandbox/%', '/_sandbox//messages', '/execute-api/%/x', '/things/%zz/shadow', '/topics/%', '/..',
  '/?Action=%', '/\t', '/constructor', '/__proto__', '/execute-api/__proto__/Prod/',
]; // prettier-ignore
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

describe('what comes to the ports of the sandbox', function () {
  let sandbox: SandboxProcess;
  let bystander: MqttClient;
  let host: string;
  let lost = 0;

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits'] });
    host = new URL(sandbox.endpoint).host;
    bystander = await connectAsync(`ws://${host}/mqtt?${SIGNED_QUERY}`, {
      clientId: 'bystander',
      protocolVersion: 4,
      reconnectPeriod: 0,
      transformWsUrl: (url) => url,
    });
    bystander.on('close', () => (lost += 1));
  });
  after(async () => {
    bystander.end(true);
    await sandbox.stop();
  });
  afterEach('and everybody else goes on', async () => {
    assert.deepEqual(await (await fetch(`${sandbox.endpoint}/_sandbox/health`)).json(), { status: 'ok' });
    const heard = new Promise<string>((resolve) =>
      bystander.once('message', (_topic, payload) => resolve(payload.toString())),
    );
    await bystander.subscribeAsync('still/there');
    await bystander.publishAsync('still/there', 'yes', { qos: 1 });
    assert.equal(await heard, 'yes');
    assert.equal(lost, 0);
  });

  /** Bytes in, all that comes back until the connection ends, or until it is cut. */
  async function send(bytes: string | Buffer, port = Number(host.split(':')[1])): Promise<string> {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (part) => (text += part.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    socket.setTimeout(3000, () => socket.destroy());
    // One that hears nothing from us would wait for more.
    socket.end();
    await once(socket, 'close');
    return text;
  }
  const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);

  for (const [what, headers] of [
    ['an upgrade', UPGRADE],
    ['a request', 'Connection: close\r\n'],
    ['a request that waits', 'Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n'],
  ] as const) {
    it(`ends nothing, whatever target ${what} has`, async () => {
      for (const target of TARGETS) {
        for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE', 'CONNECT']) {
          const text = await send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
          assert.notEqual(statusOf(text), 101, `${method} ${target.slice(0, 50)}`);
          assert.notEqual(statusOf(text), 500, `${method} ${target.slice(0, 50)}`);
        }
      }
    });
  }

  it('ends nothing, whatever headers an upgrade has', async () => {
    const signed = `GET /mqtt?${SIGNED_QUERY} HTTP/1.1\r\nHost: ${host}\r\n`;
    for (const head of [
      `${signed}Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n`,
      `${signed}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `${signed}${UPGRADE.replace('13', '99')}\r\n`,
      `${signed}${UPGRADE.replace('AAAA==', '')}\r\n`,
      `${signed}${UPGRADE}Sec-WebSocket-Protocol: ,,,;\u00ff\r\n\r\n`,
      `${signed}${UPGRADE}Sec-WebSocket-Extensions: permessage-deflate; a="\r\n\r\n`,
      `${signed}${UPGRADE}Host: ${host}\r\n\r\n`,
      `${signed}${UPGRADE}\r\n${'\u0081'.repeat(2000)}`,
      `${signed}${UPGRADE}\r\n\u0082\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff`,
    ]) {
      await send(head);
    }
    assert.equal(await Promise.race([sandbox.exited, Promise.resolve('running')]), 'running');
  });

  it('keeps nothing of an upgrade that is declined, however often a connection offers it', async () => {
    const offer = `GET /_sandbox/health HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
    const socket = net.connect(Number(host.split(':')[1]), '127.0.0.1');
    let heard = '';
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text));
    const answers = (): number => heard.match(/HTTP\/1\.1 200/g)?.length ?? 0;
    for (let i = 1; i <= 30; i++) {
      socket.write(offer);
      await until(`answer ${i}`, () => answers() === i);
    }
    socket.destroy();
    assert.doesNotMatch(sandbox.log(), /MaxListeners/);
  });

  it('ends nothing when it is no HTTP', async () => {
    for (const bytes of [
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
      '\u0010\u00ff\u00ff\u00ff\u00ff',
      'GET / HTTP/9.9\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\n`,
      `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(3000)}\r\n`,
      '\u0000'.repeat(70_000),
    ]) {
      assert.match(await send(bytes), /^(HTTP\/1\.1 4\d\d |$)/);
    }
  });

  it('ends nothing when the client goes away in the middle', async () => {
    const heads = [
      `POST /things/a HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${SIGNED}\r\nContent-Length: 9\r\n\r\nabc`,
      `GET /mqtt?${SIGNED_QUERY} HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}\r\n\u0082`,
      `GET // HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}\r\n`,
      'GET',
    ];
    for (const head of heads) {
      const socket = net.connect(Number(host.split(':')[1]), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(Buffer.from(head, 'latin1'));
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    assert.equal(await Promise.race([sandbox.exited, Promise.resolve('running')]), 'running');
  });

  describe('on the MQTT port', () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'guard-'));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** A certificate nobody knows, of this subject. */
    function identity(subject: string): { cert: Buffer; key: Buffer } {
      const [cert, key] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')];
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
      execFileSync('openssl', ['req', '-x509', ...kind, '-subj', subject, '-keyout', key, '-out', cert], {
        stdio: 'ignore',
      });
      return { cert: readFileSync(cert), key: readFileSync(key) };
    }
    const port = (): number => Number(sandbox.mqttEndpoint.split(':')[1]);

    it('ends nothing, whatever certificate it comes with', async () => {
      for (const subject of ['/', '/CN=a', '/CN=\u00e4/O=x\\/y', '/OU=a+CN=b']) {
        const socket = tls.connect({
          ...{ host: '127.0.0.1', port: port(), rejectUnauthorized: false },
          ...identity(subject),
        });
        socket.on('error', () => undefined);
        await once(socket, 'close');
      }
      await until('the refusals in the log', () => sandbox.log().split('is not registered').length > 4);
    });

    it('ends nothing when it is no TLS', async () => {
      for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\u0010\u0000', '\u0016\u0003\u0001\u00ff\u00ff', '']) {
        await send(bytes, port());
      }
      assert.equal(await Promise.race([sandbox.exited, Promise.resolve('running')]), 'running');
    });
  });

  it('ends the MQTT connection that sends it, and no other', async () => {
    const { WebSocket } = await import('ws');
    const connect = Buffer.from('101000044d5154540402003c000461626364', 'hex');
    for (const packet of [
      '00',
      'ffffffffff',
      '1000',
      '3003000161',
      '32020000',
      '82020001',
      '820500010001ff',
      '8206000100012b03',
      '310400012361',
      '300400012b61',
      '3003000000',
      'a2020000',
      'f000',
      'e000',
      'c001',
      '40020000',
      '62020001',
      '36050001610001',
      `30${'ff'.repeat(3)}7f`,
    ]) {
      // prettier-ignore
      const socket = new WebSocket(`ws://${host}/mqtt?${SIGNED_QUERY}`, 'mqtt');
      await once(socket, 'open');
      const closed = once(socket, 'close');
      socket.send(connect);
      socket.send(Buffer.from(packet, 'hex'));
      // What is half a packet to the sandbox would wait for the rest.
      socket.close();
      await closed;
    }
    assert.equal(lost, 0);
  });

  describe('from a web page', () => {
    const roleExists = async (): Promise<boolean> => {
      const answer = await fetch(`${sandbox.endpoint}/?Action=GetRole&Version=2010-05-08&RoleName=kept`, {
        headers: { authorization: SIGNED },
      });
      return answer.status === 200;
    };
    before(async () => {
      const answer = await fetch(sandbox.endpoint, {
        method: 'POST',
        headers: { authorization: SIGNED },
        body: new URLSearchParams({
          ...{ Action: 'CreateRole', Version: '2010-05-08', RoleName: 'kept' },
          AssumeRolePolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'iot.amazonaws.com' } },
            ],
          }),
        }),
      });
      assert.equal(answer.status, 200, await answer.text());
    });

    const deleting = `/?Action=DeleteRole&Version=2010-05-08&RoleName=kept&X-Amz-Signature=0`;
    for (const [what, method, headers] of [
      ['an image', 'GET', 'Sec-Fetch-Site: cross-site\r\n'],
      ['an image of another port', 'GET', 'Sec-Fetch-Site: same-site\r\n'],
      ['an image of an old browser', 'GET', ''],
      ['a link in a letter', 'GET', 'Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n'],
      ['a link with a name and password', 'GET', 'Authorization: Basic YTpi\r\n'],
      ['a form', 'POST', 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n'],
      ['a script on another port', 'GET', `Origin: http://localhost:9999\r\nAuthorization: ${SIGNED}\r\n`],
      ['a sandboxed frame', 'GET', `Origin: null\r\nAuthorization: ${SIGNED}\r\n`],
      ['a HEAD', 'HEAD', ''],
      ['the question before a script', 'OPTIONS', ''],
      [
        'one whose origin stands behind two thousand headers',
        'GET',
        `Authorization: ${SIGNED}\r\n${'a: b\r\n'.repeat(2100)}Origin: http://evil.example\r\n`,
      ],
    ] as const) {
      it(`deletes nothing: ${what}`, async () => {
        const text = await send(
          `${method} ${deleting} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`,
        );
        assert.equal(statusOf(text), 403);
        assert.doesNotMatch(text, /access-control/i);
        assert.ok(await roleExists());
      });
    }

    it('gets no WebSocket', async () => {
      for (const header of [
        'Origin: http://localhost:9999',
        'Origin: https://evil.example',
        'Origin: null',
        'Sec-Fetch-Site: same-site',
        'Sec-Fetch-Site: cross-site',
      ]) {
        const text = await send(
          `GET /mqtt?${SIGNED_QUERY} HTTP/1.1\r\nHost: ${host}\r\n${UPGRADE}${header}\r\n\r\n`,
        );
        assert.equal(statusOf(text), 403, header);
      }
    });

    it('does not end it, or look into it', async () => {
      for (const [method, at] of [
        ['POST', 'shutdown'],
        ['POST', 'reset'],
        ['DELETE', 'faults'],
        ['GET', 'vehicles/V/messages'],
        ['GET', 'operations'],
      ] as const) {
        const answer = await fetch(`${sandbox.endpoint}/_sandbox/${at}`, { method });
        assert.equal(answer.status, 403, at);
      }
    });
  });
});

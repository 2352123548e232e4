import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import { startDevice } from '../../src/device/client/deviceProcess.ts';
import { createSigningRequest } from '../../src/provisioning/csr.ts';
import type { ClaimRequest, Device, IssuedCertificate } from '../../src/provisioning/device.ts';
import { startMtlsBroker, type MtlsBroker, type Received, type ReplyTools } from '../support/mtlsBroker.ts';
import { makeAuthority, makePair } from '../support/pairs.ts';
import { testWork } from '../support/works.ts';
import { until } from '../support/until.ts';
import { l10n } from '../../src/core/message.ts';
import { bytesOf } from '../support/bytes.ts';

const command = join(import.meta.dirname, '../../dist/device.js');
const CREATE = '$aws/certificates/create/json';
const CSR = '$aws/certificates/create-from-csr/json';
const REGISTER = '$aws/provisioning-templates/T/provision/json';
const ANSWER = {
  certificateId: 'c1',
  certificatePem: 'PEM',
  privateKey: 'NEW-KEY',
  certificateOwnershipToken: 'TOKEN',
};

/** Answers as AWS IoT does when all is well. */
function accept({ topic, payload }: Received, { answer }: ReplyTools): void {
  if (topic === CREATE) answer(`${CREATE}/accepted`, ANSWER);
  if (topic === CSR) {
    answer(`${CSR}/accepted`, {
      certificateId: 'c1',
      certificatePem: 'PEM',
      certificateOwnershipToken: 'TOKEN',
    });
  }
  if (topic === REGISTER) {
    const { parameters } = JSON.parse(payload) as { parameters: { SerialNumber: string } };
    answer(`${REGISTER}/accepted`, { deviceConfiguration: {}, thingName: parameters.SerialNumber });
  }
}

function matches(code: string, ...words: RegExp[]) {
  return (error: unknown) => {
    assert.ok(error instanceof CmsError, String(error));
    assert.equal(error.code, code, error.message);
    const remedy = error.remedy === undefined ? '' : english(error.remedy);
    const all = `${error.message} ${remedy} ${JSON.stringify(error.details)} ${error.step ?? ''}`;
    for (const word of words) assert.match(all, word);
    assert.doesNotMatch(all, /NEW-KEY|TOKEN|PRIVATE KEY/, 'no secret in an error');
    return true;
  };
}

describe('device process', () => {
  let wire: MtlsBroker;
  let device: Device;

  beforeEach(async () => {
    wire = await startMtlsBroker();
    wire.reply = accept;
    device = await startDevice({ command });
  });
  afterEach(async () => {
    device.dispose();
    await wire.close();
  });

  const request = (more: Partial<ClaimRequest> = {}): ClaimRequest => ({
    broker: wire.broker,
    claim: wire.identity,
    clientId: 'claim-V',
    templateName: 'T',
    parameters: { SerialNumber: 'V' },
    timeoutMs: 5000,
    ...more,
  });
  const saveNothing = () => Promise.resolve();

  describe('fleet provisioning by claim', () => {
    it('subscribes to both answers of both calls before it asks, and saves before it uses the token @smoke', async () => {
      const save = async (issued: IssuedCertificate) => {
        await delay(50);
        wire.log.push(`saved ${issued.certificateId} ${issued.privateKeyPem ?? ''}`);
      };
      const result = await device.claim(request(), save, testWork());
      assert.deepEqual(result, { certificateId: 'c1', thingName: 'V' });
      assert.deepEqual(wire.log, [
        'connect claim-V',
        `subscribe ${CREATE}/accepted`,
        `subscribe ${CREATE}/rejected`,
        `subscribe ${REGISTER}/accepted`,
        `subscribe ${REGISTER}/rejected`,
        `publish ${CREATE}`,
        'saved c1 NEW-KEY',
        `publish ${REGISTER}`,
      ]);
      // What is silent for a minute is cut by proxies, NAT and load balancers.
      const [keepAlive = 0] = wire.keepAlives;
      assert.ok(keepAlive > 0 && keepAlive < 60, String(keepAlive));
      assert.deepEqual(JSON.parse(wire.received[1]!.payload), {
        templateName: 'T',
        certificateOwnershipToken: 'TOKEN',
        parameters: { SerialNumber: 'V' },
      });
    });

    it('tells each step without a secret', async () => {
      const work = testWork();
      await device.claim(request(), saveNothing, work);
      assert.deepEqual(
        work.events.map((event) => event.step),
        ['connect', 'subscribe', 'create-certificate', 'save-certificate', 'register-thing'],
      );
      assert.doesNotMatch(JSON.stringify(work.events), /NEW-KEY|TOKEN/);
    });

    it('sends a signing request and never a private key', async () => {
      const { csrPem, privateKeyPem } = await createSigningRequest('V', 'ec');
      let issued: IssuedCertificate | undefined;
      const save = (certificate: IssuedCertificate) => {
        issued = certificate;
        return Promise.resolve();
      };
      await device.claim(request({ csrPem }), save, testWork());
      assert.equal(issued?.privateKeyPem, undefined);
      assert.deepEqual(JSON.parse(wire.received[0]!.payload), { certificateSigningRequest: csrPem });
      const secretLine = privateKeyPem.split('\n')[1]!;
      assert.ok(!wire.heard().includes(secretLine) && !wire.heard().includes('PRIVATE KEY'));
    });

    it('asks again when AWS IoT takes no more requests, for the certificate and for the thing', async () => {
      const times = new Map<string, number>();
      wire.reply = (message, tools) => {
        const asked = (times.get(message.topic) ?? 0) + 1;
        times.set(message.topic, asked);
        if (asked > 1) accept(message, tools);
        else
          tools.answer(`${message.topic}/rejected`, {
            statusCode: 429,
            errorCode: 'ThrottlingException',
            errorMessage: 'Rate exceeded',
          });
      };
      const work = testWork();
      const issued = await device.claim(request(), saveNothing, work);
      assert.deepEqual(issued, { certificateId: 'c1', thingName: 'V' });
      assert.deepEqual([times.get(CREATE), times.get(REGISTER)], [2, 2]);
      const told = work.events.filter(({ level }) => level === 'info').map(({ message }) => english(message));
      assert.equal(told.filter((line) => line.includes('attempt 2 of 6')).length, 2, told.join('\n'));
    });

    it('names topic, step, error code and likely cause of a rejected certificate', async () => {
      wire.reply = (_message, { answer }) =>
        answer(`${CREATE}/rejected`, { statusCode: 403, errorCode: 'Forbidden', errorMessage: 'not you' });
      await assert.rejects(
        device.claim(request(), saveNothing, testWork()),
        matches(
          'CLAIM_REJECTED',
          /create-certificate/,
          /create\/json\/rejected/,
          /Forbidden/,
          /not you/,
          /policy/,
        ),
      );
    });

    it('never repeats the ownership token, even if a rejection does', async () => {
      wire.reply = (message, tools) => {
        if (message.topic !== REGISTER) accept(message, tools);
        else {
          tools.answer(`${REGISTER}/rejected`, {
            statusCode: 400,
            errorCode: 'InvalidCertificateOwnershipToken',
            errorMessage: 'Token TOKEN has expired',
          });
        }
      };
      await assert.rejects(
        device.claim(request(), saveNothing, testWork()),
        matches('CLAIM_REJECTED', /register-thing/, /InvalidCertificateOwnershipToken/, /one hour/),
      );
    });

    for (const [topic, step] of [
      [CREATE, 'create-certificate'],
      [REGISTER, 'register-thing'],
    ] as const) {
      it(`ends in bounded time when no answer to ${step} comes`, async () => {
        wire.reply = (message, tools) => {
          if (message.topic !== topic) accept(message, tools);
        };
        await assert.rejects(
          device.claim(request({ timeoutMs: 300 }), saveNothing, testWork()),
          matches('CLAIM_TIMEOUT', new RegExp(step), /0\.3 s/),
        );
      });

      it(`says which step was under way when the connection drops at ${step}`, async () => {
        wire.reply = (message, tools) => {
          if (message.topic === topic) tools.drop();
          else accept(message, tools);
        };
        await assert.rejects(
          device.claim(request(), saveNothing, testWork()),
          matches('MQTT_CONNECTION_LOST', new RegExp(step), /dropped the connection/),
        );
      });

      it(`is cancelled while it waits for the answer to ${step}`, async () => {
        wire.reply = (message, tools) => {
          if (message.topic !== topic) accept(message, tools);
        };
        const work = testWork();
        const claim = device.claim(request(), saveNothing, work);
        await Promise.race([
          until(`a message to ${topic}`, () => wire.log.includes(`publish ${topic}`)),
          claim,
        ]);
        work.cancel();
        await assert.rejects(claim, { code: 'CANCELLED' });
        await until('the end of the connection', () => wire.connections() === 0);
      });

      it(`an unreadable answer to ${step} is an error, not a hang`, async () => {
        wire.reply = (message, tools) => {
          if (message.topic === topic) tools.answer(`${topic}/accepted`, 'no json');
          else accept(message, tools);
        };
        await assert.rejects(
          device.claim(request(), saveNothing, testWork()),
          matches('CLAIM_REJECTED', /is missing what/),
        );
      });
    }

    it('an answer that comes twice does no harm', async () => {
      wire.reply = (message, tools) => {
        accept(message, tools);
        accept(message, tools);
      };
      let saves = 0;
      const save = () => {
        saves += 1;
        return Promise.resolve();
      };
      assert.deepEqual(await device.claim(request(), save, testWork()), {
        certificateId: 'c1',
        thingName: 'V',
      });
      assert.equal(saves, 1);
    });

    it('an answer that lacks the key is refused', async () => {
      wire.reply = ({ topic }, { answer }) => {
        if (topic === CREATE) answer(`${CREATE}/accepted`, { ...ANSWER, privateKey: undefined });
      };
      await assert.rejects(
        device.claim(request(), saveNothing, testWork()),
        matches('CLAIM_REJECTED', /is missing what/),
      );
    });

    it('a forbidden subscription names the topic filter that is missing in the policy', async () => {
      wire.forbidden.add(`${CREATE}/rejected`);
      await assert.rejects(
        device.claim(request(), saveNothing, testWork()),
        matches('CLAIM_REJECTED', /subscribe/, /topicfilter\/\$aws\/certificates\/create\/json\/rejected/),
      );
      assert.deepEqual(wire.received, [], 'nothing was asked');
    });

    it('a failed save keeps the token unused and is the error', async () => {
      const save = () =>
        Promise.reject(new CmsError('CERTIFICATE_STORE_FAILED', l10n.verbatim('The disk is full.')));
      await assert.rejects(device.claim(request(), save, testWork()), matches('CERTIFICATE_STORE_FAILED'));
      assert.ok(!wire.log.includes(`publish ${REGISTER}`));
    });

    it('is cancelled before it starts, while connecting and while saving, leaving no connection', async () => {
      const early = testWork();
      early.cancel();
      await assert.rejects(device.claim(request(), saveNothing, early), { code: 'CANCELLED' });
      assert.equal(wire.log.length, 0);

      wire.answersConnect = false;
      const connecting = testWork();
      const first = device.claim(request(), saveNothing, connecting);
      await Promise.race([
        until('the connection of the claim', () => wire.log.includes('connect claim-V')),
        first,
      ]);
      connecting.cancel();
      await assert.rejects(first, { code: 'CANCELLED' });

      wire.answersConnect = true;
      const saving = testWork();
      let finished = false;
      const save = async () => {
        saving.cancel();
        await delay(20);
        finished = true;
      };
      await assert.rejects(device.claim(request(), save, saving), { code: 'CANCELLED' });
      assert.ok(finished, 'a save that has begun is waited for');
      assert.ok(!wire.log.includes(`publish ${REGISTER}`));
    });

    it('serves several vehicles at once without mixing them', async () => {
      const names = ['A', 'B', 'C', 'D'];
      const claim = (name: string) =>
        device.claim(
          request({ clientId: `claim-${name}`, parameters: { SerialNumber: name } }),
          () => delay(Math.random() * 30),
          testWork(),
        );
      const results = await Promise.all(names.map(claim));
      assert.deepEqual(
        results.map((result) => result.thingName),
        names,
      );
    });
  });

  describe('connecting', () => {
    const connect = (more: Partial<Parameters<Device['publish']>[0]> = {}) =>
      device.publish(
        {
          broker: wire.broker,
          identity: wire.identity,
          clientId: 'V',
          messages: [],
          timeoutMs: 8000,
          ...more,
        },
        testWork(),
      );

    it('without messages proves that the certificate can connect', async () => {
      await connect();
      assert.deepEqual(wire.log, ['connect V']);
    });

    it('takes RSA and EC keys in the traditional form', async () => {
      for (const algorithm of ['rsa', 'ec'] as const) {
        const { privateKeyPem } = await createSigningRequest('V', algorithm);
        // The key does not fit the certificate: the library must get as far as to notice that, not fail to read it.
        await assert.rejects(
          connect({ identity: { ...wire.identity, privateKeyPem } }),
          (error: CmsError) => !/decode|parse|PEM/i.test(error.message),
        );
      }
      await connect();
    });

    it('always verifies the server: another root is refused', async () => {
      const { rootPem } = await makeAuthority('someone else');
      await assert.rejects(
        connect({ broker: { ...wire.broker, rootCaPem: rootPem } }),
        matches('MQTT_CONNECT_REFUSED', /TLS handshake/, /SELF_SIGNED|UNABLE_TO|SIGNATURE/, /root/, /clock/),
      );
      assert.deepEqual(wire.log, []);
    });

    it('a name that does not exist is unreachable', async () => {
      await assert.rejects(
        connect({ broker: { ...wire.broker, host: 'nowhere.invalid' } }),
        matches('ENDPOINT_UNREACHABLE', /nowhere\.invalid/),
      );
    });

    it('always verifies the server: a certificate for another host name is refused', async () => {
      // Whether or not this machine's own name leads to it, the server's certificate names localhost only.
      await assert.rejects(connect({ broker: { ...wire.broker, host: hostname() } }), (error: CmsError) =>
        ['MQTT_CONNECT_REFUSED', 'ENDPOINT_UNREACHABLE'].includes(error.code),
      );
      assert.deepEqual(wire.log, []);
    });

    it('a certificate the server does not know is refused with the likely causes', async () => {
      const stranger = await makePair();
      await assert.rejects(connect({ identity: stranger }), matches('MQTT_CONNECT_REFUSED', /ACTIVE/));
    });

    it('a refused CONNECT names client id and policy', async () => {
      wire.connectCode = 5;
      await assert.rejects(connect(), matches('MQTT_CONNECT_REFUSED', /iot:Connect/, /client V/));
    });

    it('a closed port is unreachable, and a silent one ends in bounded time', async () => {
      const open = new Set<Socket>();
      const silent = createServer((socket) => open.add(socket.on('error', () => undefined)));
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      await assert.rejects(
        connect({ broker: { ...wire.broker, host: '127.0.0.1', port }, timeoutMs: 2000 }),
        matches('ENDPOINT_UNREACHABLE', /accepts the connection but does not answer/),
      );
      silent.close();
      for (const socket of open) socket.destroy();
      await once(silent, 'close');
      await assert.rejects(
        connect({ broker: { ...wire.broker, host: '127.0.0.1', port } }),
        matches('ENDPOINT_UNREACHABLE', new RegExp(String(port))),
      );
    });

    it('garbage instead of PEM is an answer, not a crash', async () => {
      await assert.rejects(
        connect({ identity: { certificatePem: 'garbage', privateKeyPem: 'garbage' } }),
        matches('CERTIFICATE_UNUSABLE', /TLS/),
      );
      await connect();
    });
  });

  describe('publishing', () => {
    const messages = Array.from({ length: 200 }, (_, i) => ({
      topic: 'dt/cvra/V/cardata',
      payload: bytesOf(`#${i}`),
    }));
    const publish = (timeoutMs = 3000, work = testWork()) =>
      device.publish(
        { broker: wire.broker, identity: wire.identity, clientId: 'V', messages, timeoutMs },
        work,
      );

    it('ends when every message is acknowledged, each sent once and in order', async () => {
      await publish();
      assert.deepEqual(
        wire.received.map((message) => message.payload),
        messages.map((_, i) => `#${i}`),
      );
    });

    it('sends again what was not acknowledged when the connection dropped', async () => {
      let drops = 2;
      wire.acknowledge = ({ payload }) => (payload === '#50' && drops-- > 0 ? 'drop' : 'yes');
      await publish();
      const got = new Set(wire.received.map((message) => message.payload));
      assert.equal(got.size, messages.length);
      assert.equal(wire.log.filter((line) => line === 'connect V').length, 3);
    });

    it('a publish that is always answered with a dropped connection names topic and policy', async () => {
      wire.acknowledge = () => 'drop';
      await assert.rejects(
        publish(),
        matches('MQTT_PUBLISH_FAILED', /200 of 200/, /dt\/cvra\/V\/cardata/, /iot:Publish/),
      );
    });

    it('a publish that is never acknowledged ends in bounded time', async () => {
      wire.acknowledge = ({ payload }) => (payload === '#3' ? 'never' : 'yes');
      await assert.rejects(publish(1000), matches('MQTT_PUBLISH_FAILED', /1 of 200/));
    });

    it('is cancelled while it waits for an acknowledgement', async () => {
      wire.acknowledge = () => 'never';
      const work = testWork();
      const publishing = publish(5000, work);
      await Promise.race([until('six lines of the broker', () => wire.log.length > 5), publishing]);
      work.cancel();
      await assert.rejects(publishing, { code: 'CANCELLED' });
    });
  });

  it('the process answers nonsense without quoting it, and survives', async () => {
    const child = fork(command, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    try {
      await once(child, 'message');
      for (const bad of [
        'x',
        7,
        [],
        { kind: 'claim' },
        { id: 'x', kind: 'publish' },
        { id: 1, kind: 'nonsense' },
      ]) {
        child.send(bad);
      }
      child.send({ id: 2, kind: 'publish', identity: { privateKeyPem: 'PRIVATE KEY' } });
      const answers: { id?: number; problem?: { code: string } }[] = [];
      while (answers.at(-1)?.id !== 2)
        answers.push(...((await once(child, 'message')) as object[]).slice(0, 1));
      assert.deepEqual(
        answers.map(({ id, problem }) => [id, problem?.code]),
        [
          [1, 'INTERNAL'],
          [2, 'INTERNAL'],
        ],
      );
      assert.ok(!JSON.stringify(answers).includes('PRIVATE KEY'));
    } finally {
      child.kill();
    }
  });

  it('the process ends when its parent is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').fork(${JSON.stringify(command)});
         child.once('message', () => console.log(child.pid));`,
      ],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    parent.kill('SIGKILL');
    await until('the end of the process', () => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});

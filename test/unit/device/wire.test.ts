import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { mock } from 'node:test';
import tls from 'node:tls';
import { l10n } from '../../../src/core/message.ts';
import type { Broker } from '../../../src/protocol/device.ts';
import { type JobListener, openWire, type Wire, type WireRequest } from '../../../src/device/process/wire.ts';
import { isCancelled, isCmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';
import { startMtlsBroker, type MtlsBroker } from '../../support/mtlsBroker.ts';
import { makePair } from '../../support/pairs.ts';
import { createTestCa } from '../../support/testCertificates.ts';
import { until } from '../../support/until.ts';

describe('The wire of a simulated vehicle @slow', () => {
  let server: MtlsBroker;
  let wires: Wire[];
  beforeEach(async () => {
    server = await startMtlsBroker();
    wires = [];
  });
  afterEach(async () => {
    mock.timers.reset();
    for (const wire of wires) await wire.close();
    await server.close();
  });

  function requestOf(more: Partial<Broker> = {}): WireRequest {
    const { broker, identity } = server;
    return {
      broker: { ...broker, ...more },
      identity,
      clientId: 'THING1',
      what: l10n.t('certificate'),
      connectTimeoutMs: 5000,
    };
  }
  async function open(
    request = requestOf(),
    signal = new AbortController().signal,
    jobs?: JobListener,
  ): Promise<Wire> {
    const wire = await openWire(request, signal, jobs);
    wires.push(wire);
    return wire;
  }
  const lost = async (wire: Wire) => {
    if (!wire.lost.aborted) await once(wire.lost, 'abort');
    return wire.lost.reason as Error & { code: string };
  };
  async function closedPort(): Promise<number> {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    return port;
  }

  it('connects with the thing name as client id, and delivers in the order of publishing', async () => {
    const wire = await open();
    const texts = Array.from({ length: 300 }, (_, i) => `{"n":${i}}`);
    await Promise.all(texts.map((text) => wire.publish('dt/cvra/THING1/cardata', text)));
    assert.equal(server.log[0], 'connect THING1');
    assert.deepEqual(
      server.received.map(({ payload }) => payload),
      texts,
    );
  });

  it('is never silent for a minute, after which proxies, NAT and load balancers cut it', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const wire = await open();
    const [keepAlive = 0] = server.keepAlives;
    assert.ok(keepAlive > 0 && keepAlive < 60, String(keepAlive));
    for (let pings = 1; pings <= 3; pings++) {
      // The beats of less than a minute.
      mock.timers.tick(15_000);
      mock.timers.tick(15_000);
      await until(`ping ${pings}`, () => server.pings() === pings);
      // What is acknowledged after it comes after its answer.
      await wire.publish('t', '');
    }
    assert.equal(wire.lost.aborted, false);
  });

  it('says by how much a server’s certificate is not valid at the time of this computer', async () => {
    const ca = await createTestCa();
    for (const [days, sentence] of [
      [
        { from: -9, to: -5 },
        /failed: its TLS certificate has expired according to this computer’s clock \(.*\): it ended 5 days before, at .* \(CERT_HAS_EXPIRED\)\.$/,
      ],
      [
        { from: 3, to: 9 },
        /failed: its TLS certificate is not valid yet according to this computer’s clock \(.*\): it begins 3 days later, at .* \(CERT_NOT_YET_VALID\)\.$/,
      ],
    ] as const) {
      const listener = tls.createServer(await ca.server(['localhost'], days)).listen(0, '127.0.0.1');
      listener.on('tlsClientError', () => undefined);
      await once(listener, 'listening');
      try {
        const { port } = listener.address() as AddressInfo;
        await assert.rejects(open(requestOf({ port, rootCaPem: ca.root })), (error) => {
          assert.ok(isCmsError(error) && error.remedy !== undefined);
          assert.equal(error.code, 'MQTT_CONNECT_REFUSED');
          assert.match(error.message, sentence);
          assert.match(english(error.remedy), /date and time of this computer/);
          return true;
        });
      } finally {
        listener.close();
      }
    }
  });

  it('says goodbye when it is closed, and calls nothing lost', async () => {
    const wire = await open();
    await wire.close();
    assert.equal(wire.lost.aborted, false);
    await until('the end of the connection', () => server.connections() === 0);
  });

  it('tells that the connection is gone, and leaves what was not acknowledged open', async () => {
    server.acknowledge = () => 'drop';
    const wire = await open();
    let answered = false;
    void wire.publish('dt/cvra/THING1/cardata', '{}').then(() => (answered = true));
    const { code, message } = await lost(wire);
    assert.equal(code, 'MQTT_CONNECTION_LOST');
    assert.match(message, /localhost:\d+ dropped the connection/);
    assert.equal(answered, false);
  });

  it('names an endpoint where nothing listens', async () => {
    await assert.rejects(open(requestOf({ port: await closedPort() })), {
      code: 'ENDPOINT_UNREACHABLE',
      message: /nothing is listening there/,
    });
  });

  it('names an endpoint whose name nobody knows', async () => {
    await assert.rejects(open(requestOf({ host: 'nowhere.invalid' })), { code: 'ENDPOINT_UNREACHABLE' });
  });

  it('waits for an answer to CONNECT only as long as it may', async () => {
    server.answersConnect = false;
    await assert.rejects(open({ ...requestOf(), connectTimeoutMs: 300 }), {
      code: 'ENDPOINT_UNREACHABLE',
      message: /no answer in time/,
    });
  });

  it('says that the server refused MQTT', async () => {
    server.connectCode = 5;
    await assert.rejects(open(), { code: 'MQTT_CONNECT_REFUSED', message: /MQTT return code 5/ });
  });

  it('says that the server refused its certificate', async () => {
    const { certificatePem, privateKeyPem } = await makePair();
    const identity = { certificatePem, privateKeyPem };
    await assert.rejects(open({ ...requestOf(), identity }), {
      code: 'MQTT_CONNECT_REFUSED',
      message: /closed the connection of client THING1/,
    });
  });

  it('refuses a server whose root it was not given', async () => {
    const { certificatePem } = await makePair();
    await assert.rejects(open(requestOf({ rootCaPem: certificatePem })), {
      code: 'MQTT_CONNECT_REFUSED',
      message: /^The TLS handshake with \S+ failed: its TLS certificate is not trusted \([A-Z_]+\)\.$/,
    });
    assert.deepEqual(server.log, []);
  });

  it('says how far the clock of this computer is off the certificate of a server', async () => {
    const ca = await createTestCa();
    const days = { from: -9, to: -2 };
    const outdated = tls.createServer(await ca.server(['127.0.0.1'], days)).listen(0, '127.0.0.1');
    await once(outdated, 'listening');
    outdated.on('tlsClientError', () => undefined);
    const { port } = outdated.address() as AddressInfo;
    try {
      await assert.rejects(open(requestOf({ host: '127.0.0.1', port, rootCaPem: ca.root })), {
        code: 'MQTT_CONNECT_REFUSED',
        message:
          /its TLS certificate has expired according to this computer’s clock \(.*\): it ended 2 days before, at .* \(CERT_HAS_EXPIRED\)\.$/,
      });
    } finally {
      outdated.close();
    }
  });

  it('refuses a server that is not the host it was told', async () => {
    const other = await startMtlsBroker('elsewhere.example');
    try {
      await assert.rejects(open({ ...requestOf(other.broker), identity: other.identity }), {
        code: 'MQTT_CONNECT_REFUSED',
        message: /ERR_TLS_CERT_ALTNAME_INVALID/,
      });
    } finally {
      await other.close();
    }
    assert.deepEqual(server.log, []);
  });

  it('says that key and certificate cannot be used', async () => {
    const identity = { certificatePem: 'no certificate', privateKeyPem: 'no key' };
    await assert.rejects(open({ ...requestOf(), identity }), { code: 'CERTIFICATE_UNUSABLE' });
  });

  it('ends an attempt that nobody waits for any more', async () => {
    server.answersConnect = false;
    const controller = new AbortController();
    const opening = open(requestOf(), controller.signal);
    await until('the CONNECT', () => server.log.length > 0);
    controller.abort();
    await assert.rejects(opening, isCancelled);
    await until('the end of the connection', () => server.connections() === 0);
  });

  describe('with jobs', () => {
    /** What a listener is told, in order. */
    function listener(): JobListener & { told: string[] } {
      const told: string[] = [];
      return {
        told,
        filter: 'notices',
        listening(publish) {
          told.push('listening');
          void publish('question', '{}');
        },
        refused: (how) => told.push(how),
        message: (topic, payload) => told.push(`${topic} ${Buffer.from(payload).toString()}`),
        closed: () => told.push('closed'),
      };
    }
    const openWith = (jobs: JobListener) => open(requestOf(), undefined, jobs);

    it('is open when the subscription is granted, and hands on what comes', async () => {
      const jobs = listener();
      server.reply = ({ topic }, { answer }) => answer(`${topic}/answer`, { a: 1 });
      const wire = await openWith(jobs);
      assert.deepEqual(server.log.slice(0, 2), ['connect THING1', 'subscribe notices']);
      await until('what the listener is told', () => jobs.told.length === 2);
      assert.deepEqual(jobs.told, ['listening', 'question/answer {"a":1}']);
      await wire.close();
      assert.equal(jobs.told.at(-1), 'closed');
    });

    it('subscribes to nothing for a listener that wants nothing', async () => {
      await (await openWith({ ...listener(), filter: undefined })).publish('topic', '{}');
      assert.deepEqual(server.log, ['connect THING1', 'publish topic']);
    });

    it('is open, and says so, when the server denies the subscription', async () => {
      server.forbidden.add('notices');
      const jobs = listener();
      await (await openWith(jobs)).publish('topic', '{}');
      assert.deepEqual(jobs.told, ['denied']);
    });

    it('is a connection that was lost, neither refused nor unreachable, when the server drops it over that', async () => {
      server.onSubscribe = 'drop';
      const jobs = listener();
      await assert.rejects(openWith(jobs), { code: 'MQTT_CONNECTION_LOST' });
      assert.deepEqual(jobs.told, ['dropped', 'closed']);
    });

    it('tells of no refusal when it is given up meanwhile', async () => {
      server.onSubscribe = 'hang';
      const jobs = listener();
      const controller = new AbortController();
      const opening = open(requestOf(), controller.signal, jobs);
      await until('the second packet', () => server.log.length === 2);
      controller.abort();
      await assert.rejects(opening, isCancelled);
      await until('the end of the connection', () => server.connections() === 0);
      assert.ok(!jobs.told.includes('dropped'));
    });
  });
});

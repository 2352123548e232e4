import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { generate } from 'mqtt-packet';
import type { ThingService } from '../../../../src/sandbox/services/iot/contract.ts';
import {
  ALLOW_ALL,
  CONNECT,
  policy,
  startBroker,
  type RawClient,
  type TestBroker,
} from '../../../support/testBroker.ts';
import { until } from '../../../support/until.ts';

/** The device policy of CMS v1. */
const DEVICE_POLICY = policy(
  { allow: 'iot:Connect', on: '*', if: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } } },
  { allow: 'iot:Publish', on: ['topic/$aws/things/${iot:ClientId}/*', 'topic/dt/cvra/${iot:ClientId}/*'] },
  { allow: 'iot:Receive', on: ['topic/$aws/things/${iot:ClientId}/*', 'topic/dt/cvra/${iot:ClientId}/*'] },
  {
    allow: 'iot:Subscribe',
    on: ['topicfilter/$aws/things/${iot:ClientId}/*', 'topic/dt/cvra/${iot:ClientId}/*'],
  },
);

describe('publishing @slow', () => {
  let test: TestBroker;
  let client: RawClient;
  beforeEach(async () => {
    test = await startBroker();
    client = await test.connect(await test.device(), 'a');
  });
  afterEach(() => test.close());

  it('hands a message on before it is acknowledged', async () => {
    client.publish('t/1', 'hello', { messageId: 9 });
    assert.equal((await client.next('puback')).messageId, 9);
    const [message] = test.messages;
    assert.equal(message?.topic, 't/1');
    assert.equal(message.payload.toString(), 'hello');
    assert.equal(message.clientId, 'a');
    assert.match(message.certificateId ?? '', /^[0-9a-f]{64}$/);
  });

  it('delivers to subscribers with the lower of the two qualities of service', async () => {
    const reader = await test.connect(await test.device(), 'reader');
    reader.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [
        { topic: 'q0/+', qos: 0 },
        { topic: 'q1/#', qos: 1 },
      ],
    });
    assert.deepEqual((await reader.next('suback')).granted, [0, 1]);
    client.publish('q0/x', 'one', { qos: 1 });
    client.publish('q1/x', 'two', { qos: 0 });
    client.publish('q1/x', 'three', { qos: 1 });
    const received = [
      await reader.next('publish'),
      await reader.next('publish'),
      await reader.next('publish'),
    ];
    assert.deepEqual(
      received.map(({ topic, payload, qos, retain, dup }) => [topic, String(payload), qos, retain, dup]),
      [
        ['q0/x', 'one', 0, false, false],
        ['q1/x', 'two', 0, false, false],
        ['q1/x', 'three', 1, false, false],
      ],
    );
  });

  it('delivers one copy when several subscriptions match', async () => {
    await client.subscribe('a/+', 'a/#', 'a/b');
    client.publish('a/b', 'x', { qos: 0 });
    assert.equal((await client.settled()).length, 1);
  });

  it('takes a message that is followed by DISCONNECT at once', async () => {
    client.publish('t', 'last', { qos: 0 });
    client.send({ cmd: 'disconnect' });
    await client.closed();
    assert.equal(test.messages.length, 1);
  });

  it('takes a message that is followed by the end of the connection', async () => {
    client.publish('t', 'last');
    client.socket.end();
    await client.closed();
    const message = await until('the message', () => test.messages[0], { everyMs: 0 });
    assert.equal(message.payload.toString(), 'last');
  });

  // "The message broker does not send a PUBACK or SUBACK"; that the connection stays was measured in 2020.
  it('ignores quality of service 2, and goes on', async () => {
    const qos2 = { cmd: 'publish', topic: 't', payload: 'x', qos: 2, messageId: 3 } as const;
    client.send({ ...qos2, dup: false, retain: false });
    assert.deepEqual(await client.settled(), []);
    assert.deepEqual(test.messages, []);
    client.publish('t', 'y');
    await client.next('puback');
    assert.equal(test.messages.length, 1);
  });

  describe('what is forbidden ends the connection without acknowledgement', () => {
    const forbidden: [string, (c: RawClient) => void][] = [
      ['an empty topic', (c) => c.publish('', 'x')],
      ['a wildcard in the topic', (c) => c.publish('a/+', 'x')],
      ['a topic of 257 bytes', (c) => c.publish('x'.repeat(257), 'x')],
      ['a topic with eight slashes', (c) => c.publish('1/2/3/4/5/6/7/8/9', 'x')],
      ['a reserved topic', (c) => c.publish('$aws/events/presence/connected/b', 'x')],
      ['any other topic with a dollar', (c) => c.publish('$mine', 'x')],
      [
        'a retained message on a reserved topic',
        (c) => c.publish('$aws/things/a/shadow/update', '{}', { retain: true }),
      ],
      ['a payload of more than 128 KB', (c) => c.publish('t', 'x'.repeat(128 * 1024 + 1))],
      ['a packet far too large', (c) => c.publish('t', 'x'.repeat(1024 * 1024))],
      ['PUBREL', (c) => c.send({ cmd: 'pubrel', messageId: 1 })],
    ];
    for (const [name, act] of forbidden) {
      it(name, async () => {
        act(client);
        assert.deepEqual(await client.closed(), []);
        assert.deepEqual(test.messages, []);
      });
    }

    it('a topic the policy does not allow', async () => {
      const car = await test.connect(
        await test.device({ policies: [DEVICE_POLICY], things: ['VIN1'] }),
        'VIN1',
      );
      car.publish('dt/cvra/VIN1/cardata', '{}');
      await car.next('puback');
      car.publish('dt/cvra/VIN2/cardata', '{}');
      assert.deepEqual(await car.closed(), []);
      assert.deepEqual(
        test.messages.map(({ topic }) => topic),
        ['dt/cvra/VIN1/cardata'],
      );
    });

    it('a retained message without iot:RetainPublish', async () => {
      const policies = [policy({ allow: 'iot:Connect', on: '*' }, { allow: 'iot:Publish', on: '*' })];
      const plain = await test.connect(await test.device({ policies }), 'b');
      plain.publish('t', 'x');
      await plain.next('puback');
      plain.publish('t', 'x', { retain: true });
      assert.deepEqual(await plain.closed(), []);
    });
  });

  it('takes 128 KB, 256 bytes of topic and seven slashes', async () => {
    client.publish('t', 'x'.repeat(128 * 1024));
    await client.next('puback');
    client.publish('x'.repeat(256), '');
    await client.next('puback');
    client.publish('1/2/3/4/5/6/7/8', '');
    await client.next('puback');
    assert.deepEqual(
      test.messages.map(({ topic, payload }) => [topic.length, payload.length]),
      [
        [1, 128 * 1024],
        [256, 0],
        [15, 0],
      ],
    );
  });

  it('checks iot:Receive at each delivery', async () => {
    const pair = await test.device();
    const reader = await test.connect(pair, 'reader');
    await reader.subscribe('#');
    test.registry.setPolicies(pair.certificateId, [
      ALLOW_ALL,
      policy({ deny: 'iot:Receive', on: 'topic/secret' }),
    ]);
    test.broker.publish('secret', 'x');
    test.broker.publish('open', 'x');
    assert.deepEqual(
      (await reader.settled()).map((packet) => packet.cmd === 'publish' && packet.topic),
      ['open'],
    );
  });

  it('discards more than 100 messages a second, unacknowledged', async () => {
    for (let n = 0; n < 110; n++) client.publish('t', 'x', { messageId: n + 1 });
    assert.equal((await client.settled()).length, 100);
    assert.equal(test.messages.length, 100);
    test.uptime.advance(50);
    for (let n = 0; n < 10; n++) client.publish('t', 'x', { messageId: n + 1 });
    assert.equal((await client.settled()).length, 5);
  });

  it('stops reading for a while after more than 512 KiB in a second', () => {
    const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    test.broker.attach(stream, { kind: 'iam', name: 'tester', sourceIp: '127.0.0.1' });
    const payload = Buffer.alloc(128 * 1024);
    const publish = generate({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false });
    stream.emit('data', generate(CONNECT));
    for (let n = 0; n < 4; n++) {
      assert.equal(stream.isPaused(), false);
      stream.emit('data', publish);
    }
    assert.equal(test.messages.length, 4);
    assert.equal(stream.isPaused(), true);
    stream.destroy();
  });

  it('has no such limits when they are switched off', async () => {
    const free = await startBroker({ limits: false });
    const client2 = await free.connect(await free.device(), 'a');
    for (let n = 0; n < 150; n++) client2.publish('1/2/3/4/5/6/7/8/9/10', 'x'.repeat(200_000), { qos: 0 });
    await client2.settled();
    assert.equal(free.messages.length, 150);
    await free.close();
  });

  describe('a will', () => {
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 1 as const, retain: false };

    it('is published when the client goes without a word', async () => {
      const mortal = await test.connect(await test.device(), 'b', { will });
      mortal.socket.destroy();
      await until('the will', () => test.messages.length > 0);
      assert.deepEqual(
        test.messages.map(({ topic, clientId }) => [topic, clientId]),
        [['gone', 'b']],
      );
    });

    it('is published when another connection takes the client id over', async () => {
      const pair = await test.device();
      await test.connect(pair, 'b', { will });
      await test.connect(pair, 'b');
      assert.equal(test.messages.length, 1);
    });

    it('is forgotten at DISCONNECT', async () => {
      const mortal = await test.connect(await test.device(), 'b', { will });
      mortal.send({ cmd: 'disconnect' });
      await mortal.closed();
      await client.settled();
      assert.equal(test.messages.length, 0);
    });

    it('changes no shadow, and asks no service for jobs: it is a message at most', async () => {
      const asked: string[] = [];
      const service = (name: 'shadow' | 'jobs', isMessage: boolean): ThingService => ({
        name,
        isMessage,
        handle(_thing, rest) {
          asked.push(`${name} ${rest}`);
          return [];
        },
        tick: () => undefined,
      });
      const own = await startBroker({}, { thingServices: [service('shadow', true), service('jobs', false)] });
      const watcher = await own.connect(await own.device(), 'watcher');
      await watcher.subscribe('$aws/things/b/#');
      for (const [topic, seen] of [
        ['$aws/things/b/jobs/get', 0],
        ['$aws/things/b/shadow/update', 1],
      ] as const) {
        const before = own.messages.length;
        const mortal = await own.connect(await own.device(), 'b', { will: { ...will, topic } });
        mortal.socket.destroy();
        await until('the will', () => own.messages.length > before);
        assert.equal((await watcher.settled()).length, seen, topic);
      }
      assert.deepEqual(asked, []);
      await own.close();
    });

    it('that the policy forbids is not published', async () => {
      const pair = await test.device({ policies: [policy({ allow: 'iot:Connect', on: '*' })] });
      const mortal = await test.connect(pair, 'b', { will });
      test.registry.setStatus(pair.certificateId, 'INACTIVE');
      await mortal.closed();
      assert.equal(test.messages.length, 0);
    });
  });

  it('publishes for the cloud to subscribers, not to topic rules', async () => {
    await client.subscribe('cdf/a/activate/accepted');
    test.broker.publish('cdf/a/activate/accepted', '{}');
    assert.equal((await client.next('publish')).qos, 1);
    assert.equal(test.messages.length, 0);
  });

  describe('retained messages', () => {
    it('go to new subscribers of exactly that topic', async () => {
      client.publish('r/1', 'kept', { retain: true });
      await client.next('puback');
      client.send({ cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'r/1', qos: 1 }] });
      await client.next('suback');
      const message = await client.next('publish');
      assert.equal(message.retain, true);
      assert.equal(String(message.payload), 'kept');
      await client.subscribe('r/+');
      assert.deepEqual(await client.settled(), []);
    });

    it('are deleted by an empty payload', async () => {
      client.publish('r/1', 'kept', { retain: true });
      client.publish('r/1', '', { retain: true });
      await client.settled();
      assert.deepEqual(test.broker.retained.list(), []);
    });
  });

  describe('injected faults', () => {
    const fault = (action: Parameters<TestBroker['context']['faults']['add']>[0]['action']) =>
      test.context.faults.add({ operation: 'mqtt:publish:t', count: 1, action });

    it('drop before the acknowledgement: taken in, not acknowledged', async () => {
      fault({ kind: 'drop', when: 'before-ack' });
      client.publish('t', 'x');
      assert.deepEqual(await client.closed(), []);
      assert.equal(test.messages.length, 1);
    });

    it('drop after the acknowledgement', async () => {
      fault({ kind: 'drop', when: 'after-ack' });
      client.publish('t', 'x');
      assert.deepEqual(
        (await client.closed()).map(({ cmd }) => cmd),
        ['puback'],
      );
    });

    it('reset before the work: nothing is taken in', async () => {
      fault({ kind: 'reset', when: 'before' });
      client.publish('t', 'x');
      assert.deepEqual(await client.closed(), []);
      assert.equal(test.messages.length, 0);
    });

    it('twice: taken in twice, acknowledged once', async () => {
      fault({ kind: 'twice' });
      client.publish('t', 'x');
      assert.equal((await client.settled()).length, 1);
      assert.equal(test.messages.length, 2);
    });

    it('swallow: taken in, never acknowledged', async () => {
      fault({ kind: 'swallow' });
      client.publish('t', 'x');
      assert.deepEqual(await client.settled(), []);
      assert.equal(test.messages.length, 1);
    });

    it('throttle: discarded, and only the topic that was named', async () => {
      fault({ kind: 'throttle' });
      client.publish('other', 'x');
      await client.next('puback');
      client.publish('t', 'x');
      assert.deepEqual(await client.settled(), []);
      assert.deepEqual(
        test.messages.map(({ topic }) => topic),
        ['other'],
      );
    });

    it('delay: as usual, but later than what follows', async () => {
      fault({ kind: 'delay', ms: 5 });
      const message = { cmd: 'publish', payload: 'x', qos: 1, dup: false, retain: false } as const;
      const both = [
        { ...message, topic: 't', messageId: 1 },
        { ...message, topic: 'u', messageId: 2 },
      ];
      client.write(Buffer.concat(both.map((packet) => generate(packet))));
      assert.equal((await client.next('puback')).messageId, 2);
      assert.equal((await client.next('puback')).messageId, 1);
      assert.deepEqual(
        test.messages.map(({ topic }) => topic),
        ['u', 't'],
      );
    });

    it('mqtt:publish alone hits any topic', async () => {
      test.context.faults.add({ operation: 'mqtt:publish', count: 1, action: { kind: 'throttle' } });
      client.publish('t', 'x');
      assert.deepEqual(await client.settled(), []);
    });

    it('error on connect is its return code', async () => {
      const action = { kind: 'error', code: 'ServerUnavailable', status: 3 } as const;
      test.context.faults.add({ operation: 'mqtt:connect', count: 1, action });
      const next = test.open(await test.device());
      next.send({
        cmd: 'connect',
        clientId: 'z',
        protocolId: 'MQTT',
        protocolVersion: 4,
        keepalive: 60,
        clean: true,
      });
      assert.equal((await next.next('connack')).returnCode, 3);
      await next.closed();
    });

    it('delay on connect holds what the client sends meanwhile', async () => {
      test.context.faults.add({ operation: 'mqtt:connect:z', count: 1, action: { kind: 'delay', ms: 5 } });
      const next = test.open(await test.device());
      next.send({
        cmd: 'connect',
        clientId: 'z',
        protocolId: 'MQTT',
        protocolVersion: 4,
        keepalive: 60,
        clean: true,
      });
      next.publish('t', 'early');
      await next.next('connack');
      await next.next('puback');
      assert.equal(test.messages.length, 1);
    });
  });

  it('survives an error of whoever takes the messages in', async () => {
    const failing = await startBroker({}, { onMessage: () => assert.fail('broken') });
    const client2 = await failing.connect(await failing.device(), 'a');
    client2.publish('t', 'x');
    await client2.next('puback');
    assert.ok(failing.context.lines.some((line) => line.startsWith('error') && line.includes('broken')));
    await failing.close();
  });

  describe('Basic Ingest', () => {
    it('is acknowledged and goes to the rule alone, without the beginning of its topic', async () => {
      const rules = await startBroker({}, { isRule: (name) => name === 'known' });
      const client = await rules.connect(await rules.device(), 'a');
      await client.subscribe('dt/#');
      client.publish('$aws/rules/known/dt/1/2/3/4/5/6/7', 'x');
      assert.equal((await client.next('puback')).cmd, 'puback');
      assert.deepEqual(await client.settled(), []);
      const [message] = rules.messages;
      assert.deepEqual([message?.rule, message?.topic], ['known', 'dt/1/2/3/4/5/6/7']);
      await rules.close();
    });

    it('to an unknown rule is acknowledged, and a line in the log', async () => {
      const client = await test.connect(await test.device(), 'b');
      client.publish('$aws/rules/unknown/x', 'x');
      assert.equal((await client.next('puback')).cmd, 'puback');
      assert.equal(test.messages.length, 0);
      assert.ok(test.context.lines.some((line) => line.includes('there is no such rule')));
    });

    it('of eight slashes behind the rule ends the connection', async () => {
      const client = await test.connect(await test.device(), 'b');
      client.publish('$aws/rules/known/1/2/3/4/5/6/7/8/9', 'x');
      assert.deepEqual(await client.closed(), []);
    });
  });
});

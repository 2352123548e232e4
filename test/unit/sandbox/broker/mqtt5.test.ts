import assert from 'node:assert/strict';
import type { IConnectPacket, IPublishPacket, ISubscription, Packet } from 'mqtt-packet';
import {
  CONNECT,
  policy,
  startBroker,
  type RawClient,
  type ReceivedMessage,
  type TestBroker,
} from '../../../support/testBroker.ts';

const V5 = { protocolVersion: 5 } as const;

/**
 * The right values are those of AWS's documentation ("MQTT 5 supported features", "MQTT 5 properties", "MQTT reason
 * codes", "AWS IoT Core endpoints and quotas"), and of the MQTT 5 standard where AWS says nothing.
 */
describe('MQTT 5 @slow', () => {
  let test: TestBroker;
  beforeEach(async () => {
    test = await startBroker();
  });
  afterEach(() => test.close());

  type Properties = NonNullable<IConnectPacket['properties']>;
  async function open(
    clientId: string,
    more: Partial<IConnectPacket> = {},
    pair?: Awaited<ReturnType<TestBroker['device']>>,
  ) {
    const client = test.open(pair ?? (await test.device()));
    client.send({ ...CONNECT, ...V5, clientId, ...more });
    return client;
  }
  async function connect(clientId: string, properties: Properties = {}, more: Partial<IConnectPacket> = {}) {
    const client = await open(clientId, { properties, ...more });
    assert.equal((await client.next('connack')).reasonCode, 0);
    return client;
  }
  const publish = (client: RawClient, more: Partial<IPublishPacket> = {}) =>
    client.send({
      cmd: 'publish',
      topic: 't',
      payload: 'x',
      qos: 1,
      dup: false,
      retain: false,
      messageId: 7,
      ...more,
    });
  const subscribe = (client: RawClient, subscriptions: ISubscription[], properties = {}) =>
    client.send({ cmd: 'subscribe', messageId: 5, subscriptions, properties });
  /** The reason in the DISCONNECT that ends the connection. */
  async function farewell(client: RawClient) {
    const last = (await client.closed()).at(-1);
    assert.equal(last?.cmd, 'disconnect');
    return { code: last.reasonCode, why: last.properties?.reasonString };
  }
  /** The message that came, among acknowledgements. */
  async function delivered(client: RawClient) {
    const messages = (await client.settled()).filter((packet) => packet.cmd === 'publish');
    assert.equal(messages.length, 1);
    return messages[0]!;
  }
  const payloads = (packets: Packet[]) =>
    packets.map((packet) => (packet.cmd === 'publish' ? String(packet.payload) : packet.cmd));

  describe('CONNECT', () => {
    it('is answered with what AWS serves', async () => {
      const client = await open('a', { keepalive: 60, properties: { sessionExpiryInterval: 100 } });
      const connack = await client.next('connack');
      assert.equal(connack.reasonCode, 0);
      assert.equal(connack.sessionPresent, false);
      assert.deepEqual(connack.properties, {
        sessionExpiryInterval: 100,
        receiveMaximum: 100,
        maximumQoS: 1,
        retainAvailable: true,
        maximumPacketSize: 149_504,
        topicAliasMaximum: 8,
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: false,
        serverKeepAlive: 60,
      });
    });

    for (const [wanted, used] of [
      [0, 1200],
      [5, 30],
      [3000, 1200],
    ] as const) {
      it(`keep-alive ${wanted} becomes ${used}`, async () => {
        const client = await open('a', { keepalive: wanted });
        assert.equal((await client.next('connack')).properties?.serverKeepAlive, used);
      });
    }

    it('lowers a session expiry above the quota, and takes none for 0', async () => {
      const long = await open('a', { properties: { sessionExpiryInterval: 0xffff_ffff } });
      assert.equal((await long.next('connack')).properties?.sessionExpiryInterval, 3600);
      const none = await open('b');
      assert.equal((await none.next('connack')).properties?.sessionExpiryInterval, 0);
    });

    it('without a client id gets one, for which the policy counts', async () => {
      const client = await open('');
      const { properties } = await client.next('connack');
      assert.match(properties?.assignedClientIdentifier ?? '', /^[0-9a-f-]{36}$/);
      publish(client);
      await client.next('puback');
      assert.equal(test.messages[0]?.clientId, properties?.assignedClientIdentifier);
    });

    const refusals: [string, number, Partial<IConnectPacket>, string?][] = [
      ['a reserved client id', 0x85, { clientId: '$x' }],
      ['a client id of 129 bytes', 0x85, { clientId: 'x'.repeat(129) }],
      ['a policy that does not allow it', 0x87, {}, policy({ allow: 'iot:Connect', on: 'client/other' })],
      ['a will with wildcards in its topic', 0x90, { will: { topic: 'a/+', payload: '' } }],
      ['a will with QoS 2', 0x9b, { will: { topic: 'a', payload: '', qos: 2 } }],
      ['enhanced authentication', 0x8c, { properties: { authenticationMethod: 'x' } }],
      ['packets of less than 512 bytes', 0x80, { properties: { maximumPacketSize: 511 } }],
      [
        'user properties of more than 8 KB',
        0x97,
        { properties: { userProperties: { a: 'x'.repeat(8192) } } },
      ],
    ];
    for (const [name, code, more, policies] of refusals) {
      it(`${name} is refused with ${code.toString(16)}, and the reason`, async () => {
        const pair = await test.device(policies === undefined ? {} : { policies: [policies] });
        const client = await open('a', more, pair);
        const connack = await client.next('connack');
        assert.equal(connack.reasonCode, code);
        assert.ok(connack.properties?.reasonString);
        assert.deepEqual(await client.closed(), []);
      });
    }

    it('too often is refused with 97', async () => {
      const pair = await test.device();
      await open('a', {}, pair);
      await open('a', {}, pair);
      const third = await open('a', {}, pair);
      assert.equal((await third.next('connack')).reasonCode, 0x97);
    });

    it('a session expiry counts as a persistent connection for policies', async () => {
      const ifAttributes = { 'ForAllValues:StringEquals': { 'iot:ConnectAttributes': ['LastWill'] } };
      const policies = [policy({ allow: 'iot:Connect', on: 'client/*', if: ifAttributes })];
      const pair = await test.device({ policies });
      const short = await open('a', {}, pair);
      assert.equal((await short.next('connack')).reasonCode, 0);
      const long = await open('b', { properties: { sessionExpiryInterval: 60 } }, pair);
      assert.equal((await long.next('connack')).reasonCode, 0x87);
    });
  });

  describe('PUBLISH', () => {
    it('is acknowledged with 0', async () => {
      const client = await connect('a');
      publish(client);
      const puback = await client.next('puback');
      assert.deepEqual([puback.messageId, puback.reasonCode], [7, 0]);
    });

    const refused: [string, number, Partial<IPublishPacket>][] = [
      ['a topic the policy does not allow', 0x87, { topic: 'forbidden' }],
      ['a topic of eight slashes', 0x90, { topic: '1/2/3/4/5/6/7/8/9' }],
      ['a topic with wildcards', 0x90, { topic: 'a/#' }],
      ['a payload of more than 128 KB', 0x97, { payload: Buffer.alloc(128 * 1024 + 1) }],
      ['a content type of 257 bytes', 0x97, { properties: { contentType: 'x'.repeat(257) } }],
      ['correlation data of more than 8 KB', 0x97, { properties: { correlationData: Buffer.alloc(8193) } }],
      [
        'user properties of more than 8 KB',
        0x97,
        { properties: { userProperties: { a: 'x'.repeat(8192) } } },
      ],
    ];
    for (const [name, code, more] of refused) {
      const policies = [policy({ allow: 'iot:*', on: '*' }, { deny: 'iot:Publish', on: 'topic/forbidden' })];
      it(`${name}: PUBACK ${code.toString(16)} with QoS 1, and the connection stays`, async () => {
        const client = await open('a', {}, await test.device({ policies }));
        await client.next('connack');
        publish(client, more);
        assert.equal((await client.next('puback')).reasonCode, code);
        publish(client);
        assert.equal((await client.next('puback')).reasonCode, 0);
        assert.equal(test.messages.length, 1);
      });

      it(`${name}: DISCONNECT ${code.toString(16)} with QoS 0`, async () => {
        const client = await open('a', {}, await test.device({ policies }));
        await client.next('connack');
        publish(client, { qos: 0, ...more });
        assert.equal((await farewell(client)).code, code);
      });
    }

    const fatal: [string, number, Partial<IPublishPacket>][] = [
      ['QoS 2', 0x9b, { qos: 2 }],
      ['topic alias 9', 0x94, { properties: { topicAlias: 9 } }],
      ['topic alias 0', 0x94, { properties: { topicAlias: 0 } }],
      ['neither topic nor alias', 0x82, { topic: '' }],
      ['an alias that stands for nothing', 0x82, { topic: '', properties: { topicAlias: 3 } }],
    ];
    for (const [name, code, more] of fatal) {
      it(`${name}: DISCONNECT ${code.toString(16)} with the reason`, async () => {
        const client = await connect('a');
        publish(client, more);
        const { code: seen, why } = await farewell(client);
        assert.equal(seen, code);
        assert.ok(why);
      });
    }

    it('topic aliases stand for their topic, until they get another', async () => {
      const client = await connect('a');
      publish(client, { topic: 'one', properties: { topicAlias: 8 } });
      publish(client, { topic: '', messageId: 8, properties: { topicAlias: 8 } });
      publish(client, { topic: 'two', messageId: 9, properties: { topicAlias: 8 } });
      publish(client, { topic: '', messageId: 10, properties: { topicAlias: 8 } });
      await client.settled();
      assert.deepEqual(
        test.messages.map(({ topic }: ReceivedMessage) => topic),
        ['one', 'one', 'two', 'two'],
      );
    });

    it('more than 100 unacknowledged messages: DISCONNECT 93; a packet identifier in use: PUBACK 91', async () => {
      const free = await startBroker({ limits: false });
      free.context.faults.add({ operation: 'mqtt:publish', count: 200, action: { kind: 'hang' } });
      const client = free.open(await free.device());
      client.send({ ...CONNECT, ...V5 });
      await client.next('connack');
      for (let messageId = 1; messageId <= 100; messageId++) publish(client, { messageId });
      publish(client, { messageId: 100 });
      assert.equal((await client.next('puback')).reasonCode, 0x91);
      publish(client, { messageId: 101 });
      assert.equal((await farewell(client)).code, 0x93);
      await free.close();
    });

    it('more than 100 a second: PUBACK 97, and a line in the log', async () => {
      const client = await connect('a');
      for (let messageId = 1; messageId <= 101; messageId++) publish(client, { messageId });
      const codes = (await client.settled()).map((packet) => packet.cmd === 'puback' && packet.reasonCode);
      assert.deepEqual([codes.length, codes[99], codes[100]], [101, 0, 0x97]);
      assert.equal(test.messages.length, 100);
      assert.ok(test.context.lines.some((line) => line.includes('publishes too often')));
    });
  });

  describe('delivery', () => {
    const full = {
      payloadFormatIndicator: true,
      contentType: 'application/json',
      responseTopic: 'answers/a',
      correlationData: Buffer.from([0, 255, 1]),
    };

    it('hands properties on, user properties in their order', async () => {
      const client = await connect('a');
      await client.subscribe('t');
      const userProperties = [{ b: '1' }, { a: '' }, { b: '2' }] as never;
      publish(client, { properties: { ...full, userProperties } });
      const { properties, qos } = await delivered(client);
      assert.equal(qos, 1);
      const { userProperties: user, ...rest } = properties ?? {};
      assert.deepEqual(rest, full);
      assert.deepEqual({ ...user }, { b: ['1', '2'], a: '' });
    });

    it('crosses versions: MQTT 3.1.1 gets the payload, MQTT 5 a message without properties', async () => {
      const five = await connect('five');
      const three = await test.connect(await test.device(), 'three');
      await five.subscribe('t');
      await three.subscribe('t');
      publish(five, { payload: 'from five', properties: { ...full, userProperties: { a: 'b' } } });
      await delivered(five);
      const old = await three.next('publish');
      assert.deepEqual([String(old.payload), old.properties], ['from five', undefined]);
      three.send({ cmd: 'puback', messageId: old.messageId ?? 0 });
      three.publish('t', 'from three');
      const fresh = await five.next('publish');
      assert.deepEqual([String(fresh.payload), fresh.properties], ['from three', undefined]);
    });

    it('uses topic aliases as far as the client takes them', async () => {
      const client = await connect('a', { topicAliasMaximum: 1 });
      await client.subscribe('one', 'two');
      for (const topic of ['one', 'one', 'two']) test.broker.publish(topic, '');
      const received = await client.settled();
      assert.deepEqual(
        received.map((packet) => packet.cmd === 'publish' && [packet.topic, packet.properties?.topicAlias]),
        [
          ['one', 1],
          ['', 1],
          ['two', undefined],
        ],
      );
    });

    it('keeps to the receive maximum of the client', async () => {
      const client = await connect('a', { receiveMaximum: 2 });
      await client.subscribe('t');
      for (const payload of ['1', '2', '3']) test.broker.publish('t', payload);
      const [first, ...rest] = await client.settled();
      assert.ok(first?.cmd === 'publish');
      assert.equal(rest.length, 1);
      client.send({ cmd: 'puback', messageId: first.messageId ?? 0, reasonCode: 0 });
      assert.deepEqual(payloads(await client.settled()), ['3']);
    });

    it('drops what is larger than the client takes, and goes on', async () => {
      const client = await connect('a', { maximumPacketSize: 512, receiveMaximum: 1 });
      await client.subscribe('t');
      for (const payload of ['x'.repeat(600), 'small']) test.broker.publish('t', payload);
      assert.deepEqual(payloads(await client.settled()), ['small']);
    });

    it('ends with the message expiry, for MQTT 3.1.1, too; the rest of it is handed on', async () => {
      const pair = await test.device();
      const leave = async (client: RawClient) => {
        await client.subscribe('t');
        client.send({ cmd: 'disconnect' });
        await client.closed();
      };
      await leave(await connect('five', { sessionExpiryInterval: 3600 }));
      await leave(await test.connect(pair, 'three', { clean: false }));
      const sender = await connect('sender');
      publish(sender, { payload: 'short', properties: { messageExpiryInterval: 0 } });
      publish(sender, { payload: 'long', messageId: 8, properties: { messageExpiryInterval: 100 } });
      await sender.settled();
      test.uptime.advance(2000);
      test.context.clock.advance(10_500);
      const five = await connect('five', { sessionExpiryInterval: 3600 }, { clean: false });
      const { payload, properties } = await five.next('publish');
      assert.deepEqual([String(payload), properties?.messageExpiryInterval], ['long', 89]);
      const three = await test.connect(pair, 'three', { clean: false });
      assert.deepEqual(payloads(await three.settled()), ['long']);
    });

    it('lowers a message expiry of more than seven days', async () => {
      const client = await connect('a');
      await client.subscribe('t');
      publish(client, { qos: 0, properties: { messageExpiryInterval: 700_000 } });
      const { properties } = await client.next('publish');
      assert.ok((properties?.messageExpiryInterval ?? 0) <= 604_800);
      assert.ok((properties?.messageExpiryInterval ?? 0) > 604_700);
    });

    it('retained messages keep their properties, and expire', async () => {
      const client = await connect('a');
      publish(client, { retain: true, properties: { ...full, messageExpiryInterval: 60 } });
      await client.next('puback');
      await client.subscribe('t');
      const { retain, properties } = await client.next('publish');
      assert.deepEqual([retain, properties], [true, { ...full, messageExpiryInterval: 60 }]);
      test.context.clock.advance(60_000);
      await client.subscribe('t');
      assert.deepEqual(await client.settled(), []);
    });
  });

  describe('SUBSCRIBE', () => {
    it('has a code for each filter, and the good ones count', async () => {
      const policies = [policy({ allow: 'iot:*', on: '*' }, { deny: 'iot:Subscribe', on: 'topicfilter/no' })];
      const client = await open('a', {}, await test.device({ policies }));
      await client.next('connack');
      const filters = ['good', 'no', 'a/#/b', '$SYS/#', 'also/+'];
      subscribe(
        client,
        filters.map((topic, index) => ({ topic, qos: index === 0 ? 0 : 1 })),
      );
      assert.deepEqual((await client.next('suback')).granted, [0, 0x87, 0x8f, 0x8f, 1]);
      test.broker.publish('also/this', 'x');
      assert.deepEqual(payloads(await client.settled()), ['x']);
    });

    const fatal: [string, number, ISubscription[], object?][] = [
      ['a subscription identifier', 0xa1, [{ topic: 't', qos: 1 }], { subscriptionIdentifier: 1 }],
      ['QoS 2', 0x9b, [{ topic: 't', qos: 2 }]],
      [
        'nine filters',
        0x97,
        Array.from({ length: 9 }, (_, n) => `t${n}`).map((topic) => ({ topic, qos: 1 as const })),
      ],
      [
        'too large user properties',
        0x97,
        [{ topic: 't', qos: 1 }],
        { userProperties: { a: 'x'.repeat(8192) } },
      ],
    ];
    for (const [name, code, subscriptions, properties] of fatal) {
      it(`${name}: DISCONNECT ${code.toString(16)}, no SUBACK`, async () => {
        const client = await connect('a');
        subscribe(client, subscriptions, properties);
        const packets = await client.closed();
        assert.deepEqual(
          packets.map((packet) => packet.cmd === 'disconnect' && packet.reasonCode),
          [code],
        );
      });
    }

    it('the 51st subscription: 97 for it, and the end', async () => {
      const client = await connect('a');
      for (let n = 0; n < 50; n += 5) await client.subscribe(...[0, 1, 2, 3, 4].map((m) => `t${n + m}`));
      subscribe(client, [{ topic: 'one more', qos: 1 }]);
      assert.deepEqual((await client.next('suback')).granted, [0x97]);
      assert.equal((await farewell(client)).code, 0x97);
    });

    it('no local is ignored, as AWS does', async () => {
      const client = await connect('a');
      subscribe(client, [{ topic: 't', qos: 1, nl: true }]);
      await client.next('suback');
      publish(client, { payload: 'own' });
      assert.equal(String((await delivered(client)).payload), 'own');
    });

    for (const [rh, counts] of [
      [0, [1, 1]],
      [1, [1, 0]],
      [2, [0, 0]],
    ] as const) {
      it(`retain handling ${rh}`, async () => {
        const client = await connect('a');
        publish(client, { retain: true });
        await client.next('puback');
        const seen: number[] = [];
        for (let n = 0; n < 2; n++) {
          subscribe(client, [{ topic: 't', qos: 0, rh }]);
          await client.next('suback');
          seen.push((await client.settled()).length);
        }
        assert.deepEqual(seen, counts);
      });
    }

    it('UNSUBSCRIBE has a code for each filter', async () => {
      const client = await connect('a');
      await client.subscribe('t');
      client.send({ cmd: 'unsubscribe', messageId: 6, unsubscriptions: ['t', 'never'] });
      const unsuback = await client.next('unsuback');
      assert.deepEqual([unsuback.messageId, unsuback.granted], [6, [0, 0]]);
      test.broker.publish('t', 'x');
      assert.deepEqual(await client.settled(), []);
    });
  });

  describe('sessions', () => {
    const visit = async (properties: Properties, clean: boolean, leave: Properties = {}) => {
      const client = await open('s', { properties, clean });
      const { sessionPresent } = await client.next('connack');
      const { sessionExpiryInterval } = leave;
      client.send({
        cmd: 'disconnect',
        reasonCode: 0,
        properties: sessionExpiryInterval === undefined ? {} : { sessionExpiryInterval },
      });
      assert.deepEqual(await client.closed(), []);
      test.uptime.advance(2000);
      return sessionPresent;
    };

    it('live as long as CONNECT said', async () => {
      const session = { sessionExpiryInterval: 100 };
      assert.equal(await visit(session, false), false);
      test.context.clock.advance(99_999);
      assert.equal(await visit(session, false), true);
      test.context.clock.advance(100_000);
      assert.equal(await visit(session, false), false);
    });

    it('end with the connection when CONNECT said nothing', async () => {
      assert.equal(await visit({}, false), false);
      assert.equal(await visit({}, false), false);
    });

    it('clean start ends the earlier one and makes one that lives', async () => {
      const session = { sessionExpiryInterval: 100 };
      await visit(session, false);
      assert.equal(await visit(session, true), false);
      assert.equal(await visit(session, false), true);
    });

    it('DISCONNECT can end them, and lengthen them', async () => {
      await visit({ sessionExpiryInterval: 100 }, false, { sessionExpiryInterval: 0 });
      assert.equal(await visit({ sessionExpiryInterval: 100 }, false, { sessionExpiryInterval: 200 }), false);
      test.context.clock.advance(150_000);
      assert.equal(await visit({ sessionExpiryInterval: 100 }, false), true);
    });

    it('DISCONNECT cannot make one: 82', async () => {
      const client = await connect('a');
      client.send({ cmd: 'disconnect', reasonCode: 0, properties: { sessionExpiryInterval: 1 } });
      assert.equal((await farewell(client)).code, 0x82);
    });

    it('are not resumed in the other version', async () => {
      const pair = await test.device();
      await visit({ sessionExpiryInterval: 100 }, false);
      const three = test.open(pair);
      three.send({ ...CONNECT, clientId: 's', clean: false });
      assert.equal((await three.next('connack')).sessionPresent, false);
      three.send({ cmd: 'disconnect' });
      await three.closed();
      test.uptime.advance(2000);
      assert.equal(await visit({ sessionExpiryInterval: 100 }, false), false);
    });
  });

  describe('the end of a connection is explained', () => {
    it('taken over: 8e', async () => {
      const pair = await test.device();
      const first = await open('a', {}, pair);
      await first.next('connack');
      const second = await open('a', {}, pair);
      await second.next('connack');
      assert.equal((await farewell(first)).code, 0x8e);
    });

    it('keep-alive: 8d', async () => {
      const client = await connect('a', {}, { keepalive: 30 });
      test.uptime.advance(45_001);
      test.broker.tick();
      assert.equal((await farewell(client)).code, 0x8d);
    });

    it('the certificate is deactivated: 87', async () => {
      const pair = await test.device();
      const client = await open('a', {}, pair);
      await client.next('connack');
      test.registry.setStatus(pair.certificateId, 'INACTIVE');
      const { code, why } = await farewell(client);
      assert.equal(code, 0x87);
      assert.match(why ?? '', /no longer active/);
    });

    it('the sandbox is reset: 8b', async () => {
      const client = await connect('a');
      test.broker.reset();
      assert.equal((await farewell(client)).code, 0x8b);
    });

    it('a malformed packet: 81', async () => {
      const client = await connect('a');
      client.write(Buffer.from('3004000100ff', 'hex'));
      const { code, why } = await farewell(client);
      assert.equal(code, 0x81);
      assert.match(why ?? '', /U\+0000/);
    });

    it('a packet of more than 146 KB: 95', async () => {
      const client = await connect('a');
      client.write(Buffer.from([0x30, 0x81, 0x90, 0x09]));
      assert.equal((await farewell(client)).code, 0x95);
    });

    it('a reason in words is left out for a client that takes no packet that long', async () => {
      const client = await connect('a', { maximumPacketSize: 512 });
      publish(client, { qos: 2 });
      assert.ok((await farewell(client)).why);
    });

    it('an injected reset is silent', async () => {
      const client = await connect('a');
      test.context.faults.add({
        operation: 'mqtt:publish',
        count: 1,
        action: { kind: 'reset', when: 'before' },
      });
      publish(client);
      assert.deepEqual(await client.closed(), []);
    });
  });

  describe('wills', () => {
    const will = {
      topic: 'gone',
      payload: 'w',
      qos: 1 as const,
      retain: false,
      properties: { contentType: 'text/plain', messageExpiryInterval: 60, userProperties: { a: 'b' } },
    };

    async function endOf(client: RawClient) {
      const watcher = await connect('watcher');
      await watcher.subscribe('gone');
      return { watcher, client };
    }

    it('are sent with their properties, and their expiry counts from then', async () => {
      const { watcher, client } = await endOf(await connect('a', {}, { will }));
      test.context.clock.advance(3_600_000);
      client.socket.destroy();
      const { payload, properties } = await watcher.next('publish');
      assert.equal(String(payload), 'w');
      assert.equal(properties?.messageExpiryInterval, 60);
      assert.equal(properties.contentType, 'text/plain');
      assert.equal(properties.userProperties?.a, 'b');
    });

    it('are sent when DISCONNECT asks for it, and not otherwise', async () => {
      const { watcher, client } = await endOf(await connect('a', {}, { will }));
      client.send({ cmd: 'disconnect', reasonCode: 4 });
      assert.equal(String((await watcher.next('publish')).payload), 'w');
      const other = await connect('b', {}, { will });
      other.send({ cmd: 'disconnect', reasonCode: 0 });
      await other.closed();
      assert.deepEqual(await watcher.settled(), []);
    });
  });
});

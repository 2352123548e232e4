import assert from 'node:assert/strict';
import type { ISubscription } from 'mqtt-packet';
import {
  CONNECT,
  policy,
  startBroker,
  type RawClient,
  type TestBroker,
} from '../../../support/testBroker.ts';
import { until } from '../../../support/until.ts';

describe('subscribing @slow', () => {
  let test: TestBroker;
  let client: RawClient;
  beforeEach(async () => {
    test = await startBroker();
    client = await test.connect(await test.device(), 'a');
  });
  afterEach(() => test.close());

  const subscribe = (c: RawClient, topics: string[], qos: ISubscription['qos'] = 1) =>
    c.send({ cmd: 'subscribe', messageId: 5, subscriptions: topics.map((topic) => ({ topic, qos })) });

  it('ignores a SUBSCRIBE with quality of service 2 among its filters, and goes on', async () => {
    client.send({
      cmd: 'subscribe',
      messageId: 5,
      subscriptions: [
        { topic: 't', qos: 1 },
        { topic: 'u', qos: 2 },
      ],
    });
    assert.deepEqual(await client.settled(), []);
    test.broker.publish('t', 'x');
    assert.deepEqual(await client.settled(), [], 'nothing is subscribed');
    await client.subscribe('t');
  });

  describe('what is forbidden ends the connection without SUBACK', () => {
    const forbidden: [string, string[]][] = [
      ['nine filters at once', ['1', '2', '3', '4', '5', '6', '7', '8', '9']],
      ['# before the end', ['a/#/b']],
      ['# beside other text', ['a/b#']],
      ['+ beside other text', ['a/b+/c']],
      ['eight slashes', ['1/2/3/4/5/6/7/8/9']],
      ['257 bytes', ['x'.repeat(257)]],
      ['a reserved namespace', ['$SYS/#']],
    ];
    for (const [name, filters] of forbidden) {
      it(name, async () => {
        subscribe(client, filters);
        assert.deepEqual(await client.closed(), []);
      });
    }

    it('one filter the policy does not allow among others', async () => {
      const policies = [
        policy({ allow: 'iot:Connect', on: '*' }, { allow: 'iot:Subscribe', on: 'topicfilter/ok/*' }),
      ];
      const limited = await test.connect(await test.device({ policies }), 'b');
      subscribe(limited, ['ok/1']);
      await limited.next('suback');
      subscribe(limited, ['ok/2', 'other']);
      assert.deepEqual(await limited.closed(), []);
    });

    it('a topic resource where a topicfilter is needed', async () => {
      const on = 'topic/dt/cvra/${iot:ClientId}/*';
      const policies = [policy({ allow: 'iot:Connect', on: '*' }, { allow: 'iot:Subscribe', on })];
      const car = await test.connect(await test.device({ policies }), 'VIN1');
      subscribe(car, ['dt/cvra/VIN1/cardata']);
      assert.deepEqual(await car.closed(), []);
    });
  });

  it('takes eight filters and answers each', async () => {
    subscribe(client, ['1', '2', '3', '4', '5', '6', '7', '8']);
    assert.deepEqual((await client.next('suback')).granted, [1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('refuses the 51st subscription with a failure code and closes the connection', async () => {
    for (let n = 0; n < 50; n += 5) {
      subscribe(
        client,
        [0, 1, 2, 3, 4].map((m) => `t${n + m}`),
      );
      await client.next('suback');
    }
    subscribe(client, ['t0']);
    assert.deepEqual((await client.next('suback')).granted, [1]);
    subscribe(client, ['t51']);
    const [suback, ...rest] = await client.closed();
    assert.ok(suback?.cmd === 'suback');
    assert.deepEqual(suback.granted, [0x80]);
    assert.deepEqual(rest, []);
  });

  it('stops delivery at UNSUBSCRIBE', async () => {
    await client.subscribe('t');
    client.send({ cmd: 'unsubscribe', messageId: 6, unsubscriptions: ['t', 'never'] });
    assert.equal((await client.next('unsuback')).messageId, 6);
    test.broker.publish('t', 'x');
    assert.deepEqual(await client.settled(), []);
  });

  it('a/# does not match a, unlike in MQTT 3.1.1', async () => {
    await client.subscribe('a/#');
    for (const topic of ['a', 'a/', 'a/b', 'a/b/c']) test.broker.publish(topic, 'x');
    const topics = (await client.settled()).map((packet) => packet.cmd === 'publish' && packet.topic);
    assert.deepEqual(topics, ['a/', 'a/b', 'a/b/c']);
  });

  it('a leading wildcard does not match reserved topics', async () => {
    await client.subscribe('#', '+/events/x');
    test.broker.publish('$aws/events/x', '{}');
    assert.deepEqual(await client.settled(), []);
  });

  it('takes a group with a name of up to 128 bytes', async () => {
    await client.subscribe(`$share/${'ä'.repeat(64)}/t`);
    subscribe(client, [`$share/${'ä'.repeat(64)}x/t`]);
    assert.deepEqual(await client.closed(), []);
  });

  it('shares the messages of $share among the group', async () => {
    const second = await test.connect(await test.device(), 'b');
    const outside = await test.connect(await test.device(), 'c');
    await client.subscribe('$share/g/t/+');
    await second.subscribe('$share/g/t/+');
    await outside.subscribe('t/+');
    for (let n = 0; n < 4; n++) test.broker.publish('t/1', 'x');
    assert.equal((await client.settled()).length, 2);
    assert.equal((await second.settled()).length, 2);
    assert.equal((await outside.settled()).length, 4);
  });

  describe('a shared subscription whose members are away', () => {
    const away = async (clientId: string, clean: boolean, qos: 0 | 1 = 1) => {
      const pair = await test.device();
      const member = await test.connect(pair, clientId, { clean });
      member.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$share/g/t', qos }] });
      await member.next('suback');
      member.send({ cmd: 'disconnect' });
      await member.closed();
      return () => test.connect(pair, clientId, { clean });
    };
    const topics = async (member: RawClient) => (await member.settled()).map(({ cmd }) => cmd);

    it('keeps messages of QoS 1 for the first that comes back, 20 a second, the oldest first', async () => {
      const first = await away('m1', false);
      await away('m2', false);
      for (let n = 0; n < 25; n++) test.broker.publish('t', String(n));
      client.publish('t', 'lost', { qos: 0 });
      await client.settled();
      const back = await first();
      const received = await back.settled();
      assert.deepEqual(
        received.map((packet) => packet.cmd === 'publish' && String(packet.payload)),
        Array.from({ length: 20 }, (_, n) => String(n)),
      );
      test.uptime.advance(1000);
      test.broker.tick();
      assert.equal((await back.settled()).length, 5);
    });

    it('hands them to a new member as well', async () => {
      await away('m1', false);
      test.broker.publish('t', 'x');
      const other = await test.connect(await test.device(), 'm2');
      await other.subscribe('$share/g/t');
      test.broker.tick();
      assert.deepEqual(await topics(other), ['publish']);
    });

    it('keeps nothing for members without a session, or with QoS 0', async () => {
      const gone = await away('m1', true);
      const lax = await away('m2', false, 0);
      test.broker.publish('t', 'x');
      for (const member of [await gone(), await lax()]) assert.deepEqual(await topics(member), []);
    });

    it('ends with the last member', async () => {
      const back = await away('m1', false);
      test.broker.publish('t', 'x');
      test.context.clock.advance(3_600_000);
      test.broker.tick();
      const member = await back();
      await member.subscribe('$share/g/t');
      assert.deepEqual(await topics(member), []);
    });
  });

  it('tells who is there on the reserved event topics', async () => {
    await client.subscribe('$aws/events/presence/+/b', '$aws/events/subscriptions/+/b');
    const pair = await test.device();
    const other = await test.connect(pair, 'b');
    await other.subscribe('t');
    other.send({ cmd: 'disconnect' });
    await other.closed();
    const events = (await client.settled()).map((packet) => {
      assert.ok(packet.cmd === 'publish');
      const { eventType, disconnectReason, principalIdentifier, topics } = JSON.parse(
        String(packet.payload),
      ) as Record<string, unknown>;
      assert.equal(principalIdentifier, pair.certificateId);
      return [packet.topic, eventType, disconnectReason ?? topics];
    });
    assert.deepEqual(events, [
      ['$aws/events/presence/connected/b', 'connected', undefined],
      ['$aws/events/subscriptions/subscribed/b', 'subscribed', ['t']],
      ['$aws/events/presence/disconnected/b', 'disconnected', 'CLIENT_INITIATED_DISCONNECT'],
    ]);
  });

  it('counts the connections of each client id by itself', async () => {
    await client.subscribe('$aws/events/presence/+/+');
    const pair = await test.device();
    const versions = async () =>
      (await client.settled()).map((packet) => {
        assert.ok(packet.cmd === 'publish');
        const { clientId, eventType, versionNumber } = JSON.parse(String(packet.payload)) as Record<
          string,
          unknown
        >;
        return `${String(clientId)} ${String(eventType)} ${String(versionNumber)}`;
      });
    const leave = async (who: RawClient) => {
      who.send({ cmd: 'disconnect' });
      await who.closed();
    };
    const first = await test.connect(pair, 'b');
    await leave(first);
    await leave(await test.connect(pair, 'c'));
    test.uptime.advance(1000);
    assert.deepEqual(await versions(), [
      'b connected 0',
      'b disconnected 0',
      'c connected 0',
      'c disconnected 0',
    ]);
    const taken = await test.connect(pair, 'b');
    const taker = await test.connect(pair, 'b');
    await taken.closed();
    assert.deepEqual((await versions()).sort(), ['b connected 1', 'b connected 2', 'b disconnected 1']);
    await leave(taker);
    test.context.clock.advance(3_599_000);
    test.broker.tick();
    test.uptime.advance(2000);
    await leave(await test.connect(pair, 'b'));
    assert.deepEqual(await versions(), ['b disconnected 2', 'b connected 3', 'b disconnected 3']);
    test.context.clock.advance(3_600_000);
    test.broker.tick();
    test.uptime.advance(2000);
    await leave(await test.connect(pair, 'b'));
    assert.deepEqual(await versions(), ['b connected 0', 'b disconnected 0']);
  });

  describe('a persistent session', () => {
    const persistent = { clean: false };

    it('keeps subscriptions and messages while the client is away', async () => {
      const pair = await test.device();
      const first = await test.connect(pair, 'b', persistent);
      await first.subscribe('t');
      first.send({ cmd: 'disconnect' });
      await first.closed();
      client.publish('t', 'kept', { qos: 1 });
      client.publish('t', 'lost', { qos: 0 });
      await client.settled();

      const again = test.open(pair);
      again.send({ ...CONNECT, clientId: 'b', ...persistent });
      assert.equal((await again.next('connack')).sessionPresent, true);
      const message = await again.next('publish');
      assert.equal(String(message.payload), 'kept');
      assert.equal(message.dup, false);
      test.broker.publish('t', 'new');
      assert.equal(String((await again.next('publish')).payload), 'new');
    });

    it('sends again what was not acknowledged, marked as a duplicate', async () => {
      const pair = await test.device();
      const first = await test.connect(pair, 'b', persistent);
      await first.subscribe('t');
      test.broker.publish('t', 'one');
      test.broker.publish('t', 'two');
      const { messageId = 0 } = await first.next('publish');
      first.send({ cmd: 'puback', messageId });
      first.send({ cmd: 'disconnect' });
      await first.closed();
      const again = await test.connect(pair, 'b', persistent);
      const message = await again.next('publish');
      assert.deepEqual([String(message.payload), message.dup], ['two', true]);
      assert.deepEqual(await again.settled(), []);
    });

    it('sends again under the packet identifiers of before, which no new message gets meanwhile', async () => {
      const pair = await test.device();
      const first = await test.connect(pair, 'b', persistent);
      await first.subscribe('t');
      for (const payload of ['one', 'two', 'three']) test.broker.publish('t', payload);
      const sent = [await first.next('publish'), await first.next('publish'), await first.next('publish')];
      first.send({ cmd: 'puback', messageId: sent[1]!.messageId ?? 0 });
      await first.settled();
      first.socket.destroy();
      await first.closed();
      const again = await test.connect(pair, 'b', persistent);
      test.broker.publish('t', 'new');
      const received = [
        await again.next('publish'),
        await again.next('publish'),
        await again.next('publish'),
      ];
      const ids = new Map(received.map(({ payload, messageId, dup }) => [String(payload), [messageId, dup]]));
      assert.deepEqual(ids.get('one'), [sent[0]!.messageId, true]);
      assert.deepEqual(ids.get('three'), [sent[2]!.messageId, true]);
      const [fresh, isAgain] = ids.get('new') ?? [];
      assert.equal(isAgain, false);
      assert.ok(!sent.some(({ messageId }, i) => i !== 1 && messageId === fresh));
    });

    it('marks as a duplicate what had to wait again, too', async () => {
      const free = await startBroker({ limits: false });
      const pair = await free.device();
      const session = {
        ...persistent,
        protocolVersion: 5,
        properties: { sessionExpiryInterval: 60 },
      } as const;
      const first = await free.connect(pair, 'b', session);
      await first.subscribe('t');
      for (const payload of ['one', 'two']) free.broker.publish('t', payload);
      assert.equal((await first.settled()).length, 2);
      first.socket.destroy();
      await first.closed();
      await until('the end of the connection', () => free.broker.connections === 0);
      const properties = { ...session.properties, receiveMaximum: 1 };
      const again = await free.connect(pair, 'b', { ...session, properties });
      const { messageId = 0, dup } = await again.next('publish');
      assert.equal(dup, true);
      again.send({ cmd: 'puback', messageId, reasonCode: 0 });
      const second = await again.next('publish');
      assert.deepEqual([String(second.payload), second.dup], ['two', true]);
      await free.close();
    });

    it('quietly loses subscriptions that the new certificate may not have', async () => {
      const first = await test.connect(await test.device(), 'b', persistent);
      await first.subscribe('claim/answers', 'own/#');
      const policies = [
        policy({ allow: 'iot:Connect', on: '*' }, { allow: 'iot:*', on: ['topicfilter/own/*', 'topic/*'] }),
      ];
      const second = await test.connect(await test.device({ policies }), 'b', persistent);
      await first.closed();
      test.broker.publish('claim/answers', 'x');
      test.broker.publish('own/1', 'y');
      const received = await second.settled();
      assert.deepEqual(
        received.map((packet) => packet.cmd === 'publish' && packet.topic),
        ['own/1'],
      );
    });

    it('ends at a clean connect', async () => {
      const pair = await test.device();
      await (await test.connect(pair, 'b', persistent)).subscribe('t');
      await test.connect(pair, 'b');
      test.uptime.advance(2000);
      const again = test.open(pair);
      again.send({ ...CONNECT, clientId: 'b', ...persistent });
      assert.equal((await again.next('connack')).sessionPresent, false);
    });

    it('ends an hour after the client went', async () => {
      const pair = await test.device();
      const visit = async () => {
        const visitor = test.open(pair);
        visitor.send({ ...CONNECT, clientId: 'b', ...persistent });
        const { sessionPresent } = await visitor.next('connack');
        visitor.send({ cmd: 'disconnect' });
        await visitor.closed();
        test.uptime.advance(2000);
        return sessionPresent;
      };
      assert.equal(await visit(), false);
      test.context.clock.advance(3_599_999);
      assert.equal(await visit(), true);
      test.context.clock.advance(3_600_000);
      assert.equal(await visit(), false);
    });

    it('hands stored messages out ten a second', async () => {
      const pair = await test.device();
      const first = await test.connect(pair, 'b', persistent);
      await first.subscribe('t');
      first.send({ cmd: 'disconnect' });
      await first.closed();
      for (let n = 0; n < 25; n++) test.broker.publish('t', String(n));
      const again = await test.connect(pair, 'b', persistent);
      const counts = [(await again.settled()).length];
      for (let n = 0; n < 3; n++) {
        test.uptime.advance(1000);
        test.broker.tick();
        counts.push((await again.settled()).length);
      }
      assert.deepEqual(counts, [10, 10, 5, 0]);
    });
  });

  it('holds back what exceeds 100 unacknowledged messages', async () => {
    const free = await startBroker({ limits: false });
    const reader = await free.connect(await free.device(), 'a');
    await reader.subscribe('t');
    for (let n = 0; n < 120; n++) free.broker.publish('t', String(n));
    const received = await reader.settled();
    assert.equal(received.length, 100);
    for (const packet of received) reader.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    assert.equal((await reader.settled()).length, 20);
    await free.close();
  });

  it('refuses more than two connects of a client id within a second', async () => {
    const pair = await test.device();
    await test.connect(pair, 'b');
    await test.connect(pair, 'b');
    const third = test.open(pair);
    third.send({ ...CONNECT, clientId: 'b' });
    assert.deepEqual(await third.closed(), []);
    test.uptime.advance(1000);
    await test.connect(pair, 'b');
  });

  describe('injected faults', () => {
    const fault = (action: Parameters<TestBroker['context']['faults']['add']>[0]['action']) =>
      test.context.faults.add({ operation: 'mqtt:subscribe', count: 1, action });

    it('swallow: no SUBACK', async () => {
      fault({ kind: 'swallow' });
      subscribe(client, ['t']);
      assert.deepEqual(await client.settled(), []);
    });

    it('error: a failure code', async () => {
      fault({ kind: 'error', code: 'x' });
      subscribe(client, ['t']);
      assert.deepEqual((await client.next('suback')).granted, [0x80]);
    });

    it('drop after the acknowledgement', async () => {
      fault({ kind: 'drop', when: 'after-ack' });
      subscribe(client, ['t']);
      assert.deepEqual(
        (await client.closed()).map(({ cmd }) => cmd),
        ['suback'],
      );
    });
  });
});

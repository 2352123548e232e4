import assert from 'node:assert/strict';
import { createIotData } from '../../../../src/sandbox/services/iotData/iotData.ts';
import type { HttpRequest, HttpResponse, HttpService } from '../../../../src/sandbox/kernel/http.ts';
import { answered } from '../../../support/answered.ts';
import { startBroker, type TestBroker } from '../../../support/testBroker.ts';

describe('publishing over HTTPS @slow', () => {
  let test: TestBroker;
  let service: HttpService;
  beforeEach(async () => {
    test = await startBroker();
    service = createIotData(test.context, test.broker).service;
  });
  afterEach(() => test.close());

  async function call(
    method: string,
    path: string,
    query = '',
    body = '',
    headers: Record<string, string> = {},
  ): Promise<HttpResponse> {
    const request: HttpRequest = {
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body: Buffer.from(body),
      requestId: 'request-1',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    const operation = service.operation(request);
    assert.ok(operation !== undefined, `${method} ${path} is no operation`);
    assert.equal(service.unsigned(operation), false);
    return answered(service, operation, request);
  }
  const bodyOf = (response: HttpResponse) => JSON.parse(String(response.body)) as Record<string, unknown>;

  for (const path of ['/topics/dt/cvra/VIN1/cardata', '/topics/dt%2Fcvra%2FVIN1%2Fcardata']) {
    it(`takes ${path}`, async () => {
      const client = await test.connect(await test.device(), 'a');
      await client.subscribe('dt/cvra/+/cardata');
      assert.equal((await call('POST', path, 'qos=1', '{"a":1}')).status, 200);
      assert.equal(String((await client.next('publish')).payload), '{"a":1}');
      const [message] = test.messages;
      assert.deepEqual(
        [message?.topic, message?.clientId, message?.certificateId],
        ['dt/cvra/VIN1/cardata', 'N/A', undefined],
      );
    });
  }

  for (const [what, path, query] of [
    ['a wildcard', '/topics/a%2F%2B', ''],
    ['a reserved topic', '/topics/%24aws%2Fevents%2Fx', ''],
    ['a topic of a shadow', '/topics/%24aws%2Fthings%2Fcar%2Fshadow%2Fupdate', ''],
    ['a topic of jobs', '/topics/%24aws%2Fthings%2Fcar%2Fjobs%2Fget', ''],
    ['a topic of fleet provisioning', '/topics/%24aws%2Fcertificates%2Fcreate%2Fjson', ''],
    ['any other topic with a dollar', '/topics/%24mine', ''],
    ['a topic that is too deep', '/topics/1/2/3/4/5/6/7/8/9', ''],
    ['QoS 2', '/topics/a', 'qos=2'],
    ['bad percent-encoding', '/topics/%E0%A4', ''],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await call('POST', path, query, 'x');
      assert.equal(response.status, 400);
      assert.equal(response.headers?.['x-amzn-errortype'], 'InvalidRequestException');
      assert.deepEqual(test.messages, []);
    });
  }

  it('refuses more than 128 KB', async () => {
    assert.equal((await call('POST', '/topics/a', '', 'x'.repeat(128 * 1024 + 1))).status, 413);
  });

  it('keeps and returns retained messages', async () => {
    await call('POST', '/topics/b', 'qos=1&retain=true', 'two');
    await call('POST', '/topics/a', 'retain=true', 'one');
    const message = bodyOf(await call('GET', '/retainedMessage/b'));
    assert.deepEqual(message, {
      topic: 'b',
      payload: Buffer.from('two').toString('base64'),
      qos: 1,
      lastModifiedTime: test.context.clock.now(),
    });
    const first = bodyOf(await call('GET', '/retainedMessage', 'maxResults=1'));
    assert.deepEqual(
      (first.retainedTopics as { topic: string }[]).map(({ topic }) => topic),
      ['a'],
    );
    const second = bodyOf(
      await call('GET', '/retainedMessage', `maxResults=1&nextToken=${String(first.nextToken)}`),
    );
    assert.deepEqual(
      (second.retainedTopics as { topic: string }[]).map(({ topic }) => topic),
      ['b'],
    );
    assert.equal(second.nextToken, undefined);
    assert.equal((await call('GET', '/retainedMessage/none')).status, 404);
  });

  it('is called by no other path', () => {
    for (const [method, path] of [
      ['GET', '/topics/a'],
      ['POST', '/things/a'],
      ['DELETE', '/retainedMessage/a'],
    ] as const) {
      assert.equal(service.operation({ method, path } as HttpRequest), undefined);
    }
  });

  it('hands on what MQTT 5 adds to a message', async () => {
    const client = await test.connect(await test.device(), 'a', { protocolVersion: 5 });
    await client.subscribe('t');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const query = 'qos=1&contentType=text%2Fplain&responseTopic=answers&messageExpiry=60';
    const response = await call('POST', '/topics/t', query, 'x', {
      'x-amz-mqtt5-correlation-data': base64('c'),
      'x-amz-mqtt5-payload-format-indicator': 'UTF8_DATA',
      'x-amz-mqtt5-user-properties': base64('[{"a":"b"}]'),
    });
    assert.equal(response.status, 200);
    const { userProperties, ...rest } = (await client.next('publish')).properties ?? {};
    assert.deepEqual({ ...userProperties }, { a: 'b' });
    assert.deepEqual(rest, {
      contentType: 'text/plain',
      responseTopic: 'answers',
      correlationData: Buffer.from('c'),
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
    });
  });

  for (const [what, query, headers] of [
    ['a response topic with wildcards', 'responseTopic=a%2F%2B', {}],
    ['an expiry that is no number', 'messageExpiry=soon', {}],
    ['user properties that are no list', '', { 'x-amz-mqtt5-user-properties': 'e30=' }],
    ['an unknown payload format', '', { 'x-amz-mqtt5-payload-format-indicator': 'x' }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const response = await call('POST', '/topics/t', query, '', headers);
      assert.equal(response.headers?.['x-amzn-errortype'], 'InvalidRequestException');
      assert.equal(test.messages.length, 0);
    });
  }

  describe('MQTT clients', () => {
    const will = { topic: 'gone', payload: 'w', qos: 1, retain: false } as const;

    it('GetConnection tells of a client that is there, and of one that may come back', async () => {
      const since = test.context.clock.now();
      const pair = await test.device();
      const client = await test.connect(pair, 'a/b', { clean: false, keepalive: 60 });
      const facts = bodyOf(await call('GET', '/connections/a%2Fb'));
      assert.deepEqual(facts, {
        clientId: 'a/b',
        connected: true,
        cleanSession: false,
        sessionExpiry: 3600,
        keepAliveDuration: 60,
        connectedSince: since,
      });
      const more = bodyOf(await call('GET', '/connections/a%2Fb', 'includeSocketInformation=true'));
      assert.deepEqual([more.sourceIp, more.targetPort], ['127.0.0.1', test.port]);
      assert.equal(more.sourcePort, client.socket.localPort);
      client.send({ cmd: 'disconnect' });
      await client.closed();
      test.context.clock.advance(1000);
      const later = bodyOf(await call('GET', '/connections/a%2Fb'));
      assert.deepEqual(
        [later.connected, later.disconnectReason, later.disconnectedSince],
        [false, 'CLIENT_INITIATED_DISCONNECT', since],
      );
    });

    it('ListSubscriptions pages through the filters of a session', async () => {
      const client = await test.connect(await test.device(), 'a');
      await client.subscribe('one', 'two/#', '$share/g/three');
      const first = bodyOf(await call('GET', '/connections/a/subscriptions', 'maxResults=2'));
      assert.deepEqual(first.subscriptions, [
        { topicFilter: 'one', qos: 1 },
        { topicFilter: 'two/#', qos: 1 },
      ]);
      const query = `nextToken=${String(first.nextToken)}`;
      const second = bodyOf(await call('GET', '/connections/a/subscriptions', query));
      assert.deepEqual(second, { subscriptions: [{ topicFilter: '$share/g/three', qos: 1 }] });
    });

    it('DeleteConnection ends a connection: DISCONNECT 98, the will, the session stays', async () => {
      const watcher = await test.connect(await test.device(), 'watcher');
      await watcher.subscribe('gone', '$aws/events/presence/disconnected/a');
      const properties = { sessionExpiryInterval: 60 };
      const client = await test.connect(await test.device(), 'a', { protocolVersion: 5, properties, will });
      const response = await call('DELETE', '/connections/a');
      assert.deepEqual([response.status, response.body], [200, '']);
      const last = (await client.closed()).at(-1);
      assert.ok(last?.cmd === 'disconnect');
      assert.equal(last.reasonCode, 0x98);
      assert.equal(String((await watcher.next('publish')).payload), 'w');
      assert.match(String((await watcher.next('publish')).payload), /API_INITIATED_DISCONNECT/);
      assert.equal(bodyOf(await call('GET', '/connections/a')).connected, false);
    });

    it('DeleteConnection can prevent the will and take the session along', async () => {
      const watcher = await test.connect(await test.device(), 'watcher');
      await watcher.subscribe('gone');
      const client = await test.connect(await test.device(), 'a', { clean: false, will });
      await call('DELETE', '/connections/a', 'cleanSession=TRUE&preventWillMessage=TRUE');
      await client.closed();
      assert.deepEqual(await watcher.settled(), []);
      assert.equal((await call('GET', '/connections/a')).status, 404);
    });

    for (const [method, path] of [
      ['GET', '/connections/nobody'],
      ['DELETE', '/connections/nobody'],
      ['GET', '/connections/nobody/subscriptions'],
    ] as const) {
      it(`${method} ${path}: not found`, async () => {
        const response = await call(method, path);
        assert.deepEqual(
          [response.status, response.headers?.['x-amzn-errortype']],
          [404, 'ResourceNotFoundException'],
        );
      });
    }

    it('refuses a reserved client id and a page of 201', async () => {
      assert.equal((await call('GET', '/connections/%24x')).status, 400);
      assert.equal((await call('GET', '/connections/a/subscriptions', 'maxResults=201')).status, 400);
    });
  });
});

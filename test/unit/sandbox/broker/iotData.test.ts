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

  async function call(method: string, path: string, query = '', body = ''): Promise<HttpResponse> {
    const request: HttpRequest = {
      method,
      path,
      query: new URLSearchParams(query),
      headers: {},
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
});

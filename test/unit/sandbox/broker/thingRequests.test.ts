import assert from 'node:assert/strict';
import { createIotData } from '../../../../src/sandbox/services/iotData/iotData.ts';
import type { ThingService } from '../../../../src/sandbox/services/iot/contract.ts';
import type { HttpResponse } from '../../../../src/sandbox/kernel/http.ts';
import { createDeviceShadows } from '../../../../src/sandbox/services/iot/shadows/deviceShadows.ts';
import { createShadows } from '../../../../src/sandbox/services/iot/shadows/shadows.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import { answered } from '../../../support/answered.ts';
import { policy, startBroker, type RawClient, type TestBroker } from '../../../support/testBroker.ts';

/** Answers on the topic it was asked on, to who asked. */
const jobs: ThingService = {
  name: 'jobs',
  isMessage: false,
  handle: (thingName, rest, payload) => {
    if (String(payload) === 'throw') throw new Error('no luck');
    return [{ rest: `${rest}/accepted`, body: { thingName, got: String(payload) }, to: 'client' }];
  },
  tick: () => undefined,
};

describe('requests on $aws/things/… @slow', () => {
  let test: TestBroker;
  let shadow: ThingService;
  beforeEach(async () => {
    const context = createTestContext();
    shadow = createDeviceShadows(createShadows(context), () => context.clock.now());
    test = await startBroker({}, { thingServices: [jobs, shadow] });
  });
  afterEach(() => test.close());

  const text = async (client: RawClient) => {
    const { topic, payload, qos } = await client.next('publish');
    return { topic, qos, body: JSON.parse(String(payload)) as Record<string, unknown> };
  };

  it('are acknowledged and then answered to the client that asked, subscribed or not', async () => {
    const pair = await test.device();
    const asker = await test.connect(pair, 'car');
    const other = await test.connect(pair, 'other');
    await other.subscribe('$aws/things/car/#');
    asker.publish('$aws/things/car/jobs/get', 'x');
    await asker.next('puback');
    assert.deepEqual(await text(asker), {
      topic: '$aws/things/car/jobs/get/accepted',
      qos: 0,
      body: { thingName: 'car', got: 'x' },
    });
    assert.deepEqual(await other.settled(), [], 'neither the request nor the answer is a message');
  });

  it('are answered with the quality of service of a subscription', async () => {
    const client = await test.connect(await test.device(), 'car');
    await client.subscribe('$aws/things/car/jobs/+/accepted');
    client.publish('$aws/things/car/jobs/get', 'x', { qos: 0 });
    assert.equal((await text(client)).qos, 1);
  });

  it('need the policy to let the client publish, and receive the answer', async () => {
    const may = await test.device({
      policies: [
        policy(
          { allow: 'iot:Connect', on: '*' },
          { allow: 'iot:Publish', on: 'topic/$aws/things/${iot:ClientId}/*' },
        ),
      ],
    });
    const client = await test.connect(may, 'car');
    client.publish('$aws/things/car/jobs/get', 'x');
    await client.next('puback');
    assert.deepEqual(await client.settled(), [], 'it may not receive');
    client.publish('$aws/things/other/jobs/get', 'x');
    assert.deepEqual(await client.closed(), []);
  });

  it('that fail inside the sandbox are logged and cost nobody the connection', async () => {
    const client = await test.connect(await test.device(), 'car');
    client.publish('$aws/things/car/jobs/get', 'throw');
    await client.next('puback');
    assert.deepEqual(await client.settled(), []);
    assert.ok(test.context.lines.some((line) => line.startsWith('error') && line.includes('no luck')));
  });

  it('to a service that is not there are taken and forgotten', async () => {
    const client = await test.connect(await test.device(), 'car');
    client.publish('$aws/things/car/defender/metrics/json', '{}');
    await client.next('puback');
    assert.deepEqual(await client.settled(), []);
  });

  it('for a shadow are messages, and so are its answers', async () => {
    const pair = await test.device();
    const device = await test.connect(pair, 'car');
    const app = await test.connect(pair, 'app');
    await device.subscribe('$aws/things/car/shadow/update', '$aws/things/car/shadow/update/delta');
    await app.subscribe('$aws/things/car/shadow/update/accepted');
    app.publish('$aws/things/car/shadow/update', '{"state":{"desired":{"locked":true}}}', { qos: 0 });
    assert.equal((await text(device)).topic, '$aws/things/car/shadow/update');
    const delta = await text(device);
    assert.deepEqual(
      [delta.topic, delta.body.state],
      ['$aws/things/car/shadow/update/delta', { locked: true }],
    );
    assert.deepEqual((await text(app)).body.state, { desired: { locked: true } });
  });

  describe('shadows over HTTPS', () => {
    function call(method: string, path: string, body = ''): Promise<HttpResponse> {
      const { service } = createIotData(test.context, test.broker, shadow);
      const [at = '', query] = path.split('?');
      const request = {
        method,
        path: at,
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
      return answered(service, operation, request);
    }
    const json = (response: HttpResponse) => JSON.parse(String(response.body)) as Record<string, unknown>;

    it('UpdateThingShadow answers as over MQTT and tells subscribers', async () => {
      const device = await test.connect(await test.device(), 'car');
      await device.subscribe('$aws/things/car/shadow/update/+');
      const reply = await call('POST', '/things/car/shadow', '{"state":{"desired":{"a":1}}}');
      assert.deepEqual([reply.status, json(reply).state], [200, { desired: { a: 1 } }]);
      const topics = [await text(device), await text(device), await text(device)].map(({ topic }) => topic);
      assert.deepEqual(
        topics.map((topic) => topic.split('/').at(-1)),
        ['accepted', 'delta', 'documents'],
      );
    });

    it('GetThingShadow and DeleteThingShadow, of a named one too', async () => {
      await call('POST', '/things/car/shadow?name=lights', '{"state":{"reported":{"on":1}}}');
      assert.deepEqual(json(await call('GET', '/things/car/shadow?name=lights')).state, {
        reported: { on: 1 },
      });
      assert.equal((await call('DELETE', '/things/car/shadow?name=lights')).status, 200);
      assert.equal((await call('GET', '/things/car/shadow?name=lights')).status, 404);
    });

    for (const [code, status, method, path, body] of [
      ['ResourceNotFoundException', 404, 'GET', '/things/car/shadow', ''],
      ['InvalidRequestException', 400, 'POST', '/things/car/shadow', '{'],
      ['ConflictException', 409, 'POST', '/things/car/shadow', '{"state":{},"version":9}'],
      [
        'RequestEntityTooLargeException',
        413,
        'POST',
        '/things/car/shadow',
        JSON.stringify({ state: { desired: { a: 'x'.repeat(9000) } } }),
      ],
      ['InvalidRequestException', 400, 'GET', '/things/c%20r/shadow', ''],
      ['InvalidRequestException', 400, 'GET', '/things/car/shadow?name=a%20b', ''],
    ] as const) {
      it(`${method} ${path} can be refused: ${code}`, async () => {
        const reply = await call(method, path, body);
        assert.deepEqual([reply.headers?.['x-amzn-errortype'], reply.status], [code, status]);
      });
    }
  });
});

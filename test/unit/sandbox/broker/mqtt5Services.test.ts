import assert from 'node:assert/strict';
import type { IConnectPacket } from 'mqtt-packet';
import { createDeviceShadows } from '../../../../src/sandbox/services/iot/shadows/deviceShadows.ts';
import { createShadows, type Shadows } from '../../../../src/sandbox/services/iot/shadows/shadows.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';
import {
  CONNECT,
  policy,
  startBroker,
  type RawClient,
  type TestBroker,
} from '../../../support/testBroker.ts';

const CREATE = '$aws/certificates/create/json';
const PROVISION = '$aws/provisioning-templates/T/provision/json';
const UPDATE = '$aws/things/car/shadow/update';

/** What the services of AWS IoT answer is the same in both versions; what the broker says around it is not. */
describe('the services of AWS IoT over MQTT 5 @slow', () => {
  let test: TestBroker;
  let shadows: Shadows;
  beforeEach(async () => {
    const context = createTestContext();
    shadows = createShadows(context);
    const service = createDeviceShadows(shadows, () => context.clock.now());
    test = await startBroker({}, { thingServices: [service] });
    test.registry.addTemplate('T', { body: '{"the":"body"}' });
  });
  afterEach(() => test.close());

  async function connect(
    clientId: string,
    more: Partial<IConnectPacket> = {},
    pair?: Awaited<ReturnType<TestBroker['device']>>,
  ): Promise<RawClient> {
    const client = test.open(pair ?? (await test.device()));
    client.send({ ...CONNECT, protocolVersion: 5, clientId, ...more });
    assert.equal((await client.next('connack')).reasonCode, 0);
    return client;
  }
  /** The next message, acknowledged if it has to be. */
  async function message(client: RawClient) {
    const { topic, payload, qos, messageId = 0, properties } = await client.next('publish');
    if (qos === 1) client.send({ cmd: 'puback', messageId });
    return { topic, qos, properties, body: JSON.parse(String(payload)) as Record<string, unknown> };
  }
  /** Publishes with QoS 1, and gives the reason in PUBACK. */
  async function publish(client: RawClient, topic: string, body: unknown): Promise<number> {
    client.publish(topic, typeof body === 'string' ? body : JSON.stringify(body));
    return (await client.next('puback')).reasonCode ?? 0;
  }

  describe('fleet provisioning', () => {
    const both = (topic: string) => [`${topic}/accepted`, `${topic}/rejected`];
    let claim: RawClient;
    beforeEach(async () => {
      claim = await connect('VIN1');
      await claim.subscribe(...both(CREATE), ...both(PROVISION));
    });

    it('goes from a claim to a certificate that connects', async () => {
      assert.equal(await publish(claim, CREATE, ''), 0);
      const created = await message(claim);
      assert.deepEqual([created.topic, created.qos], [`${CREATE}/accepted`, 1]);
      const { certificateId, certificatePem, privateKey, certificateOwnershipToken } = created.body as Record<
        string,
        string
      >;
      const refused = test.open({ certificatePem: certificatePem!, privateKeyPem: privateKey! });
      refused.send({ ...CONNECT, protocolVersion: 5, clientId: 'VIN1' });
      assert.deepEqual(await refused.closed(), [], 'it is not active yet');
      const order = { certificateOwnershipToken, parameters: { SerialNumber: 'VIN1' } };
      assert.equal(await publish(claim, PROVISION, order), 0);
      const provisioned = await message(claim);
      assert.equal(provisioned.topic, `${PROVISION}/accepted`);
      assert.deepEqual(Object.keys(provisioned.body).sort(), ['deviceConfiguration', 'thingName']);
      assert.equal(test.registry.certificate(certificateId!)?.status, 'ACTIVE');
    });

    it('is rejected in a message, after a PUBACK without a fault', async () => {
      assert.equal(await publish(claim, PROVISION, { certificateOwnershipToken: '', parameters: {} }), 0);
      const { topic, body } = await message(claim);
      assert.equal(topic, `${PROVISION}/rejected`);
      assert.deepEqual(body, {
        statusCode: 400,
        errorCode: 'InvalidCertificateOwnershipToken',
        errorMessage: 'Certificate ownership token cannot be empty.',
      });
    });

    it('is answered to the client that asked and had subscribed, and to no other', async () => {
      const other = await connect('other');
      await other.subscribe(`${CREATE}/accepted`);
      await publish(claim, CREATE, '{}');
      await message(claim);
      assert.deepEqual(await other.settled(), []);
      const deaf = await connect('deaf');
      await publish(deaf, CREATE, '{}');
      assert.deepEqual(await deaf.settled(), []);
    });

    it('keeps no answer for the next connection of a session that lasts', async () => {
      const pair = await test.device();
      const lasting = { clean: false, properties: { sessionExpiryInterval: 600 } };
      const first = await connect('b', lasting, pair);
      await first.subscribe(`${CREATE}/accepted`);
      first.publish(CREATE, '{}');
      first.socket.destroy();
      const second = await connect('b', lasting, pair);
      assert.deepEqual(await second.settled(), []);
    });

    it('is refused by PUBACK where the policy or the topic is the reason', async () => {
      const policies = [policy({ allow: 'iot:Connect', on: '*' })];
      const poor = await connect('poor', {}, await test.device({ policies }));
      assert.equal(await publish(poor, CREATE, '{}'), 0x87);
      assert.equal(await publish(claim, '$aws/certificates/create/cbor', 'x'), 0x90);
      assert.deepEqual(await claim.settled(), [], 'both connections stay');
      assert.deepEqual(await poor.settled(), []);
    });
  });

  describe('shadows', () => {
    it('accept an update, and tell subscribers of both versions', async () => {
      const device = await connect('car');
      const app = await test.connect(await test.device(), 'app');
      for (const client of [device, app]) await client.subscribe(`${UPDATE}/+`);
      const body = { state: { desired: { locked: true } }, clientToken: 't' };
      assert.equal(await publish(device, UPDATE, body), 0);
      for (const client of [device, app]) {
        const answers = [await message(client), await message(client), await message(client)];
        assert.deepEqual(
          answers.map(({ topic }) => topic.slice(UPDATE.length + 1)),
          ['accepted', 'delta', 'documents'],
        );
        assert.equal(answers[0]?.body.clientToken, 't');
        assert.deepEqual(answers[1]?.body.state, { locked: true });
      }
    });

    it('reject in a message, after a PUBACK without a fault', async () => {
      const device = await connect('car');
      await device.subscribe(`${UPDATE}/rejected`, '$aws/things/car/shadow/get/rejected');
      assert.equal(await publish(device, UPDATE, { state: 1, clientToken: 't' }), 0);
      const { body } = await message(device);
      assert.deepEqual(
        [body.code, body.message, body.clientToken],
        [400, 'State node must be an object', 't'],
      );
      await publish(device, '$aws/things/car/shadow/get', '');
      assert.equal((await message(device)).body.code, 404);
    });

    it('answer a request without an interval of its own, whatever properties it had', async () => {
      const device = await connect('car');
      await device.subscribe(`${UPDATE}/accepted`);
      device.send({
        cmd: 'publish',
        topic: UPDATE,
        payload: '{"state":{"reported":{"a":1}}}',
        qos: 1,
        dup: false,
        retain: false,
        messageId: 9,
        properties: { topicAlias: 1, messageExpiryInterval: 60, contentType: 'application/json' },
      });
      assert.equal((await device.next('puback')).reasonCode, 0);
      assert.deepEqual((await message(device)).body.state, { reported: { a: 1 } });
      // By the alias.
      device.send({
        cmd: 'publish',
        topic: '',
        payload: '{"state":{"reported":{"a":2}}}',
        qos: 1,
        dup: false,
        retain: false,
        messageId: 10,
        properties: { topicAlias: 1 },
      });
      assert.equal((await device.next('puback')).reasonCode, 0);
      assert.equal((await message(device)).body.version, 2);
    });

    it('never see a will, also one that DISCONNECT 04 asks for', async () => {
      const watcher = await connect('watcher');
      await watcher.subscribe(`${UPDATE}/#`, UPDATE);
      const will = {
        topic: UPDATE,
        payload: Buffer.from('{"state":{"reported":{"on":false}}}'),
        qos: 1 as const,
        retain: false,
      };
      const polite = await connect('car', { will });
      polite.send({ cmd: 'disconnect', reasonCode: 0x04 });
      await polite.closed();
      const rude = await connect('car', { will });
      rude.socket.destroy();
      for (let n = 0; n < 2; n++) assert.equal((await message(watcher)).topic, UPDATE, 'a message it is');
      assert.deepEqual(await watcher.settled(), []);
      assert.throws(() => shadows.get('car'), /No shadow exists/);
    });

    it('are refused by PUBACK where the policy is the reason, and the shadow stays as it was', async () => {
      const policies = [policy({ allow: 'iot:Connect', on: '*' })];
      const poor = await connect('car', {}, await test.device({ policies }));
      assert.equal(await publish(poor, UPDATE, { state: { reported: { a: 1 } } }), 0x87);
      assert.throws(() => shadows.get('car'), /No shadow exists/);
    });
  });
});

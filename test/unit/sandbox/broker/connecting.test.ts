import assert from 'node:assert/strict';
import { makePair } from '../../../support/pairs.ts';
import { ALLOW_ALL, CONNECT, policy, startBroker, type TestBroker } from '../../../support/testBroker.ts';
import { until } from '../../../support/until.ts';

describe('connecting to the message broker @slow', () => {
  let test: TestBroker;
  beforeEach(async () => {
    test = await startBroker();
  });
  afterEach(() => test.close());

  const refused = async (client: ReturnType<TestBroker['open']>) => {
    client.send(CONNECT);
    assert.deepEqual(await client.closed(), []);
  };

  it('lets an active certificate in', async () => {
    const client = test.open(await test.device());
    client.send({ ...CONNECT, username: '?SDK=JavaScript&Version=1.0', password: Buffer.from('x') });
    const connack = await client.next('connack');
    assert.equal(connack.returnCode, 0);
    assert.equal(connack.sessionPresent, false);
    assert.equal(test.broker.connections, 1);
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`speaks ${maxVersion}`, async () => {
      const client = test.open(await test.device(), { minVersion: maxVersion, maxVersion });
      client.send(CONNECT);
      await client.next('connack');
      assert.equal(client.socket.getProtocol(), maxVersion);
    });

    it(`refuses a client without certificate over ${maxVersion}`, () =>
      refused(test.open(undefined, { minVersion: maxVersion, maxVersion })));
  }

  it('refuses TLS 1.1', async () => {
    const pair = await test.device();
    const options = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
    await refused(test.open(pair, options));
  });

  it('refuses a certificate nobody registered', async () => refused(test.open(await makePair())));

  for (const status of ['INACTIVE', 'REVOKED', 'PENDING_ACTIVATION', 'PENDING_TRANSFER'] as const) {
    it(`refuses a certificate that is ${status}`, async () =>
      refused(test.open(await test.device({ status }))));
  }

  it('refuses a certificate after its last day by the clock of the sandbox', async () => {
    const pair = await test.device();
    test.context.clock.advance(25 * 3_600_000);
    await refused(test.open(pair));
  });

  it('refuses a certificate before its first day', async () => {
    const pair = await test.device();
    test.context.clock.advance(-3_600_000);
    await refused(test.open(pair));
  });

  it('refuses a provisioning claim after its five minutes', async () => {
    const pair = await test.device({
      claimTemplate: 'T',
      claimExpiresAt: test.context.clock.now() + 300_000,
    });
    const early = await test.connect(pair, 'a');
    test.context.clock.advance(300_000);
    await refused(test.open(pair));
    test.broker.tick();
    assert.deepEqual(await early.closed(), []);
  });

  it('closes without CONNACK when no policy allows the client id', async () => {
    await refused(
      test.open(await test.device({ policies: [policy({ allow: 'iot:Connect', on: 'client/other' })] })),
    );
    assert.ok(test.context.lines.some((line) => line.includes('is not allowed by its policies')));
  });

  it('wants the client id to be a thing of the certificate where the policy says so', async () => {
    const attached = policy({
      allow: 'iot:Connect',
      on: '*',
      if: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    });
    const pair = await test.device({ policies: [attached], things: ['VIN1'] });
    test.registry.setThing({ thingName: 'VIN2' });
    await test.connect(pair, 'VIN1');
    const other = test.open(pair);
    other.send({ ...CONNECT, clientId: 'VIN2' });
    assert.deepEqual(await other.closed(), []);
  });

  for (const [what, clientId] of [
    ['empty', ''],
    ['longer than 128 bytes', 'x'.repeat(129)],
    ['reserved', '$me'],
  ] as const) {
    it(`rejects a client id that is ${what}`, async () => {
      const client = test.open(await test.device());
      client.send({ ...CONNECT, clientId });
      assert.equal((await client.next('connack')).returnCode, 2);
      await client.closed();
    });
  }

  it('takes a client id of 128 bytes', async () => {
    await test.connect(await test.device(), 'x'.repeat(128));
    assert.equal(test.broker.connections, 1);
  });

  it('answers MQTT 3.1 with an unacceptable protocol version', async () => {
    const client = test.open(await test.device());
    client.send({ ...CONNECT, protocolId: 'MQIsdp', protocolVersion: 3 });
    assert.equal((await client.next('connack')).returnCode, 1);
    await client.closed();
  });

  it('cuts off a client that sends CONNECT twice', async () => {
    const client = await test.connect(await test.device(), 'a');
    client.send({ ...CONNECT, clientId: 'a' });
    assert.deepEqual(await client.closed(), []);
  });

  it('cuts off a client that starts with something else', async () => {
    const client = test.open(await test.device());
    client.send({ cmd: 'pingreq' });
    assert.deepEqual(await client.closed(), []);
  });

  it('gives the client id to the newer connection', async () => {
    const pair = await test.device();
    const first = await test.connect(pair, 'a');
    const second = await test.connect(pair, 'a');
    assert.deepEqual(await first.closed(), []);
    assert.deepEqual(await second.settled(), []);
    assert.equal(test.broker.connections, 1);
  });

  it('does so when the older connection does not read and has another certificate', async () => {
    const first = await test.connect(await test.device(), 'a');
    await first.subscribe('big');
    first.socket.pause();
    for (let n = 0; n < 50; n++) test.broker.publish('big', Buffer.alloc(100_000));
    const second = await test.connect(await test.device(), 'a');
    assert.deepEqual(await second.settled(), []);
    first.socket.resume();
    await first.closed();
  });

  it('disconnects the clients of a certificate that is deactivated', async () => {
    const pair = await test.device();
    const client = await test.connect(pair, 'a');
    const other = await test.connect(await test.device(), 'b');
    test.registry.setStatus(pair.certificateId, 'INACTIVE');
    assert.deepEqual(await client.closed(), []);
    assert.deepEqual(await other.settled(), []);
  });

  it('disconnects the clients of a certificate that is deleted', async () => {
    const pair = await test.device();
    const client = await test.connect(pair, 'a');
    test.registry.deleteCertificate(pair.certificateId);
    assert.deepEqual(await client.closed(), []);
  });

  it('keeps clients when only the policies of their certificate change', async () => {
    const pair = await test.device({ policies: [ALLOW_ALL] });
    const client = await test.connect(pair, 'a');
    test.registry.setPolicies(pair.certificateId, [policy({ allow: 'iot:Connect', on: '*' })]);
    assert.deepEqual(await client.settled(), []);
    client.publish('t', 'x');
    assert.deepEqual(await client.closed(), []);
    assert.equal(test.messages.length, 0);
  });

  it('ends all connections and sessions at a reset', async () => {
    const pair = await test.device();
    const client = await test.connect(pair, 'a', { clean: false });
    test.broker.reset();
    assert.deepEqual(await client.closed(), []);
    const again = test.open(pair);
    again.send({ ...CONNECT, clientId: 'a', clean: false });
    assert.equal((await again.next('connack')).sessionPresent, false);
  });

  it('cuts off a client that never sends CONNECT', async () => {
    const client = test.open(await test.device());
    await new Promise((resolve) => client.socket.once('secureConnect', resolve));
    // The broker knows of it once a byte of CONNECT has come.
    client.write(Buffer.from([0x10]));
    await until('the line that says so', () => {
      test.uptime.advance(10_001);
      test.broker.tick();
      return test.context.lines.some((line) => line.includes('no CONNECT'));
    });
    assert.deepEqual(await client.closed(), []);
  });

  describe('keep-alive', () => {
    for (const [asked, seconds] of [
      [1, 30],
      [60, 60],
      [0, 1200],
      [65_535, 1200],
    ] as const) {
      it(`of ${asked} s is taken as ${seconds} s and ends after one and a half times that`, async () => {
        const client = await test.connect(await test.device(), 'a', { keepalive: asked });
        test.uptime.advance(seconds * 1500);
        test.broker.tick();
        assert.deepEqual(await client.settled(), []);
        test.uptime.advance(seconds * 1500 + 1);
        test.broker.tick();
        assert.deepEqual(await client.closed(), []);
      });
    }
  });
});

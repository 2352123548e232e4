import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { makePair, type TestPair } from '../../../support/pairs.ts';
import { CONNECT, startBroker, type RawClient, type TestBroker } from '../../../support/testBroker.ts';

describe('certificates that register themselves @slow', () => {
  let test: TestBroker;
  let ca: TestPair;
  let watcher: RawClient;
  beforeEach(async () => {
    test = await startBroker();
    ca = await makePair({ commonName: 'Factory' });
    watcher = await test.connect(await test.device(), 'watcher');
    await watcher.subscribe('$aws/events/certificates/registered/+');
  });
  afterEach(() => test.close());

  const trust = (autoRegistration: boolean) =>
    test.registry.addCa({
      caCertificateId: ca.certificateId,
      certificatePem: ca.certificatePem,
      autoRegistration,
      hasTemplate: false,
    });
  const fromFactory = () => makePair({ commonName: 'VIN1', issuer: { name: 'CN=Factory', keys: ca.keys } });

  async function refused(pair: TestPair): Promise<void> {
    const client = test.open(pair);
    client.send(CONNECT);
    assert.deepEqual(await client.closed(), []);
  }

  it('are refused the first time, registered and announced', async () => {
    trust(true);
    await refused(await fromFactory());
    const { topic, payload } = await watcher.next('publish');
    assert.equal(topic, `$aws/events/certificates/registered/${ca.certificateId}`);
    const event = JSON.parse(String(payload)) as Record<string, unknown>;
    const { certificateId } = event;
    assert.equal(test.registry.certificate(String(certificateId))?.status, 'PENDING_ACTIVATION');
    assert.deepEqual(event, {
      certificateId,
      caCertificateId: ca.certificateId,
      timestamp: test.context.clock.now(),
      certificateStatus: 'PENDING_ACTIVATION',
      awsAccountId: '123456789012',
      certificateRegistrationTimestamp: String(test.context.clock.now()),
    });
  });

  it('are not registered by a handshake, nor by what is no CONNECT', async () => {
    trust(true);
    const pair = await fromFactory();
    const silent = test.open(pair);
    await new Promise((resolve) => silent.socket.once('secureConnect', resolve));
    silent.socket.end();
    const other = test.open(pair);
    other.write(Buffer.from([0xc0, 0x00]));
    assert.deepEqual(await other.closed(), []);
    await silent.closed();
    assert.equal(test.registry.certificate(pair.certificateId), undefined);
    assert.deepEqual(await watcher.settled(), []);
  });

  it('are announced again each time they come before they are activated', async () => {
    const pair = await fromFactory();
    test.registry.addCertificate(pair, { status: 'PENDING_ACTIVATION', caCertificateId: ca.certificateId });
    for (let n = 0; n < 2; n++) {
      await refused(pair);
      const event = JSON.parse(String((await watcher.next('publish')).payload)) as Record<string, unknown>;
      assert.equal(event.certificateId, pair.certificateId);
    }
    test.registry.setStatus(pair.certificateId, 'ACTIVE');
  });

  it('are only refused when their CA does not register automatically', async () => {
    trust(false);
    await refused(await fromFactory());
    assert.deepEqual(await watcher.settled(), []);
  });

  it('must really be signed by the CA they name', async () => {
    trust(true);
    const impostor = await makePair({ commonName: 'Factory' });
    await refused(
      await makePair({ commonName: 'VIN1', issuer: { name: 'CN=Factory', keys: impostor.keys } }),
    );
    await delay(20);
    assert.deepEqual(await watcher.settled(), []);
  });
});

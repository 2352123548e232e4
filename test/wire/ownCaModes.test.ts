import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ListCertificatesByCACommand, RegisterCACertificateCommand } from '@aws-sdk/client-iot';
import { deleteCa, findCa, updateCa } from '../../src/aws/iot/caCertificates.ts';
import { findCertificate } from '../../src/aws/iot/certificates.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import { CmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import { readAllowList } from '../../src/provisioning/ca/allowList.ts';
import { issueBatch } from '../../src/provisioning/ca/batch.ts';
import { ownCaOf } from '../../src/provisioning/ca/ensureOwnCa.ts';
import { registerBatch } from '../../src/provisioning/ca/registerBatch.ts';
import { ensureSniOnly } from '../../src/provisioning/ca/sniOnly.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { DAY, never, useFactory, VIN } from '../support/ownCa.ts';

const refused = (words: RegExp, code: string) => (error: unknown) => {
  assert.ok(error instanceof CmsError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} ${english(error.remedy ?? '')}`, words);
  return true;
};

describe('a CA of one’s own in mode SNI_ONLY', () => {
  const factory = useFactory();
  beforeEach(async () => {
    // As the AWS CLI does it: without a verification certificate, and its vehicles may register themselves.
    const { iot, ca } = factory;
    const order = { caCertificate: ca.signing.certificatePem, certificateMode: 'SNI_ONLY' as const };
    await iot.send(
      new RegisterCACertificateCommand({ ...order, setAsActive: true, allowAutoRegistration: true }),
    );
  });
  const issued = async () => {
    const { ca, certificates, hurried } = factory;
    const [first] = await issueBatch([refOf(VIN)], { ca, certificates }, hurried());
    assert.ok(first !== undefined && first.result !== 'failed');
    const pair = usablePair(await certificates.production(VIN))!;
    return { certificateId: first.vehicle.certificateId, identity: pair.identity };
  };

  for (const way of ['jitp', 'jitr'] as const) {
    it(`${way}: is refused for it, because it registers nobody at a first connect; with proof, the same key comes in`, async () => {
      const { connection, iot, ca, deps, hurried, request, knock } = factory;
      const { id } = ca.signing;
      const before = await findCa(connection, id, never);
      assert.deepEqual(
        [before?.mode, before?.status, before?.autoRegistration],
        ['SNI_ONLY', 'ACTIVE', true],
      );
      await assert.rejects(
        ensureSetup(request(way), deps, hurried()),
        refused(/is registered in mode SNI_ONLY.*register it again with proof/, 'CA_CONFLICT'),
      );
      assert.deepEqual(await findCa(connection, id, never), before, 'nothing of it is changed');

      const { certificateId, identity } = await issued();
      await assert.rejects(knock(identity));
      const { certificates } = await iot.send(new ListCertificatesByCACommand({ caCertificateId: id }));
      assert.deepEqual(certificates, [], 'not even as pending');
      await assert.rejects(
        provision(request(way), deps, hurried()),
        refused(/is registered in mode SNI_ONLY.*register it again with proof/, 'CERTIFICATE_NOT_REGISTERED'),
      );

      await updateCa(connection, id, { status: 'INACTIVE' }, never);
      await deleteCa(connection, id, never);
      await ensureSetup(request(way), deps, hurried());
      assert.equal((await findCa(connection, id, never))?.mode, 'DEFAULT');
      const { identity: now } = await provision(request(way), deps, hurried());
      assert.equal(now.certificateId, certificateId);
    });
  }

  it('what it signed is let in from a list', async () => {
    const { connection, deps, hurried, knock } = factory;
    const { certificateId, identity } = await issued();
    const list = readAllowList(`vin\n${VIN}\n`, (vin) => refOf(vin).thingName);
    const wish = { pem: identity.certificatePem, list, setup: ownCaOf(deps) };
    const [outcome] = await registerBatch(wish, connection, hurried());
    assert.equal(outcome?.result, 'registered');
    assert.equal((await findCertificate(connection, certificateId, never))?.status, 'ACTIVE');
    await knock(identity);
  });
});

describe('registering a CA of one’s own without proof of its key', () => {
  const factory = useFactory();

  it('is done once, in mode SNI_ONLY; it is switched on again only when that is asked for', async () => {
    const { connection, ca, hurried } = factory;
    const { signing } = ca;
    const register = (change = false) => ensureSniOnly(signing, change, connection, hurried());
    assert.deepEqual(await register(), { result: 'created', mode: 'SNI_ONLY' });
    const made = await findCa(connection, signing.id, never);
    assert.deepEqual([made?.mode, made?.status, made?.autoRegistration], ['SNI_ONLY', 'ACTIVE', false]);
    assert.deepEqual(await register(), { result: 'found', mode: 'SNI_ONLY' });
    await updateCa(connection, signing.id, { status: 'INACTIVE' }, never);
    await assert.rejects(register(), refused(/switched off.*ca register --sni-only --yes/, 'CA_CONFLICT'));
    assert.equal((await findCa(connection, signing.id, never))?.status, 'INACTIVE');
    assert.deepEqual(await register(true), { result: 'repaired', mode: 'SNI_ONLY' });
    assert.equal((await findCa(connection, signing.id, never))?.status, 'ACTIVE');
  });

  it('leaves one alone that was registered with proof, which can do more', async () => {
    const { connection, ca, deps, hurried, request } = factory;
    await ensureSetup(request('jitp'), deps, hurried());
    const before = await findCa(connection, ca.signing.id, never);
    assert.deepEqual(await ensureSniOnly(ca.signing, true, connection, hurried()), {
      result: 'found',
      mode: 'DEFAULT',
    });
    assert.deepEqual(await findCa(connection, ca.signing.id, never), before);
  });
});

describe('a vehicle of one’s own CA whose computer has the wrong time', () => {
  const factory = useFactory();

  it('clock of the device wrong: a good pair is kept, the clock is named, and at the right time it comes in', async () => {
    const { folder, certificates, ca, deps, hurried, request } = factory;
    await ensureSetup(request('jitp'), deps, hurried());
    const [issued] = await issueBatch([refOf(VIN)], { ca, certificates }, hurried());
    assert.ok(issued !== undefined && issued.result !== 'failed');
    for (const [days, words] of [
      [4000, /expired at .*Check the date and time of this computer first/],
      [-400, /is not valid before .*Check the clock/],
    ] as const) {
      const wrong = createCertificateStore(join(folder, 'certs'), { now: () => Date.now() + days * DAY });
      await assert.rejects(
        provision(request('jitp'), { ...deps, certificates: wrong }, hurried(days)),
        refused(words, 'CERTIFICATE_UNUSABLE'),
      );
    }
    const { identity } = await provision(request('jitp'), deps, hurried());
    assert.equal(identity.certificateId, issued.vehicle.certificateId);
  });
});

describe('a CA of one’s own that is switched off', () => {
  const factory = useFactory();

  for (const way of ['jitp', 'jitr'] as const) {
    it(`CA inactive, ${way}: its vehicle stays out, the key is kept, and once it is on the same key comes in`, async () => {
      const { connection, certificates, ca, deps, hurried, request, knock } = factory;
      const { id } = ca.signing;
      await ensureSetup(request(way), deps, hurried());
      const [issued] = await issueBatch([refOf(VIN)], { ca, certificates }, hurried());
      assert.ok(issued !== undefined && issued.result !== 'failed');
      await updateCa(connection, id, { status: 'INACTIVE' }, never);
      await assert.rejects(
        provision(request(way), deps, hurried()),
        refused(/the CA [0-9a-f]{64} is switched off.*same key/, 'CERTIFICATE_NOT_REGISTERED'),
      );
      await assert.rejects(knock(usablePair(await certificates.production(VIN))!.identity));
      await updateCa(connection, id, { status: 'ACTIVE' }, never);
      const { identity } = await provision(request(way), deps, hurried());
      assert.equal(identity.certificateId, issued.vehicle.certificateId);
    });
  }
});

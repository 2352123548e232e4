import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createHash, X509Certificate } from 'node:crypto';
import {
  DescribeCertificateCommand,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { deleteCa, findCa, updateCa } from '../../src/aws/iot/caCertificates.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import { CmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import type { DeviceIdentity } from '../../src/protocol/device.ts';
import { readAllowList } from '../../src/provisioning/ca/allowList.ts';
import { issueBatch } from '../../src/provisioning/ca/batch.ts';
import type { Newcomer } from '../../src/provisioning/ca/decideNewcomer.ts';
import { ownCaOf } from '../../src/provisioning/ca/ensureOwnCa.ts';
import type { OwnCa } from '../../src/provisioning/ca/ownCa.ts';
import { registerBatch } from '../../src/provisioning/ca/registerBatch.ts';
import { issuePair } from '../../src/provisioning/ca/signingCa.ts';
import { subjectOf } from '../../src/provisioning/ca/subject.ts';
import { watchRegistrations } from '../../src/provisioning/ca/watchRegistrations.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { rotate } from '../../src/provisioning/rotate.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import { usablePair } from '../../src/provisioning/stored.ts';
import { DAY, never, useFactory, VIN } from '../support/ownCa.ts';
import { until } from '../support/until.ts';

const OTHER = '1FAHP2E80DG000022';

/** Each of these is refused or repaired with a sentence; no key is lost, and no second certificate comes in unsaid. */
describe('what goes wrong with certificates of one’s own CA', () => {
  const factory = useFactory();
  let { sandbox, connection, iot, folder, certificates, ca, deps } = factory;
  let { hurried, request, statusOf, knock, newCa } = factory;
  beforeEach(() => {
    ({ sandbox, connection, iot, folder, certificates, ca, deps } = factory);
    ({ hurried, request, statusOf, knock, newCa } = factory);
  });

  const issue = async (of: OwnCa = ca, days = 0) => {
    const then = createCertificateStore(join(folder, 'certs'), { now: () => Date.now() + days * DAY });
    const [issued] = await issueBatch([refOf(VIN)], { ca: of, certificates: then }, hurried(days));
    assert.ok(issued !== undefined && issued.result !== 'failed');
    return issued.vehicle.certificateId;
  };
  const refused = (words: RegExp, code: string) => (error: unknown) => {
    assert.ok(error instanceof CmsError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message} ${english(error.remedy ?? '')}`, words);
    return true;
  };
  const keyOnDisk = async () => usablePair(await certificates.production(VIN))?.identity.privateKeyPem;
  /** A vehicle of the list comes while somebody watches. */
  async function watched(text: string, pairs: { pair: DeviceIdentity; vin: string }[], days = 0) {
    const work = hurried(days);
    const ender = new AbortController();
    const seen: Newcomer[] = [];
    const list = readAllowList(text, (vin) => refOf(vin).thingName);
    const wish = { caId: ca.signing.id, list, setup: ownCaOf(deps), revoke: true };
    const listener = { newcomer: (each: Newcomer) => void seen.push(each), state: () => undefined };
    const watching = watchRegistrations(wish, connection, listener, { ...work, signal: ender.signal }).catch(
      () => undefined,
    );
    try {
      for (const [index, { pair, vin }] of pairs.entries()) {
        await assert.rejects(knock(pair, vin));
        await until('it to be decided', () => seen.length > index, { seen: () => seen });
      }
      if (pairs.length === 0) await until('what waited to be decided', () => seen.length > 0);
    } finally {
      ender.abort();
      await watching;
    }
    return seen.map((each) => ({ ...each, why: 'why' in each ? english(each.why) : undefined }));
  }

  it('expired: the pair is kept, and with “replace” the vehicle gets another', async () => {
    await ensureSetup(request('jitp'), deps, hurried());
    await issue({ ...ca, deviceDays: 30 }, -40);
    await assert.rejects(
      provision(request('jitp'), deps, hurried()),
      refused(/expired at .*--replace/, 'CERTIFICATE_UNUSABLE'),
    );
    const stored = await certificates.production(VIN);
    assert.equal(stored.kind, 'unusable');
    const { identity } = await provision(request('jitp', { replace: true }), deps, hurried());
    assert.equal(await statusOf(identity.certificateId), 'ACTIVE');
  });

  it('not valid yet, as a clock that runs ahead makes them: the pair is kept until its time', async () => {
    await ensureSetup(request('jitp'), deps, hurried());
    const certificateId = await issue(ca, 2);
    await assert.rejects(
      provision(request('jitp'), deps, hurried()),
      refused(/is not valid before .*Check the clock/, 'CERTIFICATE_UNUSABLE'),
    );
    await sandbox.advanceClock(2 * DAY);
    const later = createCertificateStore(join(folder, 'certs'), { now: () => Date.now() + 2 * DAY });
    const { identity } = await provision(request('jitp'), { ...deps, certificates: later }, hurried(2));
    assert.equal(identity.certificateId, certificateId);
  });

  it('of another CA: the pair is kept, and the folder of its CA brings it in', async () => {
    const other = await newCa('other');
    const certificateId = await issue(other);
    const key = await keyOnDisk();
    await ensureSetup(request('jitp'), deps, hurried());
    await assert.rejects(
      provision(request('jitp'), deps, hurried()),
      refused(/CN=Acme other made.*Specify the folder of that CA/, 'CERTIFICATE_EXISTS'),
    );
    assert.equal(await keyOnDisk(), key);
    deps.ca = () => Promise.resolve(other);
    await ensureSetup(request('jitp'), deps, hurried());
    const { identity } = await provision(request('jitp'), deps, hurried());
    assert.equal(identity.certificateId, certificateId);
  });

  it('CA removed after devices were made: said; registered again, the same key comes in', async () => {
    await ensureSetup(request('jitp'), deps, hurried());
    const certificateId = await issue();
    await updateCa(connection, ca.signing.id, { status: 'INACTIVE' }, never);
    await deleteCa(connection, ca.signing.id, never);
    await assert.rejects(
      provision(request('jitp'), deps, hurried()),
      refused(/the CA [0-9a-f]{64} is not registered in .*same key/, 'CERTIFICATE_NOT_REGISTERED'),
    );
    await ensureSetup(request('jitp'), deps, hurried());
    const { identity } = await provision(request('jitp'), deps, hurried());
    assert.equal(identity.certificateId, certificateId);
  });

  it('a CA is replaced in time: both are valid side by side, and what the first let in stays in when it goes', async () => {
    await ensureSetup(request('jitp'), deps, hurried());
    const { identity: old } = await provision(request('jitp'), deps, hurried());
    const first = ca;
    const next = await newCa('next');
    deps.ca = () => Promise.resolve(next);
    await ensureSetup(request('jitp'), deps, hurried());
    const states = await Promise.all(
      [first, next].map(({ signing }) => findCa(connection, signing.id, never)),
    );
    assert.deepEqual(
      states.map((each) => [each?.status, each?.autoRegistration]),
      [
        ['ACTIVE', true],
        ['ACTIVE', true],
      ],
    );
    // What the factory made with the first one, and ships now, still comes in.
    const order = { subject: subjectOf(refOf(OTHER), {}), days: 9, now: Date.now() };
    const shipped = await issuePair(first.signing, order);
    await assert.rejects(knock(shipped, OTHER));
    await until('the vehicle of the first CA to come in', () =>
      knock(shipped, OTHER).then(
        () => true,
        () => false,
      ),
    );
    const { identity: renewed } = await rotate(request('jitp'), deps, hurried());
    const signers = await Promise.all(
      [old, renewed].map(({ certificateId }) => iot.send(new DescribeCertificateCommand({ certificateId }))),
    );
    assert.deepEqual(
      signers.map(({ certificateDescription: found }) => found?.caCertificateId),
      [first.signing.id, next.signing.id],
    );
    await updateCa(connection, first.signing.id, { status: 'INACTIVE' }, never);
    await deleteCa(connection, first.signing.id, never);
    await knock(shipped, OTHER);
    await knock(renewed.identity);
  });

  it('CA removed after a vehicle came in: the vehicle keeps working', async () => {
    await ensureSetup(request('jitp'), deps, hurried());
    const { identity } = await provision(request('jitp'), deps, hurried());
    await updateCa(connection, ca.signing.id, { status: 'INACTIVE' }, never);
    await deleteCa(connection, ca.signing.id, never);
    await knock(identity.identity);
    const again = await provision(request('jitp'), deps, hurried());
    assert.equal(again.result, 'found');
  });

  it('revoked: who watches leaves it so, and its vehicle stays out', async () => {
    await ensureSetup(request('jitr'), deps, hurried());
    const certificateId = await issue();
    const { identity } = usablePair(await certificates.production(VIN))!;
    await assert.rejects(knock(identity));
    await until('it to be pending', async () => (await statusOf(certificateId)) === 'PENDING_ACTIVATION');
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
    const list = readAllowList(`vin\n${VIN}\n`, (vin) => vin);
    const [outcome] = await registerBatch(
      { pem: identity.certificatePem, list, setup: ownCaOf(deps) },
      connection,
      hurried(),
    );
    assert.equal(outcome?.result, 'refused');
    assert.equal('why' in outcome ? english(outcome.why) : '', 'it is REVOKED');
    await assert.rejects(knock(identity));
  });

  it('same key twice: the second vehicle is refused, and pending for whoever looks', async () => {
    await ensureSetup(request('jitr'), deps, hurried());
    const order = (vin: string) => ({ subject: subjectOf(refOf(vin), {}), days: 9, now: Date.now() });
    const first = await issuePair(ca.signing, order(VIN));
    // What a factory does that copies an image with its key.
    const spki = new X509Certificate(first.certificatePem).publicKey.export({ type: 'spki', format: 'der' });
    const certificatePem = await ca.signing.sign({
      ...{ subject: subjectOf(refOf(OTHER), {}), publicKey: Uint8Array.from(spki) },
      ...{ notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) },
    });
    const copy = { certificatePem, privateKeyPem: first.privateKeyPem };
    const outcomes = await watched(`vin\n${VIN}\n${OTHER}\n`, [
      { pair: first, vin: VIN },
      { pair: copy, vin: OTHER },
    ]);
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      ['admitted', 'refused'],
    );
    assert.equal(outcomes[1]?.why, `its key is that of ${VIN}, too, and a key belongs in one vehicle only`);
    await assert.rejects(iot.send(new ListThingPrincipalsCommand({ thingName: OTHER })));
    const hash = createHash('sha256').update(spki).digest('hex');
    assert.throws(
      () => readAllowList(`vin,publicKey\n${VIN},${hash}\n${OTHER},${hash.toUpperCase()}\n`, (vin) => vin),
      refused(new RegExp(`Line 3 .*${OTHER} has the publicKey of ${VIN}`), 'MANIFEST_INVALID'),
    );
  });

  it('a watch whose clock is wrong lets none in, and revokes none', async () => {
    await ensureSetup(request('jitr'), deps, hurried());
    const certificateId = await issue();
    const { identity } = usablePair(await certificates.production(VIN))!;
    const [late] = await watched(`vin\n${VIN}\n`, [{ pair: identity, vin: VIN }], 400);
    assert.match(late?.why ?? '', /^its certificate expired at /);
    const [early] = await watched(`vin\n${VIN}\n`, [], -400);
    assert.match(early?.why ?? '', /^its certificate is not valid before /);
    assert.equal(await statusOf(certificateId), 'PENDING_ACTIVATION');
    const [right] = await watched(`vin\n${VIN}\n`, []);
    assert.equal(right?.result, 'admitted');
    await knock(identity);
  });

  it('serial numbers that collide: refused where nothing else tells vehicles apart', () => {
    const same = (vin: string): string => vin;
    assert.throws(
      () => readAllowList(`vin,serialNumber\n${VIN},0F\n${OTHER},0f\n`, same),
      refused(new RegExp(`Line 3 .*${OTHER} has the serialNumber of ${VIN}`), 'MANIFEST_INVALID'),
    );
    const [one, two] = ['a', 'b'].map((letter) => letter.repeat(64));
    const text = `vin,serialNumber,certificateId\n${VIN},0f,${one}\n${OTHER},0f,${two}\n`;
    assert.equal(readAllowList(text, same).size, 2);
  });

  it('same VIN twice in one list: refused, with its line', () => {
    assert.throws(
      () => readAllowList(`vin\n${VIN}\n${VIN}\n`, (vin) => vin),
      refused(new RegExp(`Line 3 .*${VIN} is in it twice`), 'MANIFEST_INVALID'),
    );
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvisioner } from '../../../../src/cms/cmGuidance/provisioner.ts';
import { namesOf } from '../../../../src/cms/cmGuidance/names.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import type { FoundDeployment } from '../../../../src/cms/contract/generation.ts';
import { vehicleSteps } from '../../../../src/cms/cmGuidance/onboarding/steps.ts';
import type { CertificateRow } from '../../../../src/cms/cmGuidance/certificateTable.ts';
import type { ProvisionDeps, ProvisionRequest } from '../../../../src/provisioning/contract.ts';
import { createCertificateStore } from '../../../../src/provisioning/certificateStore.ts';
import { provision } from '../../../../src/provisioning/provision.ts';
import { rotate } from '../../../../src/provisioning/rotate.ts';
import { vehicleChecks } from '../../../../src/cms/cmGuidance/vehicleChecks.ts';
import { l10n } from '../../../../src/core/message.ts';
import { english } from '../../../../src/core/wording.ts';
import { systemClock } from '../../../../src/core/work.ts';
import { issueCertificate } from '../../../../src/provisioning/issue.ts';
import { makePair, type TestPair } from '../../../support/pairs.ts';
import { testWork } from '../../../support/works.ts';
import { type Answer, awsError, createFakeIot } from '../../aws/iot/fakeIot.ts';

const VEHICLE = { vin: 'LSH14J4C4LA046511', id: 'VEH-1790000000', thingName: 'LSH14J4C4LA046511' };
const arnOf = (id: string) => `arn:aws:iot:us-west-2:123456789012:cert/${id}`;

const POLICY = { policyName: 'CMS-Vehicle-IoT-Policy', policyDocument: '{}', defaultVersionId: '1' };

let pair: TestPair;
let other: TestPair;
before(async () => {
  [pair, other] = await Promise.all([makePair(), makePair()]);
});

/** AWS IoT with one certificate, as each question for one is answered. */
function iotWith(certificate: { id: string; status?: string; things?: string[] }, more: object = {}) {
  const { id, status = 'ACTIVE', things = [VEHICLE.thingName] } = certificate;
  return createFakeIot({
    DescribeCertificate: [
      { certificateDescription: { certificateId: id, certificateArn: arnOf(id), status } },
    ],
    ListPrincipalThings: [{ things }],
    ListAttachedPolicies: [{ policies: [{ policyName: 'CMS-Vehicle-IoT-Policy' }] }],
    ...(more as Record<string, Answer[]>),
  });
}

const rowOf = (of: TestPair, key: string | undefined = of.privateKeyPem): CertificateRow => ({
  ...{ certificateId: of.certificateId, certificatePem: of.certificatePem, privateKeyPem: key },
  ...{ policyName: 'CMS-Vehicle-IoT-Policy', vin: VEHICLE.vin, thingName: VEHICLE.thingName },
});

describe('A first certificate of the Guidance', () => {
  const issue = async (keys: ProvisionRequest['keys']) => {
    const calls: string[] = [];
    const { connection } = iotWith({ id: pair.certificateId });
    const deps = {
      connection: { ...connection, rootCa: () => Promise.resolve('root') },
      certificates: { saveRootCa: () => Promise.resolve() },
      provisioner: {
        kind: 'minted',
        mint() {
          calls.push('fetched');
          return Promise.resolve(pair);
        },
        ownKey: {
          sign() {
            calls.push('signed');
            return Promise.resolve(pair.certificatePem);
          },
          admit() {
            calls.push('admitted');
            return Promise.resolve();
          },
        },
      },
    } as unknown as ProvisionDeps;
    const keeping = { save: () => Promise.resolve(), discard: () => Promise.resolve() };
    await issueCertificate(
      { vehicle: VEHICLE, claim: { kind: 'temporary' }, keys, templateName: '' },
      deps,
      keeping,
      testWork(),
    );
    return calls;
  };

  it('is made for a key of this machine where that is wished', async () => {
    assert.deepEqual(await issue('csr-ec'), ['signed', 'admitted']);
  });

  it('is fetched with its key otherwise', async () => {
    assert.deepEqual(await issue('keys'), ['fetched']);
  });
});

describe('The certificate step of the Guidance, asked for a key of this machine', () => {
  /** What the step has done, by the row of the table and what AWS IoT says of its certificate. */
  const run = async (
    row: CertificateRow | undefined,
    cloud: { status?: string; things?: string[] } = {},
    result: 'created' | 'found' = 'created',
    onDisk: TestPair = pair,
  ) => {
    const calls: string[] = [];
    const { connection } = iotWith({ id: pair.certificateId, ...cloud });
    const provisioned = { result, identity: { certificateId: onDisk.certificateId } };
    const input = {
      request: { keys: 'csr-ec' },
      vehicle: VEHICLE,
      sources: { connection, store: { certificate: () => Promise.resolve(row) } },
      kit: {
        warn: () => undefined,
        provision(_: unknown, { keys }: { keys: string }) {
          calls.push(`provision ${keys}`);
          return Promise.resolve(provisioned);
        },
        renew(_: unknown, { keys }: { keys: string }) {
          calls.push(`renew ${keys}`);
          return Promise.resolve(provisioned);
        },
      },
    };
    await vehicleSteps.certificate.run(
      input as unknown as Parameters<typeof vehicleSteps.certificate.run>[0],
      testWork(),
    );
    return calls;
  };

  it('fetches a pair that works first, so that the vehicle is never without one', async () => {
    assert.deepEqual(await run(rowOf(pair)), ['provision keys', 'renew csr-ec']);
  });

  it('fetches nothing where the table has no certificate', async () => {
    assert.deepEqual(await run(undefined), ['provision csr-ec']);
  });

  it('fetches nothing where the table has the key of another certificate', async () => {
    assert.deepEqual(await run(rowOf(pair, other.privateKeyPem)), ['provision csr-ec']);
  });

  it('fetches nothing that is of another vehicle with the same id', async () => {
    assert.deepEqual(await run({ ...rowOf(pair), vin: 'OTHER' }), ['provision csr-ec']);
  });

  it('fetches nothing that AWS IoT does not let in', async () => {
    assert.deepEqual(await run(rowOf(pair), { status: 'INACTIVE' }), ['provision csr-ec']);
    assert.deepEqual(await run(rowOf(pair), { things: [] }), ['provision csr-ec']);
  });

  it('renews a pair on disk that the table does not have, and leaves one that it has', async () => {
    assert.deepEqual(await run(undefined, {}, 'found'), ['provision csr-ec', 'renew csr-ec']);
    const withoutKey = { ...rowOf(pair), privateKeyPem: undefined };
    assert.deepEqual(await run(withoutKey, {}, 'found'), ['provision csr-ec']);
    assert.deepEqual(await run(withoutKey, {}, 'found', other), ['provision csr-ec', 'renew csr-ec']);
  });
});

describe('A certificate for a key of this machine, with the Guidance', () => {
  const admit = async (things: Answer, row?: CertificateRow) => {
    const { connection, sent } = iotWith(
      { id: pair.certificateId },
      { DescribeThing: [things], GetPolicy: [POLICY] },
    );
    const written: unknown[] = [];
    const provisioner = createProvisioner({
      connection,
      names: namesOf('dev'),
      store: {
        certificate: () => Promise.resolve(row),
        putCertificate(row: { certificateId: string }) {
          written.push(row.certificateId);
          return Promise.resolve(true);
        },
      },
    } as unknown as Parameters<typeof createProvisioner>[0]);
    await provisioner.ownKey?.admit(VEHICLE, pair.certificatePem, testWork());
    return { written, sent: sent.filter((call) => /^(CreateThing|AttachThing)/.test(call)) };
  };

  it('gets the thing that a failed creation left out, before it is attached to it', async () => {
    const { written, sent } = await admit(awsError('ResourceNotFoundException'));
    const [created = '', attached = ''] = sent;
    assert.deepEqual(written, [pair.certificateId]);
    assert.match(created, /^CreateThing .*"thingName":"LSH14J4C4LA046511".*"vehicleId":"VEH-1790000000"/);
    assert.match(attached, /^AttachThingPrincipal /);
  });

  const there = { thingArn: 'arn:aws:iot:us-west-2:123456789012:thing/x' };

  it('leaves a thing that is there as it is', async () => {
    const { sent } = await admit(there);
    assert.deepEqual(
      sent.map((call) => call.split(' ')[0]),
      ['AttachThingPrincipal'],
    );
  });

  it('leaves a row of the same certificate as it is', async () => {
    assert.deepEqual((await admit(there, rowOf(pair))).written, []);
    assert.deepEqual((await admit(there, rowOf(other))).written, [pair.certificateId]);
  });
});

describe('A run for a key of this machine that ended before the table had the new certificate', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'own-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** What is provisioned and rotated with, and what happened to `pair`. */
  const bench = () => {
    const { connection } = iotWith({ id: pair.certificateId });
    const certificates = createCertificateStore(folder);
    const calls: string[] = [];
    const deps = {
      connection: {
        ...connection,
        region: 'us-west-2',
        clock: systemClock,
        identity: () => Promise.resolve({ accountId: '123456789012' }),
        rootCa: () => Promise.resolve('root'),
        broker: () => Promise.resolve({ host: 'localhost', port: 8883, rootCaPem: '' }),
      },
      certificates,
      device: {
        publish({ identity }: { identity: { certificatePem: string } }) {
          calls.push(identity.certificatePem === pair.certificatePem ? 'connected' : 'connected as another');
          return Promise.resolve();
        },
      },
      provisioner: {
        kind: 'minted',
        deployment: { generation: 'cm-guidance', name: 'dev' },
        clientId: ({ vin }: { vin: string }) => vin,
        renewal: { oldEnds: 'after', words: l10n.verbatim('It ends the old one.') },
        mint: () => Promise.reject(new Error('there is a certificate already')),
        ownKey: {
          sign: () => Promise.reject(new Error('there is a certificate already')),
          admit(_: unknown, certificatePem: string) {
            calls.push(certificatePem === pair.certificatePem ? 'admitted' : 'admitted another');
            return Promise.resolve();
          },
        },
      },
    } as unknown as ProvisionDeps;
    const request = (keys: ProvisionRequest['keys']): ProvisionRequest => ({
      ...{ vehicle: VEHICLE, claim: { kind: 'temporary' }, keys, templateName: '' },
    });
    return { certificates, calls, deps, request };
  };

  it('is finished by the next rotation, which brings it into the table before it changes over', async () => {
    const { certificates, calls, deps, request } = bench();
    await certificates.saveProduction(VEHICLE.id, other);
    await certificates.saveCandidate(VEHICLE.id, pair);
    const { identity } = await rotate(request('keys'), deps, testWork());
    assert.equal(identity.certificateId, pair.certificateId);
    assert.deepEqual(calls, ['admitted', 'connected']);
  });

  it('is finished by the next provisioning, once', async () => {
    const { certificates, calls, deps, request } = bench();
    await certificates.saveProduction(VEHICLE.id, pair);
    assert.equal((await provision(request('csr-ec'), deps, testWork())).result, 'found');
    assert.deepEqual(calls, ['admitted']);
    await provision(request('csr-ec'), deps, testWork());
    assert.deepEqual(calls, ['admitted']);
  });
});

describe('The doctor of the Guidance, at a certificate of the table that is INACTIVE', () => {
  const finding = async (answers: Record<string, Answer[]>) => {
    const { connection } = createFakeIot({
      ListPrincipalThings: [{ things: [VEHICLE.thingName] }],
      ListAttachedPolicies: [{ policies: [] }],
      ...answers,
    });
    const sources = {
      ...{ connection, names: namesOf('dev') },
      store: { certificate: () => Promise.resolve(rowOf(pair)) },
    } as unknown as Sources;
    const found = { parts: {} } as FoundDeployment;
    const [check] = vehicleChecks(sources, found).filter(({ id }) => id === 'certificate-row');
    const input = { vehicle: VEHICLE } as unknown as Parameters<NonNullable<typeof check>['run']>[0];
    const verdict = await check?.run(input, testWork());
    assert.ok(verdict);
    return verdict.finding;
  };
  const described = (of: TestPair, status: string) => ({
    certificateDescription: {
      certificateId: of.certificateId,
      certificateArn: arnOf(of.certificateId),
      status,
    },
  });

  it('offers to activate it where nothing else is in service', async () => {
    const { status, fix } = await finding({
      DescribeCertificate: [described(pair, 'INACTIVE')],
      ListThingPrincipals: [{ principals: [arnOf(pair.certificateId)] }],
    });
    assert.deepEqual([status, fix === undefined], ['fail', false]);
  });

  it('offers no activation where another one is in service, and names that', async () => {
    const { status, message, fix } = await finding({
      DescribeCertificate: [described(pair, 'INACTIVE'), described(other, 'ACTIVE')],
      ListThingPrincipals: [{ principals: [arnOf(pair.certificateId), arnOf(other.certificateId)] }],
    });
    assert.deepEqual([status, fix], ['fail', undefined]);
    assert.ok(english(message).includes(other.certificateId));
  });

  it('offers no activation where it may not be seen what else is in service', async () => {
    const { fix } = await finding({
      DescribeCertificate: [described(pair, 'INACTIVE')],
      ListThingPrincipals: [awsError('AccessDeniedException')],
    });
    assert.equal(fix, undefined);
  });
});

describe('A pair that the Guidance keeps', () => {
  const fetchWith = (row: CertificateRow) => {
    const provisioner = createProvisioner({
      connection: { endpoint: undefined },
      names: namesOf('dev'),
      store: { certificate: () => Promise.resolve(row) },
    } as unknown as Parameters<typeof createProvisioner>[0]);
    return provisioner.mint(VEHICLE, testWork());
  };

  it('is handed out to the vehicle that its row names', async () => {
    assert.equal((await fetchWith(rowOf(pair))).privateKeyPem, pair.privateKeyPem);
  });

  it('is refused to another vehicle that was given the same id', async () => {
    const refused = { code: 'CERTIFICATE_UNUSABLE' };
    await assert.rejects(fetchWith({ ...rowOf(pair), vin: 'OTHER' }), refused);
    await assert.rejects(fetchWith({ ...rowOf(pair), thingName: 'OTHER' }), refused);
  });
});

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateKeysAndCertificateCommand,
  CreateThingCommand,
  type IoTClient,
} from '@aws-sdk/client-iot';
import { findAttachedCertificate, type AttachedCertificate } from '../../src/aws/iot/certificates.ts';
import { english } from '../../src/core/wording.ts';
import { offboard } from '../../src/onboarding/offboard.ts';
import { planOffboard } from '../../src/onboarding/offboardPlan.ts';
import { certainVehicle } from '../../src/onboarding/resolveVehicle.ts';
import { createCertificateStore } from '../../src/provisioning/certificateStore.ts';
import type { ProvisioningFacts } from '../../src/provisioning/certificates.ts';
import type { ProvisionDeps, ProvisionRequest } from '../../src/provisioning/contract.ts';
import { provision } from '../../src/provisioning/provision.ts';
import { rotate } from '../../src/provisioning/rotate.ts';
import { ensureSetup } from '../../src/provisioning/setup.ts';
import {
  CLAIM_POLICY as claimPolicyName,
  TEMPLATE as defaultTemplateName,
} from '../../src/cms/cdf/provisioner.ts';
import { givenCredentials } from '../../src/cms/contract/credentials.ts';
import { person } from '../support/cms.ts';
import { madeUp } from '../support/madeUp/generation.ts';
import { openBench, type Bench } from '../support/onboarding.ts';
import { makePair } from '../support/pairs.ts';
import { testWork } from '../support/works.ts';
import { refOf } from '../../src/cms/cdf/thingName.ts';
import type { Deployment } from '../../src/cms/contract/deployment.ts';
import { type ListedStack, listStacks } from '../../src/cms/contract/stacks.ts';

const VIN = 'LSH14J4C4LA046511';
const OTHER = 'WDB1240661J061520';
const never = new AbortController().signal;

interface Made {
  id: string;
  arn: string;
  certificatePem: string;
  privateKeyPem: string;
}

describe('A file of the workspace', () => {
  let bench: Bench;
  let deps: ProvisionDeps;
  let iot: IoTClient;
  /** The claim of a factory: many vehicles begin with it. */
  let factory: Made;
  let deployment: Deployment;

  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(async () => {
    await bench.reset();
    await (await bench.openApi()).signIn(person, { create: true }, never);
    deployment = await bench.open();
    deps = {
      connection: bench.connection,
      provisioner: deployment.certificates!,
      certificates: bench.certificates,
      device: bench.device,
    };
    iot = await bench.connection.iot();
    await ensureSetup({ templateName: defaultTemplateName }, deps, testWork());
    await bench.certificates.ready();
    factory = await make(true);
    await iot.send(new AttachPolicyCommand({ policyName: claimPolicyName, target: factory.arn }));
  });

  async function make(setAsActive: boolean): Promise<Made> {
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive }));
    return {
      id: made.certificateId!,
      arn: made.certificateArn!,
      certificatePem: made.certificatePem!,
      privateKeyPem: made.keyPair!.PrivateKey!,
    };
  }
  const request = (more: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
    vehicle: refOf(VIN),
    claim: { kind: 'per-vehicle' },
    keys: 'keys',
    templateName: defaultTemplateName,
    timeoutMs: 4000,
    ...more,
  });
  const at = (...names: string[]) => path.join(bench.folder, VIN, ...names);
  const cloudOf = (id: string) => findAttachedCertificate(bench.connection, id, never);
  async function plant(folder: string, prefix: string, { certificatePem, privateKeyPem }: Made) {
    await mkdir(at(folder), { recursive: true, mode: 0o700 });
    await writeFile(at(folder, `${prefix}-certificate.pem.crt`), certificatePem, { mode: 0o600 });
    await writeFile(at(folder, `${prefix}-private.pem.key`), privateKeyPem, { mode: 0o600 });
  }
  async function plantFacts(more: Partial<ProvisioningFacts>): Promise<void> {
    await mkdir(at(), { recursive: true, mode: 0o700 });
    const facts: Partial<ProvisioningFacts> = {
      certificateId: factory.id,
      certificateArn: factory.arn,
      thingName: VIN,
      stackName: 'cms-dev1',
      accountId: '123456789012',
      region: 'us-west-2',
      provisionedAt: '2026-01-05T10:00:00.000Z',
      claim: { kind: 'per-vehicle', certificateId: factory.id, used: false },
      ...more,
    };
    await writeFile(at('provisioning.json'), JSON.stringify(facts));
  }
  async function isAsItWas(made: Made, before: AttachedCertificate | undefined): Promise<void> {
    assert.deepEqual(await cloudOf(made.id), before, 'the certificate is as it was');
  }
  const offboarding = () => ({
    deployment,
    cloud: bench.cloud,
    certificates: bench.certificates,
  });
  async function offboarded(): Promise<{ planned: string[]; keeps: string[] }> {
    const plan = await planOffboard({ vin: VIN }, offboarding(), testWork());
    const { keeps } = await offboard(plan, testWork());
    return {
      planned: plan.removals.map((removal) => english(removal.what)),
      keeps: keeps.map(english),
    };
  }
  /** Every file below the vehicle's folder with its content. */
  async function tree(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const entry of await readdir(bench.folder, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      found[file] = entry.isFile() ? await readFile(file, 'utf8') : 'folder';
    }
    return found;
  }

  it('that names the claim of a factory does not make offboarding delete it; the plan says that it stays', async () => {
    await plantFacts({});
    const before = await cloudOf(factory.id);
    const { planned, keeps } = await offboarded();
    assert.ok(!planned.join().includes(factory.id));
    assert.match(keeps.join('\n'), new RegExp(`Certificate ${factory.id} stays: it is a shared claim`));
    await isAsItWas(factory, before);
  });

  it('that names the certificate of another vehicle, or one of nobody, does not make offboarding delete it', async () => {
    const others = await provision(request({ vehicle: refOf(OTHER) }), deps, testWork());
    const spare = await make(false);
    const id = others.identity.certificateId;
    await plantFacts({
      certificateId: id,
      claim: { kind: 'per-vehicle', certificateId: spare.id, used: false },
    });
    const before = [await cloudOf(id), await cloudOf(spare.id)];
    const { keeps } = await offboarded();
    assert.match(keeps.join('\n'), new RegExp(`${id} stays: it belongs to ${OTHER}`));
    assert.match(keeps.join('\n'), new RegExp(`${spare.id} stays: nothing in AWS IoT says that it belongs`));
    assert.deepEqual([await cloudOf(id), await cloudOf(spare.id)], before);
  });

  describe('of a vehicle whose names do not follow from its VIN', () => {
    const ours = { vin: 'WDB-7', thingName: 'car-1001' };
    const theirs = { vin: 'WDB-8', thingName: 'car-1002' };
    let cars: Deployment;
    beforeEach(async () => {
      for (const { vin, thingName } of [ours, theirs])
        await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { vin } } }));
      const stacks: ListedStack[] = [];
      for await (const stack of listStacks(bench.connection, never)) stacks.push(stack);
      const [found] = madeUp.recognise(stacks);
      cars = await madeUp.open!(bench.connection, found!, givenCredentials(person), never);
    });
    async function plantCar(id: string, vin: string): Promise<void> {
      const folder = path.join(bench.folder, id);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const facts = {
        ...{ vin, id, thingName: theirs.thingName, generation: 'made-up', stackName: 'made-up-1' },
        ...{ certificateId: factory.id, certificateArn: factory.arn, accountId: '123456789012' },
        ...{ region: 'us-west-2', provisionedAt: '2026-01-05T10:00:00.000Z' },
      };
      await writeFile(path.join(folder, 'provisioning.json'), JSON.stringify(facts));
    }
    const planOf = (vin: string) => planOffboard({ vin }, { ...offboarding(), deployment: cars }, testWork());

    it('does not say which thing is removed, or given a certificate, in its place', async () => {
      await plantCar('veh-1001', ours.vin);
      const { removals } = await planOf(ours.vin);
      const things = removals.filter(({ kind }) => kind === 'thing').map(({ about }) => about);
      assert.deepEqual(things, [{ thingName: ours.thingName, principals: [] }]);
      const named = await certainVehicle(ours.vin, cars, never);
      assert.equal(named.thingName, ours.thingName);
    });

    it('that CMS does not know costs nobody a thing', async () => {
      await plantCar('veh-9', 'WDB-9');
      const { removals, keeps } = await planOf('WDB-9');
      assert.deepEqual(
        removals.map(({ kind }) => kind),
        ['files'],
      );
      assert.match(
        keeps.map(english).join(),
        /Thing car-1002 and its certificates stay: only files name them/,
      );
      await assert.rejects(certainVehicle('WDB-9', cars, never), { code: 'VEHICLE_NOT_FOUND' });
    });
  });

  for (const [folder, prefix] of [
    ['.', 'bootstrap'],
    ['.', 'production'],
    ['next', 'production'],
    ['.commit-production', 'production'],
    ['.commit-bootstrap', 'bootstrap'],
  ] as const) {
    it(`a planted ${prefix} pair in ${folder} does not cost a factory its claim when the vehicle is offboarded`, async () => {
      await plant(folder, prefix, factory);
      const before = await cloudOf(factory.id);
      await offboarded();
      await isAsItWas(factory, before);
    });

    it(`a planted ${prefix} pair in ${folder} does not cost a factory its claim when the vehicle is provisioned and rotated`, async () => {
      await plant(folder, prefix, factory);
      const before = await cloudOf(factory.id);
      await provision(request({ replace: true }), deps, testWork());
      await isAsItWas(factory, before);
      await plant(folder, prefix, factory);
      await rotate({ ...request(), deleteOld: true }, deps, testWork());
      await isAsItWas(factory, before);
    });
  }

  it('gives no right to a certificate whose key somebody left as the bootstrap pair', async () => {
    const spare = await make(false);
    await plant('.', 'bootstrap', spare);
    const before = await cloudOf(spare.id);
    const work = testWork();
    await provision(request(), deps, work);
    await isAsItWas(spare, before);
    assert.match(work.events.map(({ message }) => english(message)).join('\n'), /on disk is not used/);
    const kept = await readFile(at('previous', spare.id, 'bootstrap-private.pem.key'), 'utf8');
    assert.equal(kept, spare.privateKeyPem);
  });

  it('is asked about again when the plan is carried out', async () => {
    const { identity } = await provision(request(), deps, testWork());
    const plan = await planOffboard({ vin: VIN }, offboarding(), testWork());
    await provision(request({ vehicle: refOf(OTHER) }), deps, testWork());
    const { arn } = (await cloudOf(identity.certificateId))!;
    await iot.send(new AttachThingPrincipalCommand({ thingName: OTHER, principal: arn }));
    const { keeps } = await offboard(plan, testWork());
    assert.match(keeps.map(english).join('\n'), new RegExp(`${OTHER} uses it too`));
    const now = await cloudOf(identity.certificateId);
    assert.deepEqual([now?.status, now?.things], ['ACTIVE', [OTHER]]);
  });

  it('does not keep a claim of our own, left by a run that ended early, from being cleaned up', async () => {
    await bench.sandbox.fault({
      operation: 'iot:DeleteCertificate',
      count: 1,
      action: { kind: 'error', code: 'AccessDeniedException', status: 403 },
    });
    await provision(request(), deps, testWork());
    const claim = (await bench.certificates.facts(VIN))!.claim!.certificateId!;
    assert.ok(await cloudOf(claim));
    const { planned } = await offboarded();
    assert.match(planned.join('\n'), new RegExp(`claim certificate ${claim}, made for ${VIN}`));
    assert.equal(await cloudOf(claim), undefined);
  });

  it('that stands where an unfinished change would is looked through, and looking changes nothing', async () => {
    const planted = await makePair();
    await provision(request(), deps, testWork());
    const used = await bench.certificates.production(VIN);
    for (const [folder, prefix] of [
      ['.commit-production', 'production'],
      ['.commit-bootstrap', 'bootstrap'],
      ['.incoming-1-1', 'production'],
    ] as const) {
      await plant(folder, prefix, { ...planted, id: planted.certificateId, arn: '' });
    }
    const before = await tree();
    const store = createCertificateStore(bench.folder);
    assert.deepEqual(await store.production(VIN), used);
    await Promise.all([
      store.ids(),
      store.bootstrap(VIN),
      store.candidate(VIN),
      store.facts(VIN),
      store.rootCa(),
    ]);
    await planOffboard({ vin: VIN }, offboarding(), testWork());
    assert.deepEqual(await tree(), before);
  });

  it('never takes the place of a key in use: not when the vehicle is provisioned, not when it is rotated', async () => {
    const { identity } = await provision(request(), deps, testWork());
    const planted = await makePair();
    await plant('.commit-production', 'production', { ...planted, id: planted.certificateId, arn: '' });
    const again = await provision(request(), deps, testWork());
    assert.deepEqual([again.result, again.identity.certificateId], ['found', identity.certificateId]);

    const rotated = await rotate(request(), deps, testWork());
    assert.equal(rotated.previous.certificateId, identity.certificateId);
    assert.notEqual(rotated.identity.certificateId, planted.certificateId);
    // Nothing is lost, neither what was in use nor what was planted.
    const kept = await readdir(at('previous'));
    assert.ok(kept.includes(identity.certificateId) && kept.includes(planted.certificateId), kept.join());
    const oldKey = await readFile(
      at('previous', identity.certificateId, 'production-private.pem.key'),
      'utf8',
    );
    assert.equal(oldKey, identity.identity.privateKeyPem);
  });

  it('that sets a lone key of somebody beside a planted pair does not lose that key', async () => {
    await mkdir(at(), { recursive: true, mode: 0o700 });
    await writeFile(at('production-private.pem.key'), 'precious', { mode: 0o600 });
    const planted = await makePair();
    await plant('.commit-production', 'production', { ...planted, id: planted.certificateId, arn: '' });
    const { result } = await provision(request({ replace: true }), deps, testWork());
    assert.equal(result, 'created');
    const kept = await readFile(at('previous', 'without-certificate', 'production-private.pem.key'), 'utf8');
    assert.equal(kept, 'precious');
    await rm(at(), { recursive: true });
  });
});

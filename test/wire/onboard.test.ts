import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  ListCertificatesCommand,
  ListThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { english } from '../../src/core/wording.ts';
import { diagnose } from '../../src/onboarding/diagnose.ts';
import type { Finding } from '../../src/cms/contract/checks.ts';
import { onboardFleet } from '../../src/onboarding/fleet.ts';
import { listVehicles } from '../../src/onboarding/listVehicles.ts';
import { readManifest } from '../../src/onboarding/manifest.ts';
import { offboard } from '../../src/onboarding/offboard.ts';
import { planOffboard } from '../../src/onboarding/offboardPlan.ts';
import { onboard, type OnboardingResult } from '../../src/onboarding/onboard.ts';
import type { OnboardDeps } from '../../src/onboarding/onboardDeps.ts';
import { commonSteps } from '../../src/onboarding/commonSteps.ts';
import { parseRequest, type VehicleRequestInput } from '../../src/cms/cdf/onboarding/request.ts';
import { errorOf, person } from '../support/cms.ts';
import { openBench, type Bench } from '../support/onboarding.ts';
import { cdfFields } from '../../src/cms/cdf/onboarding/fields.ts';
import { createDeployment } from '../../src/cms/cdf/deployment.ts';
import { givenCredentials } from '../../src/cms/contract/credentials.ts';
import { DEVICE_POLICY } from '../../src/cms/cdf/provisioner.ts';
import type { Supplier } from '../../src/cms/cdf/api.ts';

const VIN = 'LSH14J4C4LA046511';
const OTHER = 'KL4CJHSB2DB198124';

interface Received {
  messages: { serial: number; accepted: boolean; topic: string; payload: Record<string, unknown> }[];
}

const onboardingSteps = [...commonSteps, ...cdfFields.steps];

describe('Onboarding against the sandbox', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  beforeEach(() => bench.reset());
  after(() => bench.close());

  function request(changes: Partial<VehicleRequestInput> = {}) {
    const input = { vin: VIN, username: person.username, firstName: 'Test', lastName: 'User', ...changes };
    return parseRequest(input, Date.now()).request;
  }
  const run = (
    changes: Partial<VehicleRequestInput> = {},
    deps: OnboardDeps = bench.deps(),
    signal?: AbortSignal,
  ): Promise<OnboardingResult> => onboard(request(changes), deps, bench.work(signal));
  const received = async (vin: string) => ((await bench.sandbox.messages(vin)) as Received).messages;
  const iot = () => bench.connection.iot();
  async function certificates(): Promise<{ id: string; status: string }[]> {
    const { certificates: found = [] } = await (
      await iot()
    ).send(new ListCertificatesCommand({ pageSize: 100 }));
    return found.map((c) => ({ id: c.certificateId ?? '', status: c.status ?? '' }));
  }

  it('takes a vehicle from nothing to being shown with make and model @smoke', async () => {
    const before = await certificates();
    const result = await run({ make: 'Acme', model: 'Sedan', modelYear: 2024 });
    assert.equal(result.vin, VIN);
    assert.equal(result.stack, 'cms-dev1');
    assert.equal(result.own.core, 'cdf-core-development');
    assert.deepEqual(
      [result.live?.make, result.live?.model, result.live?.modelYear],
      ['Acme', 'Sedan', 2024],
    );
    assert.deepEqual(
      result.steps.filter((step) => step.outcome === 'found').map((step) => step.id),
      ['find-stacks', 'visible'],
    );

    const messages = await received(VIN);
    assert.ok(messages.length >= 1);
    assert.ok(messages.every((message) => message.accepted && message.topic === `dt/cvra/${VIN}/cardata`));
    assert.equal(messages[0]?.payload.VIN, VIN);

    const deployment = await bench.openApi();
    await deployment.signIn(person, { create: false }, AbortSignal.timeout(20_000));
    const device = await deployment.device(VIN, AbortSignal.timeout(20_000));
    assert.equal(device?.status, 'installed');
    assert.deepEqual((await deployment.vehicle(VIN, AbortSignal.timeout(20_000)))?.owners, [person.username]);
    assert.equal((await bench.cloud.thing(VIN, AbortSignal.timeout(20_000)))?.type, 'tcu');

    // The claim made for this vehicle is deleted; the production certificate is all that is new.
    const made = (await certificates()).filter(({ id }) => !before.some((old) => old.id === id));
    assert.deepEqual(made, [{ id: result.certificateId, status: 'ACTIVE' }]);
    for (const file of result.files.filter((name) => name.endsWith('.key') && !name.includes('public'))) {
      assert.equal((await stat(file)).mode & 0o777, 0o600, file);
    }
    assert.ok(result.files.some((file) => file.endsWith(`${VIN}/production-private.pem.key`)));
  });

  it('finds everything in a second run, keeps the certificate and sends nothing', async () => {
    const first = await run();
    const count = (await received(VIN)).length;
    const second = await run();
    assert.deepEqual([...new Set(second.steps.map((step) => step.outcome))].sort(), ['done', 'found']);
    assert.equal(second.certificateId, first.certificateId);
    assert.equal((await received(VIN)).length, count);
  });

  for (const [keys, claim] of [
    ['csr-ec', 'temporary'],
    ['csr-rsa', 'per-vehicle'],
  ] as const) {
    it(`works with a key made here (${keys}) and a ${claim} claim`, async () => {
      const result = await run({ keys, claim });
      assert.equal(result.live?.make, 'Acme');
      const key = await readFile(path.join(bench.folder, VIN, 'production-private.pem.key'), 'utf8');
      assert.match(key, /PRIVATE KEY/);
    });
  }

  it('works with quotes and other alphabets in names', async () => {
    const names = {
      username: `o"n'eal`,
      firstName: 'Zoë "Z"',
      lastName: '李',
      supplier: `Bob's "Parts" & Co`,
    };
    const result = await run({ ...names, make: 'Škoda "X"' }, bench.deps({}, { username: 'operator' }));
    assert.equal(result.live?.make, 'Škoda "X"');
    assert.equal((result.own.supplier as Supplier).name, names.supplier);
    const deployment = await bench.openApi();
    const signal = AbortSignal.timeout(20_000);
    await deployment.signIn({ ...person, username: 'operator' }, { create: false }, signal);
    assert.deepEqual((await deployment.vehicle(VIN, signal))?.owners, [names.username]);
    const users = await deployment.users({ size: 10 }, signal);
    assert.deepEqual(
      users.items.map(({ firstName, lastName }) => [firstName, lastName]),
      [[names.firstName, names.lastName]],
    );
  });

  it('works in the way of the ancestor: the pool is opened for sign-up and closed again', async () => {
    const result = await run({}, bench.deps({}, { options: { signInMode: 'self-sign-up' } }));
    assert.equal(result.steps.find((step) => step.id === 'sign-in')?.outcome, 'created');
  });

  it('sets every field of the vehicle template', async () => {
    await run({
      bodyType: 'SUV',
      fuelType: 'Hybrid_PHEV',
      transmissionType: 'Manual',
      transmissionManualType: '6-speed',
      colorCode: 'R3D',
      iviType: 'HiLine',
      marketCode: 'EUR',
      countryCode: 'DE',
    });
    const deployment = await bench.openApi();
    const signal = AbortSignal.timeout(20_000);
    await deployment.signIn(person, { create: false }, signal);
    const { attributes } = (await deployment.vehicle(VIN, signal))!;
    assert.deepEqual(
      [attributes.bodyType, attributes.fuelType, attributes.transmissionManualType, attributes.countryCode],
      ['SUV', 'Hybrid_PHEV', '6-speed', 'DE'],
    );
    assert.equal((await deployment.liveVehicle(VIN, signal))?.make, 'Acme');
  });

  describe('refuses and leaves things as they were', () => {
    async function refused(attempt: () => Promise<unknown>, code: string, step: string): Promise<void> {
      const before = await certificates();
      const error = await errorOf(attempt());
      assert.equal(error.code, code, error.message);
      assert.equal(error.step?.split('/')[0], step);
      assert.ok(error.message.length > 10);
      assert.deepEqual(await certificates(), before);
      const { things } = await (await iot()).send(new ListThingsCommand({}));
      assert.deepEqual(things, []);
    }

    it('an existing user with another password', async () => {
      const deployment = await bench.openApi();
      await deployment.signIn(person, { create: true }, AbortSignal.timeout(20_000));
      await refused(
        () => run({}, bench.deps({}, { password: 'Another1234' })),
        'USER_HAS_OTHER_PASSWORD',
        'sign-in',
      );
    });

    it('a weak password, and makes no user', async () => {
      const weak = bench.deps({}, { password: 'nouppercase1' });
      await refused(() => run({}, weak), 'PASSWORD_TOO_WEAK', 'sign-in');
      // The name is free, so the user can be made now.
      const deployment = await bench.openApi();
      assert.equal(await deployment.signIn(person, { create: true }, AbortSignal.timeout(20_000)), 'created');
    });

    it('a stack in a failed state', async () => {
      await bench.sandbox.alterStack('cms-dev1', { status: 'CREATE_FAILED' });
      await refused(() => run(), 'STACK_NOT_READY', 'find-stacks');
    });

    it('a stack without the outputs it needs', async () => {
      await bench.sandbox.alterStack('cms-dev1', { removeOutputs: ['FleetmanagerApiGatewayUrl'] });
      await refused(() => run(), 'STACK_OUTPUT_MISSING', 'find-stacks');
    });

    it('a supplier name that another kind of group has', async () => {
      await refused(() => run({ supplier: 'Acme Electronics' }), 'REQUEST_INVALID', 'supplier');
    });

    it('a certificate folder that is a file', async () => {
      await writeFile(bench.folder, '');
      await refused(() => run(), 'CERTIFICATE_STORE_FAILED', 'certificate-folder');
    });
  });

  it('can be cancelled at the start of each step; each rerun continues, the last one ends it', async () => {
    for (const [at, { id }] of onboardingSteps.entries()) {
      const controller = new AbortController();
      const work = bench.work(controller.signal);
      const error = await errorOf(
        onboard(request(), bench.deps(), {
          ...work,
          progress(event) {
            if (event.step === id) controller.abort();
          },
        }),
      );
      assert.equal(error.code, 'CANCELLED');
      // The first step asks nobody, so it ends before the signal is looked at.
      assert.equal(error.step, at === 0 ? onboardingSteps[1]?.id : id);
    }
    const result = await run();
    assert.equal(result.live?.make, 'Acme');
    assert.equal((await certificates()).filter(({ id }) => id === result.certificateId).length, 1);
  });

  it('continues after the sandbox was killed at the end of each step and started again', async () => {
    const steps = onboardingSteps.map(({ id }) => id);
    for (const at of steps.slice(steps.indexOf('user'), -1)) {
      let killed: Promise<void> | undefined;
      const deps = bench.deps({
        onStep: (report) => {
          if (report.id === at) killed ??= bench.sandbox.kill();
        },
      });
      const error = await errorOf(run({}, deps));
      assert.equal(error.code, 'ENDPOINT_UNREACHABLE', `${at}: ${error.message}`);
      await killed;
      await bench.restart();
    }
    const result = await run();
    assert.equal(result.live?.make, 'Acme');
    assert.ok((await received(VIN)).every((message) => message.accepted));
  });

  for (const format of ['csv', 'json'] as const) {
    it(`onboards a fleet of five from ${format.toUpperCase()}, and finds it in a second run`, async () => {
      const vins = ['11111111111111111', '1M8GDM9AXKP042788', '5GZCZ43D13S812715', OTHER, VIN];
      const rows = vins.map((vin, i) => ({
        vin,
        username: `user${i % 2}`,
        firstName: 'A',
        lastName: 'B',
        make: `Make${i}`,
      }));
      const text =
        format === 'json'
          ? JSON.stringify({ vehicles: rows })
          : ['vin,username,firstName,lastName,make', ...rows.map((row) => Object.values(row).join(','))].join(
              '\n',
            );
      const manifest = readManifest(text, { fields: cdfFields, format, now: Date.now() });
      const result = await onboardFleet(manifest, bench.deps(), bench.work(), { startsPerSecond: 50 });
      assert.deepEqual(
        result.vehicles.map((vehicle) =>
          vehicle.status === 'failed' ? vehicle.error.message : vehicle.status,
        ),
        Array<string>(5).fill('onboarded'),
      );
      const makes = result.vehicles.map((v) => (v.status === 'onboarded' ? v.result.live?.make : ''));
      assert.deepEqual(makes, ['Make0', 'Make1', 'Make2', 'Make3', 'Make4']);

      const again = await onboardFleet(manifest, bench.deps(), bench.work(), { startsPerSecond: 50 });
      assert.equal(again.onboarded, 5);
      for (const vin of vins) assert.equal((await received(vin)).length, 1, vin);
    });
  }

  it('onboards the other vehicles of a fleet when one fails', async () => {
    const vehicles = [{ vin: VIN, supplier: 'Acme Electronics' }, { vin: OTHER }];
    const defaults = { username: person.username, firstName: 'A', lastName: 'B' };
    const manifest = readManifest(JSON.stringify({ defaults, vehicles }), {
      fields: cdfFields,
      format: 'json',
      now: Date.now(),
    });
    const result = await onboardFleet(manifest, bench.deps(), bench.work());
    assert.deepEqual([result.onboarded, result.failed], [1, 1]);
  });

  it('is undone by offboarding, which leaves only what CMS never deletes', async () => {
    const before = await certificates();
    await run();
    const signal = AbortSignal.timeout(30_000);
    const deployment = await bench.openApi();
    await deployment.signIn(person, { create: false }, signal);
    const deps = {
      deployment: createDeployment(deployment, givenCredentials(person)),
      cloud: bench.cloud,
      certificates: bench.certificates,
    };
    const choices = { removeUser: person.username, removeSignInUser: person.username };
    const wish = { vin: VIN, choices };
    const plan = await planOffboard(wish, deps, bench.work());
    assert.deepEqual(
      plan.removals.map(({ kind }) => kind),
      ['owner-relations', 'device', 'vehicle', 'user', 'certificate', 'thing', 'sign-in-user', 'files'],
    );
    const result = await offboard(plan, bench.work());
    assert.equal(result.removed.length, 8);
    assert.deepEqual(result.wasGone, []);

    assert.deepEqual(await certificates(), before);
    assert.deepEqual((await (await iot()).send(new ListThingsCommand({}))).things, []);
    assert.deepEqual(await bench.certificates.ids(), []);
    const admin = await bench.openApi();
    assert.equal(
      await admin.signIn({ ...person, username: 'operator' }, { create: true }, signal),
      'created',
    );
    assert.equal(await admin.vehicle(VIN, signal), undefined);
    assert.equal(await admin.device(VIN, signal), undefined);
    assert.deepEqual((await admin.users({ size: 10 }, signal)).items, []);
    assert.equal((await admin.liveVehicle(VIN, signal))?.vin, VIN);
    const again = await planOffboard(
      { vin: VIN },
      { ...deps, deployment: createDeployment(admin, givenCredentials({ ...person, username: 'operator' })) },
      bench.work(),
    );
    assert.deepEqual(again.removals, []);
  });

  it('can be done again after offboarding', async () => {
    await run();
    const deployment = await bench.openApi();
    await deployment.signIn(person, { create: false }, AbortSignal.timeout(20_000));
    const deps = {
      deployment: createDeployment(deployment, givenCredentials(person)),
      cloud: bench.cloud,
      certificates: bench.certificates,
    };
    await offboard(await planOffboard({ vin: VIN }, deps, bench.work()), bench.work());
    const result = await run();
    assert.equal(result.steps.find((step) => step.id === 'certificate')?.outcome, 'created');
  });

  it('shows in the list of vehicles with device, owner, certificate and position', async () => {
    const result = await run();
    const deployment = await bench.openApi();
    await deployment.signIn(person, { create: false }, AbortSignal.timeout(20_000));
    const deps = {
      deployment: createDeployment(deployment, givenCredentials(person)),
      cloud: bench.cloud,
      certificates: bench.certificates,
    };
    for await (const item of listVehicles(deps, AbortSignal.timeout(20_000))) {
      assert.equal(item.vehicle.vin, VIN);
      assert.deepEqual(item.vehicle.owners, [person.username]);
      assert.equal(item.details.find(({ id }) => id === 'device')?.state, 'installed');
      assert.equal(item.certificate.cloud[0]?.id, result.certificateId);
      assert.equal(item.live?.position?.latitude, 33.77521);
    }
  });

  describe('The doctor', () => {
    let arn: string;
    let id: string;
    beforeEach(async () => {
      const result = await run();
      arn = result.certificateArn;
      id = result.certificateId;
    });

    async function findings(): Promise<Finding[]> {
      const wish = {
        vin: VIN,
        templateName: request().templateName,
        publish: true,
        position: { latitude: 1, longitude: 2 },
      };
      const found: Finding[] = [];
      const deps = { ...bench.deps(), cloud: bench.cloud };
      for await (const finding of diagnose(wish, deps, bench.work())) found.push(finding);
      return found;
    }
    const failed = async () =>
      (await findings()).filter(({ status }) => status === 'fail').map((finding) => finding.id);

    it('finds nothing but the open asset library', async () => {
      const found = (await findings()).filter(({ status }) => status !== 'ok');
      assert.deepEqual(
        found.map(({ id: check, status }) => [check, status]),
        [['asset-library-access', 'warn']],
      );
    });

    it('finds an inactive certificate', async () => {
      const client = await iot();
      await client.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' }));
      assert.deepEqual(await failed(), ['certificate-status', 'connect']);
      await client.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'ACTIVE' }));
      assert.deepEqual(await failed(), []);
    });

    it('finds a detached policy', async () => {
      const client = await iot();
      const policyName = DEVICE_POLICY;
      await client.send(new DetachPolicyCommand({ policyName, target: arn }));
      assert.deepEqual(await failed(), ['policy-attached', 'connect']);
      await client.send(new AttachPolicyCommand({ policyName, target: arn }));
      assert.deepEqual(await failed(), []);
    });

    it('finds a detached thing', async () => {
      const client = await iot();
      await client.send(new DetachThingPrincipalCommand({ thingName: VIN, principal: arn }));
      assert.deepEqual(await failed(), ['thing-attached', 'connect']);
      await client.send(new AttachThingPrincipalCommand({ thingName: VIN, principal: arn }));
      assert.deepEqual(await failed(), []);
    });

    it('finds a key that does not belong to the certificate', async () => {
      const key = path.join(bench.folder, VIN, 'production-private.pem.key');
      const right = await readFile(key, 'utf8');
      await run({ vin: OTHER });
      await writeFile(key, await readFile(path.join(bench.folder, OTHER, 'production-private.pem.key')));
      assert.deepEqual(await failed(), ['key-match']);
      await writeFile(key, right);
      assert.deepEqual(await failed(), []);
    });
  });
});

describe('Onboarding onto an install whose asset library asks for a token', () => {
  it('works, and the doctor has nothing to note', async () => {
    const bench = await openBench(['--asset-library-auth', 'cognito']);
    try {
      const input = { vin: VIN, username: person.username, firstName: 'Test', lastName: 'User' };
      const { request } = parseRequest(input, Date.now());
      await onboard(request, bench.deps(), bench.work());
      const wish = { vin: VIN, templateName: request.templateName, publish: true, position: request };
      for await (const finding of diagnose(wish, { ...bench.deps(), cloud: bench.cloud }, bench.work())) {
        assert.equal(finding.status, 'ok', `${finding.id}: ${english(finding.message)}`);
      }
    } finally {
      await bench.close();
    }
  });
});

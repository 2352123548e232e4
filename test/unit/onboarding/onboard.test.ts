import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { onboard } from '../../../src/onboarding/onboard.ts';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import { commonSteps } from '../../../src/onboarding/commonSteps.ts';
import { parseRequest } from '../../../src/cms/cdf/onboarding/request.ts';
import type { StepReport } from '../../../src/cms/contract/steps.ts';
import { createWorld, idOf, type World } from './world.ts';

const VIN = 'LSH14J4C4LA046511';
const { request } = parseRequest(
  { vin: VIN, username: 'bob', firstName: 'B', lastName: 'O' },
  Date.UTC(2026, 0, 5),
);
const STEPS = [
  'certificate-folder',
  'find-stacks',
  'sign-in',
  'supplier',
  'user',
  'setup',
  'certificate',
  'register',
  'activate',
  'owner',
  'first-telemetry',
  'visible',
];

async function failureOf(work: Promise<unknown>): Promise<CmsError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof CmsError, String(error));
    return error;
  }
  throw new Error('it succeeded');
}

const run = (world: World, signal?: AbortSignal) => onboard(request, world.deps, world.work(signal));

describe('Onboarding', () => {
  it('runs its steps in their order and ends with the vehicle shown', async () => {
    const world = createWorld();
    const result = await run(world);
    assert.deepEqual(
      result.steps.map((step) => step.id),
      STEPS,
    );
    assert.deepEqual(
      [...commonSteps, ...cdfFields.steps].map((step) => step.id),
      STEPS,
    );
    assert.equal(result.live?.make, 'Acme');
    assert.equal(result.certificateId, idOf(VIN));
    assert.deepEqual(result.own.supplier, {
      name: 'GenericSupplierName',
      externalId: 'ext-GenericSupplierName',
    });
    assert.deepEqual(result.files, [`/certs/${VIN}/cert`, `/certs/${VIN}/key`]);
    assert.equal(result.uiUrl, 'https://ui.example');
    assert.deepEqual(world.owners, new Map([[VIN, 'bob']]));
  });

  it('sends the first telemetry only when the telemetry side had time to learn of the activation', async () => {
    const world = createWorld();
    const at = new Map<string, number>();
    world.after = (call) => void at.set(call, world.now);
    await run(world);
    assert.ok((at.get(`publish ${VIN} 1`) ?? 0) - (at.get(`ensureActivated ${VIN}`) ?? 0) >= 3000);
  });

  it('finds everything in a second run and sends nothing', async () => {
    const world = createWorld();
    await run(world);
    const second = await run(world);
    assert.deepEqual([...new Set(second.steps.map((step) => step.outcome))].sort(), ['done', 'found']);
    assert.equal(world.published, 1);
  });

  it('reports each step with its time, and the progress under the same names', async () => {
    const world = createWorld();
    const reports: StepReport[] = [];
    await onboard(request, { ...world.deps, onStep: (report) => reports.push(report) }, world.work());
    assert.deepEqual(
      reports.map((report) => report.id),
      STEPS,
    );
    assert.equal(reports.find((report) => report.id === 'first-telemetry')?.ms, 3000);
    assert.deepEqual([...new Set(world.progress.map((event) => event.step))], STEPS);
    assert.ok(world.progress.every((event) => event.vin === VIN || event.step === 'find-stacks'));
  });

  it('asks nothing of the cloud when the certificate folder cannot be written', async () => {
    const world = createWorld();
    world.failNext(/^ready/, 'CERTIFICATE_STORE_FAILED');
    const error = await failureOf(run(world));
    assert.equal(error.step, 'certificate-folder');
    assert.deepEqual(world.calls, ['ready']);
  });

  for (const [call, step] of [
    ['findDeployment', 'find-stacks'],
    ['signIn', 'sign-in'],
    ['ensureSupplier', 'supplier'],
    ['ensureUser', 'user'],
    ['ensureSetup', 'setup'],
    ['provision', 'certificate'],
    ['ensureDevice', 'register'],
    ['ensureActivated', 'activate'],
    ['ensureOwner', 'owner'],
    ['publish', 'first-telemetry'],
  ] as const) {
    it(`names the step ${step} in its error, keeps code and remedy, and a rerun ends it`, async () => {
      const world = createWorld();
      world.failNext(new RegExp(`^${call}\\b`), 'CMS_UNAVAILABLE');
      const error = await failureOf(run(world));
      assert.deepEqual([error.code, error.step], ['CMS_UNAVAILABLE', step]);
      assert.equal(english(error.remedy ?? ''), 'Try again.');
      assert.equal((await run(world)).live?.vin, VIN);
    });

    it(`stops when cancelled in step ${step}, does nothing further, and a rerun ends it`, async () => {
      const world = createWorld();
      const controller = new AbortController();
      world.before = (name) => {
        if (name.startsWith(call)) controller.abort();
      };
      const error = await failureOf(run(world, controller.signal));
      assert.deepEqual([error.code, error.step], ['CANCELLED', step]);
      assert.ok(world.calls.at(-1)?.startsWith(call));
      world.before = () => undefined;
      assert.equal((await run(world)).live?.vin, VIN);
    });

    it(`stops between steps when cancelled at the end of ${step}, and a rerun ends it`, async () => {
      const world = createWorld();
      const controller = new AbortController();
      world.after = (name) => {
        if (name.startsWith(call)) controller.abort();
      };
      const error = await failureOf(run(world, controller.signal));
      assert.equal(error.code, 'CANCELLED');
      world.after = () => undefined;
      assert.equal((await run(world)).live?.vin, VIN);
    });
  }

  it('counts whatever is thrown after cancelling as cancelled', async () => {
    const world = createWorld();
    const controller = new AbortController();
    world.before = (name) => {
      if (!name.startsWith('ensureUser')) return;
      controller.abort();
      throw new Error('socket closed');
    };
    assert.equal((await failureOf(run(world, controller.signal))).code, 'CANCELLED');
  });

  it('turns an unknown error into INTERNAL with its step', async () => {
    const world = createWorld();
    world.before = (name) => {
      if (name.startsWith('ensureUser')) throw new TypeError('x is not a function');
    };
    const error = await failureOf(run(world));
    assert.deepEqual([error.code, error.step], ['INTERNAL', 'user']);
  });

  it('keeps warnings of the request and of the work in the result', async () => {
    const world = createWorld();
    const provisioning = world.deps.provisioning!;
    const deps = {
      ...world.deps,
      provisioning: {
        ...provisioning,
        provision: ((r, d, w) => {
          w.progress({ step: 'claim', level: 'warn', message: l10n.verbatim('the claim stays') });
          return provisioning.provision(r, d, w);
        }) satisfies typeof provisioning.provision,
      },
    };
    const result = await onboard(request, deps, world.work(), [l10n.verbatim('check digit')]);
    assert.deepEqual(result.warnings.map(english), ['check digit', 'the claim stays']);
  });
});

describe('Waiting until the fleet manager shows the vehicle', () => {
  it('sends telemetry again until make and model are known', async () => {
    const world = createWorld();
    world.ingest = (_vin, attempt) => (attempt < 3 ? 'nameless' : 'full');
    const result = await run(world);
    assert.equal(world.published, 3);
    assert.equal(result.live?.make, 'Acme');
  });

  it('ends after a bounded time when the messages get lost, and says so', async () => {
    const world = createWorld();
    world.ingest = () => 'lost';
    const began = world.now;
    const error = await failureOf(run(world));
    assert.deepEqual([error.code, error.step], ['VEHICLE_NOT_VISIBLE', 'visible']);
    assert.match(error.message, /acknowledged by AWS IoT, but the fleet manager does not know/);
    assert.ok(world.now - began < 60_000);
    assert.ok(world.published <= 6);
  });

  it('says that make and model are missing when only they are', async () => {
    const world = createWorld();
    world.ingest = () => 'nameless';
    assert.match((await failureOf(run(world))).message, /without make and model/);
  });

  it('says what the fleet manager answers when it cannot be asked, and goes on asking before', async () => {
    const world = createWorld();
    world.failNext(/^liveVehicle/, 'CMS_UNAVAILABLE', 3);
    assert.equal((await run(world)).live?.vin, VIN);

    const broken = createWorld();
    broken.failNext(/^liveVehicle/, 'CMS_UNAVAILABLE', Infinity);
    assert.match((await failureOf(run(broken))).message, /cannot be asked about .*: liveVehicle/);
  });

  it('warns when the fleet manager shows another make than asked for', async () => {
    const world = createWorld();
    await run(world);
    world.live.get(VIN)!.make = 'Elder';
    assert.match((await run(world)).warnings.map(english).join(), /as Elder DN, not Acme DN/);
  });

  it('does not put a vehicle on its way back to where it was onboarded', async () => {
    const world = createWorld();
    await run(world);
    const live = world.live.get(VIN)!;
    live.position = { latitude: 1, longitude: 2, headingDegrees: 3 };
    assert.deepEqual((await run(world)).live?.position, { latitude: 1, longitude: 2, headingDegrees: 3 });
  });
});

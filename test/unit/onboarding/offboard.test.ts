import assert from 'node:assert/strict';
import type { CmsError } from '../../../src/core/errors.ts';
import { planJson } from '../../../src/cli/offboard.ts';
import type { Removals } from '../../../src/cms/contract/removals.ts';
import type { SharedProvisioner } from '../../../src/cms/contract/provisioner.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { offboard } from '../../../src/onboarding/offboard.ts';
import {
  planOffboard,
  type OffboardPlan,
  type OffboardRequest,
} from '../../../src/onboarding/offboardPlan.ts';
import { onboard } from '../../../src/onboarding/onboard.ts';
import { parseRequest } from '../../../src/cms/cdf/onboarding/request.ts';
import { createWorld, idOf, type World } from './world.ts';

const VIN = 'LSH14J4C4LA046511';

async function onboarded(): Promise<World> {
  const world = createWorld();
  const input = { vin: VIN, username: 'bob', firstName: 'B', lastName: 'O' };
  await onboard(parseRequest(input, world.now).request, world.deps, world.work());
  world.calls.length = 0;
  return world;
}

function depsOf(world: World) {
  return { deployment: world.deployment, cloud: world.cloud, certificates: world.deps.certificates };
}

const plan = (world: World, request: Partial<OffboardRequest> = {}) =>
  planOffboard({ vin: VIN, ...request }, depsOf(world), world.work());
const remove = async (world: World, request: Partial<OffboardRequest> = {}) =>
  offboard(await plan(world, request), world.work());

describe('Offboarding', () => {
  it('plans the removals in the order they need, and changes nothing while it plans', async () => {
    const world = await onboarded();
    const { removals, keeps } = await plan(world, {
      choices: { removeUser: 'bob', removeSignInUser: 'bob' },
    });
    assert.deepEqual(
      removals.map(({ kind }) => kind),
      ['owner-relations', 'device', 'vehicle', 'user', 'certificate', 'thing', 'sign-in-user', 'files'],
    );
    assert.match(keeps.map(english).join(), /never deletes telemetry/);
    assert.ok(
      world.calls.every((call) =>
        /^(vehicle|device|thing|principalsOf|production|certificate|thingsOf|policiesOf|liveVehicle) /.test(
          call,
        ),
      ),
    );
    for (const removal of removals) assert.ok(english(removal.what).length > 10);
  });

  it('says that a vehicle with a certificate of your own CA may come in again', async () => {
    const world = await onboarded();
    const said = async (): Promise<string> => (await plan(world)).keeps.map(english).join('\n');
    assert.doesNotMatch(await said(), /may come in again/);
    const before = { ...world.cloud };
    const caId = 'c'.repeat(64);
    world.cloud.certificate = async (id, signal) => {
      const found = await before.certificate(id, signal);
      return found && { ...found, caId };
    };
    assert.match(await said(), /^Your CA c{12} signed certificate [0-9a-f]{12}: .*may come in again/m);
  });

  it('says in JSON what each removal is, by stable keys', async () => {
    const world = await onboarded();
    const planned = await plan(world, { choices: { removeUser: 'bob', removeSignInUser: 'bob' } });
    const { removals } = planJson(planned) as { removals: Record<string, unknown>[] };
    const of = (kind: string) => removals.find((removal) => removal.kind === kind) ?? {};
    const { arn, things, policies } = of('certificate');
    assert.match(String(arn), new RegExp(`:cert/${idOf(VIN)}$`));
    assert.deepEqual([things, policies], [[VIN], ['CvraTcuDevicePolicy']]);
    assert.deepEqual(of('thing').principals, [arn]);
    const keys = [
      ['owner-relations', 'owners', ['bob']],
      ['device', 'deviceId', VIN.toLowerCase()],
      ['vehicle', 'vin', VIN],
      ['user', 'username', 'bob'],
      ['certificate', 'certificateId', idOf(VIN)],
      ['thing', 'thingName', VIN],
      ['sign-in-user', 'username', 'bob'],
      ['files', 'vin', VIN],
    ] as const;
    for (const [kind, key, value] of keys) assert.deepEqual(of(kind)[key], value, kind);
  });

  it('leaves nothing of the vehicle but what CMS never deletes', async () => {
    const world = await onboarded();
    await remove(world, { choices: { removeUser: 'bob', removeSignInUser: 'bob' } });
    for (const left of [
      world.devices,
      world.vehicles,
      world.owners,
      world.things,
      world.certificates,
      world.stored,
    ]) {
      assert.equal(left.size, 0);
    }
    assert.equal(world.users.size + world.poolUsers.size, 0);
    assert.deepEqual([...world.live.keys()], [VIN]);
  });

  it('leaves users and files when they are not asked for', async () => {
    const world = await onboarded();
    await remove(world, { keepFiles: true });
    assert.equal(world.users.size, 1);
    assert.equal(world.poolUsers.size, 1);
    assert.equal(world.stored.size, 1);
  });

  it('plans nothing when everything is gone', async () => {
    const world = await onboarded();
    await remove(world);
    assert.deepEqual((await plan(world)).removals, []);
  });

  it('counts what went away after the planning as gone, not as removed', async () => {
    const world = await onboarded();
    const planned = await plan(world);
    world.devices.clear();
    const result = await offboard(planned, world.work());
    assert.deepEqual(result.wasGone.map(english), [`device ${VIN.toLowerCase()} from the asset library`]);
  });

  it('detaches but never deletes a certificate that other things use', async () => {
    const world = await onboarded();
    world.certificates.get(idOf(VIN))!.things.add('SIMULATED-1');
    const planned = await plan(world);
    assert.match(planned.keeps.map(english).join(), /SIMULATED-1 uses it too/);
    await offboard(planned, world.work());
    assert.deepEqual([...world.certificates.get(idOf(VIN))!.things], ['SIMULATED-1']);
    assert.equal(world.certificates.get(idOf(VIN))!.status, 'ACTIVE');
    assert.equal(world.things.size, 0);
  });

  it('detaches but never deletes the pair that vehicles of a CMS share, though only one has it', async () => {
    const world = await onboarded();
    const { deployment } = world;
    const certificates: SharedProvisioner = {
      ...{ kind: 'shared', deployment: { generation: 'cdf', name: 'cms-dev1' }, devicePolicy: undefined },
      clientId: ({ thingName }) => thingName,
      renewal: { oldEnds: 'not', words: l10n.verbatim('-') },
      fetch: () => Promise.reject(new Error('Nobody asked for it.')),
    };
    const deps = { ...depsOf(world), deployment: { ...deployment, certificates } };
    const planned = await planOffboard({ vin: VIN }, deps, world.work());
    assert.match(planned.keeps.map(english).join(), /stays: all vehicles of this CMS connect with it/);
    await offboard(planned, world.work());
    assert.equal(world.certificates.get(idOf(VIN))!.status, 'ACTIVE');
    assert.equal(world.things.size, 0);
  });

  it('takes nothing that belongs to another deployment but what is in its own tables', async () => {
    const world = await onboarded();
    const { deployment } = world;
    const removals: typeof deployment.removals = async (...args) => {
      const ofCms = await deployment.removals(...args);
      return { ...ofCms, othersOwn: l10n.verbatim('They belong to another app.') };
    };
    const deps = { ...depsOf(world), deployment: { ...deployment, removals } };
    const planned = await planOffboard({ vin: VIN }, deps, world.work());
    assert.deepEqual(
      planned.removals.map(({ kind }) => kind),
      ['owner-relations', 'device', 'vehicle'],
    );
    assert.match(planned.keeps.map(english).join(), /They belong to another app/);
    await offboard(planned, world.work());
    assert.equal(world.certificates.get(idOf(VIN))!.status, 'ACTIVE');
    assert.deepEqual([world.things.size, world.stored.size], [1, 1]);
  });

  it('leaves a certificate of a thing that may be shared, and the thing, unless the CMS or the key on disk names it', async () => {
    const other = 'b'.repeat(64);
    for (const [hasOther, isStored, isNamed, left] of [
      [false, true, false, []],
      [false, false, true, []],
      [false, false, false, [idOf(VIN)]],
      [true, true, true, [other]],
    ] as const) {
      const world = await onboarded();
      if (!isStored) world.stored.clear();
      const own = world.certificates.get(idOf(VIN))!;
      if (hasOther) world.certificates.set(other, { ...own, things: new Set([VIN]) });
      const planned = await planShared(world, { sharedThing: 'perhaps', isNamed });
      await offboard(planned, world.work());
      assert.deepEqual([...world.certificates.keys()], left);
      assert.equal(world.things.size, left.length);
      assert.equal(/Certificate \w+ stays, and with it the thing/.test(said(planned)), left.length > 0);
    }
  });

  it('takes the certificate that was replaced from here with it, and the thing', async () => {
    const old = 'b'.repeat(64);
    const world = await onboarded();
    const own = world.certificates.get(idOf(VIN))!;
    world.certificates.set(old, { ...own, status: 'INACTIVE', things: new Set([VIN]) });
    world.replaced.set(VIN, [old]);
    await offboard(await planShared(world, { sharedThing: 'perhaps', isNamed: true }), world.work());
    assert.deepEqual([world.certificates.size, world.things.size], [0, 0]);
  });

  it('takes of a thing that another vehicle certainly has the certificate that the CMS names, and no other', async () => {
    for (const isNamed of [true, false]) {
      const world = await onboarded();
      const planned = await planShared(world, { sharedThing: l10n.verbatim('VEH-2 has it.'), isNamed });
      await offboard(planned, world.work());
      assert.equal(world.certificates.size, isNamed ? 0 : 1);
      assert.deepEqual([world.things.size, world.stored.size], [1, 0]);
      assert.match(said(planned), /VEH-2 has it/);
    }
  });

  const said = ({ keeps }: OffboardPlan): string => keeps.map(english).join('\n');
  function planShared(
    world: World,
    { sharedThing, isNamed }: { sharedThing: Removals['sharedThing']; isNamed: boolean },
  ): Promise<OffboardPlan> {
    const { deployment } = world;
    const removals: typeof deployment.removals = async (...args) => {
      const ofCms = await deployment.removals(...args);
      return { ...ofCms, sharedThing, certificateIds: isNamed ? [idOf(VIN)] : [] };
    };
    const deps = { ...depsOf(world), deployment: { ...deployment, removals } };
    return planOffboard({ vin: VIN }, deps, world.work());
  }

  it('removes certificates that the CMS names, unless they are at work elsewhere', async () => {
    for (const [things, left] of [
      [[], 0],
      [['SIMULATED-1'], 1],
    ] as const) {
      const world = await onboarded();
      const { deployment } = world;
      const certificate = world.certificates.get(idOf(VIN))!;
      certificate.things.clear();
      for (const thing of things) certificate.things.add(thing);
      world.stored.clear();
      const removals: typeof deployment.removals = async (...args) => {
        const ofCms = await deployment.removals(...args);
        return { ...ofCms, certificateIds: [idOf(VIN)] };
      };
      const deps = { ...depsOf(world), deployment: { ...deployment, removals } };
      await offboard(await planOffboard({ vin: VIN }, deps, world.work()), world.work());
      assert.equal(world.certificates.size, left);
    }
  });

  it('removes a certificate that an interrupted onboarding left unattached', async () => {
    const world = await onboarded();
    world.certificates.get(idOf(VIN))!.things.clear();
    await remove(world);
    assert.equal(world.certificates.size, 0);
  });

  it('names the removal it stopped at, and continues from there', async () => {
    const world = await onboarded();
    world.failNext(/^deleteCertificate/, 'ACCESS_DENIED');
    await assert.rejects(
      remove(world),
      (error: CmsError) => error.code === 'ACCESS_DENIED' && error.step === 'certificate',
    );
    await remove(world);
    assert.equal(world.certificates.size + world.things.size, 0);
  });

  it('stops when cancelled', async () => {
    const world = await onboarded();
    const planned = await plan(world);
    const controller = new AbortController();
    world.after = (call) => {
      if (call.startsWith('removeDevice')) controller.abort();
    };
    await assert.rejects(
      offboard(planned, world.work(controller.signal)),
      (error: CmsError) => error.code === 'CANCELLED',
    );
    assert.equal(world.vehicles.size, 1);
  });
});

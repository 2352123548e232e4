import assert from 'node:assert/strict';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { checksFor, diagnose } from '../../../src/onboarding/diagnose.ts';
import type { Finding } from '../../../src/cms/contract/checks.ts';
import { onboard } from '../../../src/onboarding/onboard.ts';
import { parseRequest } from '../../../src/cms/cdf/onboarding/request.ts';
import { createWorld, idOf, type World } from './world.ts';

const VIN = 'LSH14J4C4LA046511';

const MISMATCH = new CmsError('CERTIFICATE_UNUSABLE', l10n.verbatim('No key.'), {
  remedy: l10n.verbatim('Replace it.'),
});

async function onboarded(): Promise<World> {
  const world = createWorld();
  const input = { vin: VIN, username: 'bob', firstName: 'B', lastName: 'O', templateName: 'T' };
  await onboard(parseRequest(input, world.now).request, world.deps, world.work());
  return world;
}

async function findings(world: World, publish = true, vin = VIN): Promise<Map<string, Finding>> {
  const request = {
    vin,
    templateName: 'T',
    publish,
    position: { latitude: 1, longitude: 2 },
  };
  const found = new Map<string, Finding>();
  for await (const finding of diagnose(request, { ...world.deps, cloud: world.cloud }, world.work())) {
    found.set(finding.id, finding);
  }
  return found;
}

const failed = (found: Map<string, Finding>) =>
  [...found.values()].filter(({ status }) => status === 'fail').map(({ id }) => id);

describe('The doctor', () => {
  it('finds nothing wrong with an onboarded vehicle, but notes the open asset library', async () => {
    const world = await onboarded();
    const found = await findings(world);
    assert.deepEqual(
      [...found.keys()],
      checksFor(world.deployment).map(({ id }) => id),
    );
    assert.deepEqual(
      [...found.values()].filter(({ status }) => status !== 'ok').map(({ id, status }) => `${id} ${status}`),
      ['asset-library-access warn'],
    );
  });

  it('does not move the vehicle, and knows its own message from older ones', async () => {
    const world = await onboarded();
    const before = world.live.get(VIN)!.position!;
    await findings(world);
    const after = world.live.get(VIN)!.position!;
    assert.deepEqual([after.latitude, after.longitude], [before.latitude, before.longitude]);
    assert.equal(after.headingDegrees, before.headingDegrees + 1);
  });

  it('publishes nothing when told so', async () => {
    const world = await onboarded();
    const published = world.published;
    const found = await findings(world, false);
    assert.equal(world.published, published);
    assert.deepEqual(failed(found), []);
    assert.equal(found.get('received')?.status, 'skip');
  });

  const faults: [what: string, plant: (world: World) => void, expected: string[]][] = [
    [
      'an inactive certificate',
      (world) => (world.certificates.get(idOf(VIN))!.status = 'INACTIVE'),
      ['certificate-status', 'connect'],
    ],
    [
      'a detached policy',
      (world) => world.certificates.get(idOf(VIN))!.policies.clear(),
      ['policy-attached'],
    ],
    [
      'a detached thing',
      (world) => world.certificates.get(idOf(VIN))!.things.clear(),
      ['thing-attached', 'connect'],
    ],
    ['a missing thing', (world) => world.things.clear(), ['thing-attached']],
    [
      'a certificate of another account',
      (world) => world.certificates.clear(),
      ['certificate-status', 'connect'],
    ],
    ['missing files', (world) => world.stored.clear(), ['certificate-files']],
    ['a key that does not fit', (world) => world.unusable.set(VIN, MISMATCH), ['key-match']],
    ['a wrong password', (world) => world.poolUsers.set('bob', 'other'), ['sign-in']],
    ['a device that is not activated', (world) => world.vehicles.clear(), ['registered', 'enrichment']],
    ['messages that get lost', (world) => (world.ingest = () => 'lost'), ['received']],
    ['a vehicle without make and model', (world) => (world.ingest = () => 'nameless'), ['enrichment']],
    ['a missing stack', (world) => world.failNext(/^findDeployment/, 'STACK_NOT_FOUND'), ['stacks']],
  ];
  for (const [what, plant, expected] of faults) {
    it(`finds ${what} and says what to do`, async () => {
      const world = await onboarded();
      plant(world);
      const found = await findings(world);
      assert.deepEqual(failed(found), expected);
      for (const id of expected) assert.ok(english(found.get(id)?.remedy ?? '').length > 1, id);
    });
  }

  it('does not offer to activate a certificate that was revoked', async () => {
    const world = await onboarded();
    world.certificates.get(idOf(VIN))!.status = 'REVOKED';
    const finding = (await findings(world)).get('certificate-status');
    assert.deepEqual([finding?.status, finding?.fix], ['fail', undefined]);
    assert.match(english(finding?.remedy ?? ''), /^Run rotate/);
  });

  it('says of a check whose ground is missing which failure is to blame', async () => {
    const world = await onboarded();
    world.stored.clear();
    assert.match(
      english((await findings(world)).get('connect')?.message ?? ''),
      /because of: certificate-files/,
    );
  });

  it('says that the own checks of a CMS that is not found are left out, and makes the others', async () => {
    const world = await onboarded();
    world.failNext(/^findDeployment/, 'STACK_NOT_FOUND');
    const found = await findings(world);
    assert.deepEqual([...found.keys()].slice(0, 4), ['profile', 'stacks', 'own-checks', 'certificate-files']);
    const { status, message } = found.get('own-checks')!;
    assert.equal(status, 'skip');
    assert.match(english(message), /were skipped, because of: stacks/);
    assert.equal(found.get('certificate-status')?.status, 'ok');
  });

  it('says why a vehicle cannot be named, and skips what needs its names', async () => {
    const world = await onboarded();
    const { deployment } = world;
    const vehicles = {
      ...deployment.vehicles,
      refOf: () => undefined,
      find: () => Promise.resolve(undefined),
    };
    const deps = { ...world.deps, findDeployment: () => Promise.resolve({ ...deployment, vehicles }) };
    const found = await findings({ ...world, deps }, false, 'LSH14J4C4LA046512');
    assert.deepEqual(failed(found).slice(0, 1), ['vehicle']);
    assert.match(english(found.get('vehicle')!.message), /does not know the vehicle LSH14J4C4LA046512/);
    assert.match(english(found.get('vehicle')?.remedy ?? ''), /Check the VIN/);
    assert.match(english(found.get('connect')!.message), /because of: vehicle/);
  });

  it('stops when cancelled', async () => {
    const world = await onboarded();
    const controller = new AbortController();
    controller.abort();
    const request = { vin: VIN, templateName: 'T', publish: true };
    const all = diagnose(
      { ...request, position: { latitude: 1, longitude: 2 } },
      { ...world.deps, cloud: world.cloud },
      world.work(controller.signal),
    );
    await assert.rejects(all.next(), (error: CmsError) => error.code === 'CANCELLED');
  });
});

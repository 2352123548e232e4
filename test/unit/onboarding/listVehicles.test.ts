import assert from 'node:assert/strict';
import { defaultVehicleDetails } from '../../../src/cms/cdf/vehicleDetails.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { findVehicles, listVehicles } from '../../../src/onboarding/listVehicles.ts';
import { onboard } from '../../../src/onboarding/onboard.ts';
import { parseRequest } from '../../../src/cms/cdf/onboarding/request.ts';
import { createWorld, idOf, type World } from './world.ts';

const { signal } = new AbortController();

function depsOf(world: World) {
  world.poolUsers.set(world.signIn.username, world.signIn.password);
  return { deployment: world.deployment, cloud: world.cloud, certificates: world.deps.certificates };
}
const list = (world: World, pageSize: number) => listVehicles(depsOf(world), signal, { pageSize });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('The list of vehicles', () => {
  it('joins registry, certificate, this machine and fleet manager', async () => {
    const world = createWorld();
    const vin = 'LSH14J4C4LA046511';
    const input = { vin, username: 'bob', firstName: 'B', lastName: 'O' };
    await onboard(parseRequest(input, world.now).request, world.deps, world.work());
    const listed = await all(list(world, 10));
    assert.equal(listed.length, 1);
    const [item] = listed;
    assert.deepEqual(item?.vehicle.owners, ['bob']);
    assert.equal(item.details[0]?.state, 'installed');
    assert.equal(item.certificate.cloud[0]?.status, 'ACTIVE');
    assert.deepEqual(item.certificate.local, {
      certificateId: idOf(vin),
      notAfter: new Date(Date.UTC(2049, 11, 31)),
    });
    assert.equal(item.live?.make, 'Acme');
  });

  it('shows vehicles of which nothing else is known', async () => {
    const world = createWorld();
    world.vehicles.set('LONELY', defaultVehicleDetails);
    const [item] = await all(list(world, 10));
    assert.deepEqual(
      [item?.details[0]?.value, item?.live, item?.certificate],
      [undefined, undefined, { local: undefined, cloud: [] }],
    );
  });

  it('says that a pair on this machine is unusable, and goes on', async () => {
    const world = createWorld();
    world.vehicles.set('A', defaultVehicleDetails);
    world.vehicles.set('B', defaultVehicleDetails);
    world.unusable.set('A', new CmsError('CERTIFICATE_UNUSABLE', l10n.verbatim('No key.')));
    const listed = await all(list(world, 10));
    assert.deepEqual(
      listed.map(({ certificate }) => certificate.local),
      ['unusable', undefined],
    );
  });

  it('reads no page that nobody asks for', async () => {
    const world = createWorld();
    for (let i = 0; i < 100; i++) world.vehicles.set(`V${i}`, defaultVehicleDetails);
    const seen: string[] = [];
    for await (const { vehicle } of list(world, 10)) {
      seen.push(vehicle.vin);
      if (seen.length === 15) break;
    }
    assert.equal(seen.length, 15);
    assert.deepEqual(
      world.calls.filter((call) => call.startsWith('vehicles ')),
      ['vehicles 0', 'vehicles 10'],
    );
  });

  it('gives those that are named without reading it, and stops at one that CMS does not know', async () => {
    const world = createWorld();
    for (let i = 0; i < 100; i++) world.vehicles.set(`V${i}`, defaultVehicleDetails);
    const seen: string[] = [];
    const named = findVehicles(depsOf(world), ['V99', 'V3', 'NOBODY', 'V4'], signal);
    await assert.rejects(
      async () => {
        for await (const { vehicle } of named) seen.push(vehicle.vin);
      },
      (error: CmsError) => error.code === 'VEHICLE_NOT_FOUND' && error.message.includes('NOBODY'),
    );
    assert.deepEqual(seen, ['V99', 'V3']);
    assert.deepEqual(
      world.calls.filter((call) => call.startsWith('vehicles ')),
      [],
    );
  });
});

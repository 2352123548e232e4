import assert from 'node:assert/strict';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';
import type { Vehicles } from '../../../src/cms/contract/vehicles.ts';
import { createResolver, resolveVehicle } from '../../../src/onboarding/resolveVehicle.ts';
import type { ProvisioningFacts } from '../../../src/provisioning/certificates.ts';

describe('A vehicle that was named', () => {
  const car = { vin: 'WDB-7', id: 'veh-1', thingName: 'car-1' };
  const find = (name: string) => Promise.resolve(Object.values(car).includes(name) ? car : undefined);
  const vehicles = { refOf: () => undefined, find } as Partial<Vehicles> as Vehicles;
  const stack = {
    id: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/one/1',
  } as Deployment['stack'];
  const here = { accountId: '111122223333', region: 'eu-west-1' };
  const deployment = { vehicles, generation: 'made-up', name: 'one', stack };
  const stored = (stackName: string, more: Partial<ProvisioningFacts> = {}) => ({
    ids: () => Promise.resolve(['veh-1']),
    facts: () =>
      Promise.resolve({ ...car, generation: 'made-up', stackName, ...here, ...more } as ProvisioningFacts),
  });

  for (const name of Object.values(car)) {
    it(`is found by ${name}, in its files or by its CMS`, async () => {
      const { signal } = new AbortController();
      const silent = { ...deployment, vehicles: { ...vehicles, find: () => Promise.resolve(undefined) } };
      assert.deepEqual(await resolveVehicle(name, silent, stored('one'), signal), car);
      assert.deepEqual(await resolveVehicle(name, deployment, stored('another'), signal), car);
      for (const files of [
        stored('another'),
        stored('one', { accountId: '444455556666' }),
        stored('one', { region: 'us-west-2' }),
        stored('one', { generation: 'other' }),
      ]) {
        await assert.rejects(resolveVehicle(name, silent, files, signal), { code: 'VEHICLE_NOT_FOUND' });
      }
    });
  }

  it('by a VIN that several have is not guessed; the ids of each are none', async () => {
    const { signal } = new AbortController();
    const two = {
      ids: () => Promise.resolve(['veh-1', 'veh-2']),
      facts: (id: string) =>
        Promise.resolve({
          ...{ vin: 'WDB-7', id, thingName: id.replace('veh', 'car') },
          ...{ generation: 'made-up', stackName: 'one', ...here },
        } as ProvisioningFacts),
    };
    await assert.rejects(resolveVehicle('WDB-7', deployment, two, signal), {
      code: 'REQUEST_INVALID',
      message: '2 vehicles have the VIN WDB-7: veh-1, veh-2.',
    });
    const second = { vin: 'WDB-7', id: 'veh-2', thingName: 'car-2' };
    assert.deepEqual(await resolveVehicle('veh-2', deployment, two, signal), second);
    assert.deepEqual(await resolveVehicle('car-2', deployment, two, signal), second);
  });

  it('with many others is found in files that are read once', async () => {
    const { signal } = new AbortController();
    const ids = Array.from({ length: 50 }, (_, i) => `veh-${i}`);
    let reads = 0;
    const fleet = {
      ids: () => Promise.resolve(ids),
      facts(id: string) {
        reads += 1;
        const names = { vin: `vin of ${id}`, id, thingName: `thing of ${id}` };
        return Promise.resolve({
          ...{ ...names, generation: 'made-up', stackName: 'one', ...here },
        } as ProvisioningFacts);
      },
    };
    const resolve = createResolver(deployment, fleet);
    const found = await Promise.all(ids.map(async (id) => (await resolve(`vin of ${id}`, signal)).id));
    assert.deepEqual([found, reads], [ids, 50]);

    reads = 0;
    assert.equal((await resolveVehicle('veh-7', deployment, fleet, signal)).vin, 'vin of veh-7');
    assert.equal(reads, 1, 'its folder alone');
  });
});

import assert from 'node:assert/strict';
import type { Vehicles } from '../../../src/cms/contract/vehicles.ts';
import { resolveVehicle } from '../../../src/onboarding/resolveVehicle.ts';
import type { ProvisioningFacts } from '../../../src/provisioning/certificates.ts';

describe('A vehicle that was named', () => {
  const car = { vin: 'WDB-7', id: 'veh-1', thingName: 'car-1' };
  const find = (name: string) => Promise.resolve(Object.values(car).includes(name) ? car : undefined);
  const vehicles = { refOf: () => undefined, find } as Partial<Vehicles> as Vehicles;
  const deployment = { vehicles, generation: 'made-up', name: 'one' };
  const stored = (stackName: string) => ({
    ids: () => Promise.resolve(['veh-1']),
    facts: () => Promise.resolve({ ...car, generation: 'made-up', stackName } as ProvisioningFacts),
  });

  for (const name of Object.values(car)) {
    it(`is found by ${name}, in its files or by its CMS`, async () => {
      const { signal } = new AbortController();
      const silent = { ...deployment, vehicles: { ...vehicles, find: () => Promise.resolve(undefined) } };
      assert.deepEqual(await resolveVehicle(name, silent, stored('one'), signal), car);
      assert.deepEqual(await resolveVehicle(name, deployment, stored('another'), signal), car);
      await assert.rejects(resolveVehicle(name, silent, stored('another'), signal), {
        code: 'VEHICLE_NOT_FOUND',
      });
    });
  }
});

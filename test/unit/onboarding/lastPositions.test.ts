import assert from 'node:assert/strict';
import type { Vehicles } from '../../../src/cms/contract/vehicles.ts';
import { lastPositions } from '../../../src/onboarding/lastPositions.ts';

const record = (vin: string) => ({
  ...{ vin, id: `id-${vin}`, thingName: `thing-${vin}` },
  ...{ make: 'X', model: 'Y', modelYear: 2026, attributes: {}, owners: [] },
});

/** Two pages of vehicles, of which B was never seen. */
const vehicles = {
  list: ({ next }: { next?: string | undefined }) =>
    Promise.resolve(
      next === undefined
        ? { items: [record('A'), record('B')], next: '2' }
        : { items: [record('C')], next: undefined },
    ),
  live: ({ vin }: { vin: string }) =>
    Promise.resolve(
      vin === 'B'
        ? undefined
        : {
            ...{ vin, make: 'X', model: 'Y', modelYear: 2026, troubleCodes: [], devices: [] },
            position: { latitude: 48, longitude: vin === 'A' ? 11 : 12, headingDegrees: 5 },
          },
    ),
} as unknown as Vehicles;

describe('The last positions a CMS knows', () => {
  it('are those of all pages, by every name of the vehicle', async () => {
    const found = await lastPositions({ vehicles }, new AbortController().signal);
    assert.deepEqual(
      found.toSorted((a, b) => a.vin.localeCompare(b.vin)),
      [
        {
          vin: 'A',
          id: 'id-A',
          thingName: 'thing-A',
          position: { latitude: 48, longitude: 11, headingDegrees: 5 },
        },
        {
          vin: 'C',
          id: 'id-C',
          thingName: 'thing-C',
          position: { latitude: 48, longitude: 12, headingDegrees: 5 },
        },
      ],
    );
  });

  it('are none where the CMS cannot be asked', async () => {
    const silent = { list: vehicles.list.bind(vehicles) } as Vehicles;
    const found = await lastPositions({ vehicles: silent }, new AbortController().signal);
    assert.deepEqual(found, []);
  });
});

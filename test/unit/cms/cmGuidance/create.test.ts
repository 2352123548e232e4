import assert from 'node:assert/strict';
import { createPacer, createVehicle } from '../../../../src/cms/cmGuidance/onboarding/create.ts';
import type { NewVehicle } from '../../../../src/cms/cmGuidance/api.ts';
import { createFakeClock } from '../../core/fakeClock.ts';

const VIN = 'LSH14J4C4LA046511';

/**
 * Creates a vehicle of `VIN` with a CMS that shows, so many milliseconds after each create, the VIN that `owner` gives
 * for its id; and the warnings.
 */
async function create(owner: (id: string, sinceMs: number) => string | undefined) {
  const clock = createFakeClock();
  let ids = 0;
  let at = 0;
  const warnings: unknown[] = [];
  const vehicle = createVehicle(
    { vin: VIN } as NewVehicle,
    {
      sources: {
        api: {
          createVehicle() {
            at = clock.now();
            return Promise.resolve({ vehicleId: `VEH-${++ids}`, hasCertificate: true, warnings: [] });
          },
          vehicles: () => Promise.resolve({ items: [], next: undefined }),
        },
        store: {
          vehicle(id: string) {
            const vin = owner(id, clock.now() - at);
            return Promise.resolve(vin === undefined ? undefined : { vin });
          },
        },
      } as unknown as Parameters<typeof createVehicle>[1]['sources'],
      pace: createPacer(),
      warn: (message) => warnings.push(message),
    },
    { clock, random: () => 0, signal: new AbortController().signal },
  );
  const outcome = await vehicle.catch((error: unknown) => error);
  return { outcome, warnings };
}

describe('A new vehicle of the Guidance', () => {
  it('is created again where somebody else got its id within the same second', async () => {
    const { outcome, warnings } = await create((id, sinceMs) =>
      id === 'VEH-1' && sinceMs > 999 ? 'OTHER' : VIN,
    );
    assert.deepEqual(outcome, { vin: VIN, id: 'VEH-2', thingName: VIN });
    assert.equal(warnings.length, 1);
  });

  it('is nothing to go on with while the CMS does not show it', async () => {
    const { outcome } = await create(() => undefined);
    assert.equal((outcome as { code?: string }).code, 'CMS_UNAVAILABLE');
  });

  it('is taken when the CMS shows it late', async () => {
    const { outcome } = await create((_, sinceMs) => (sinceMs > 5000 ? VIN : undefined));
    assert.deepEqual(outcome, { vin: VIN, id: 'VEH-1', thingName: VIN });
  });
});

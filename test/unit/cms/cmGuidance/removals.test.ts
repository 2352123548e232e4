import assert from 'node:assert/strict';
import { removalsOf } from '../../../../src/cms/cmGuidance/removals.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import { english } from '../../../../src/core/wording.ts';

const VIN = 'LSH14J4C4LA046511';

/** A stage that has vehicles with one VIN, each with a certificate of its own, and a campaign for that VIN. */
function stageWith(...ids: string[]): Sources {
  return {
    names: { tables: { certificates: 'certificates' } },
    store: {
      certificateIdOf: (id: string) => Promise.resolve(`of-${id}`),
      fleetsOf: () => Promise.resolve(['FLEET-1']),
      campaignsOf: () => Promise.resolve(['C-1']),
      idsOf: () => Promise.resolve(ids),
    },
  } as unknown as Sources;
}
const plan = (...ids: string[]) =>
  removalsOf(stageWith(...ids), { vin: VIN, id: 'VEH-1', thingName: VIN }, new AbortController().signal);

describe('What the Guidance for Connected Mobility has of a vehicle', () => {
  it('includes the campaigns of its VIN, and a thing that another stage may have', async () => {
    const { last, certificateIds, sharedThing } = await plan('VEH-1');
    assert.deepEqual(
      last.map(({ kind }) => kind),
      ['certificate-row', 'enrollment', 'campaign', 'vehicle'],
    );
    assert.deepEqual([certificateIds, sharedThing], [['of-VEH-1'], 'perhaps']);
  });

  it('leaves what goes by the VIN to another vehicle that has the same', async () => {
    const { last, certificateIds, sharedThing } = await plan('VEH-1', 'VEH-2');
    assert.deepEqual(
      last.map(({ kind }) => kind),
      ['certificate-row', 'enrollment', 'vehicle'],
    );
    assert.deepEqual(certificateIds, ['of-VEH-1']);
    assert.ok(
      typeof sharedThing === 'object' && english(sharedThing).includes('vehicle VEH-2 has the same VIN'),
    );
  });
});

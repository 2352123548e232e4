import assert from 'node:assert/strict';
import { knownOf } from '../../../../src/cms/cmGuidance/onboarding/create.ts';
import { ensureFleet } from '../../../../src/cms/cmGuidance/onboarding/fleets.ts';
import type { Sources } from '../../../../src/cms/cmGuidance/sources.ts';
import { CmsError, isCmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';

const VIN = 'LSH14J4C4LA046511';
const { signal } = new AbortController();
const denied = () => Promise.reject(new CmsError('ACCESS_DENIED', l10n.verbatim('not allowed')));

/** A deployment that has nothing to show to somebody of these groups, who may not read its tables; and what was made. */
function deployment(groups: string[], fleets: { fleetId: string; name: string }[] = []) {
  const made: string[] = [];
  const sources = {
    api: {
      vehicles: () => Promise.resolve({ items: [], next: undefined }),
      fleets: () => Promise.resolve(fleets),
      createFleet(name: string) {
        made.push(name);
        return Promise.resolve({ fleetId: 'FLEET-2', name });
      },
    },
    store: { idsOf: denied, fleetCalled: denied },
    entry: { claims: () => Promise.resolve({ groups, fleetIds: ['FLEET-1'] }) },
  } as unknown as Sources;
  return { sources, made };
}

const codeOf = (error: unknown) => (isCmsError(error) ? error.code : error);

describe('Where the tables of the Guidance may not be read', () => {
  it('a vehicle that is not shown may still be there for who sees some fleets only', async () => {
    for (const groups of [['fleet-operator'], []]) {
      const { sources } = deployment(groups);
      assert.equal(await knownOf(VIN, sources, signal).catch(codeOf), 'ACCESS_DENIED');
    }
  });

  it('a vehicle that is not shown is not there for who sees all fleets', async () => {
    for (const group of ['platform-admin', 'fleet-viewer']) {
      const { sources } = deployment([group]);
      assert.equal(await knownOf(VIN, sources, signal).catch(codeOf), undefined);
    }
  });

  it('no fleet is made, as one of its name may be there', async () => {
    const { sources, made } = deployment(['platform-admin']);
    assert.equal(await ensureFleet(sources, 'Vans', signal).catch(codeOf), 'ACCESS_DENIED');
    assert.deepEqual(made, []);
  });

  it('a fleet that is listed is found', async () => {
    const { sources } = deployment(['fleet-operator'], [{ fleetId: 'FLEET-1', name: 'Vans' }]);
    assert.deepEqual(await ensureFleet(sources, 'Vans', signal), { outcome: 'found', fleetId: 'FLEET-1' });
  });
});

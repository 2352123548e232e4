import assert from 'node:assert/strict';
import { chooseVehicles, vehiclesOf } from '../../../src/onboarding/chooseVehicles.ts';
import type { ProvisioningFacts } from '../../../src/provisioning/certificates.ts';
import { l10n } from '../../../src/core/message.ts';

describe('Choosing vehicles', () => {
  const folder = (facts: Record<string, Partial<ProvisioningFacts> | undefined>) => ({
    folder: 'certs',
    ids: () => Promise.resolve(Object.keys(facts)),
    facts: (vin: string) => Promise.resolve(facts[vin] as ProvisioningFacts | undefined),
  });
  const three = folder({
    A: { tags: ['van', 'night'] },
    B: { tags: ['night'], fuelType: 'EV' },
    C: undefined,
  });
  const vinsOf = async (choosing: ReturnType<typeof chooseVehicles>) =>
    (await choosing).map(({ vin }) => vin);

  it('by VIN takes each once, in the order given', async () => {
    assert.deepEqual(await vinsOf(chooseVehicles({ by: 'vins', vins: ['B', 'A', 'B'] }, three)), ['B', 'A']);
  });

  it('by folder takes all, with or without a word of them', async () => {
    assert.deepEqual(await chooseVehicles({ by: 'folder' }, three), [
      { vin: 'A', id: 'A', tags: ['van', 'night'], fuelType: undefined, facts: { tags: ['van', 'night'] } },
      { vin: 'B', id: 'B', tags: ['night'], fuelType: 'EV', facts: { tags: ['night'], fuelType: 'EV' } },
      { vin: 'C', id: 'C', tags: undefined, fuelType: undefined, facts: undefined },
    ]);
  });

  it('by folder knows a vehicle by its folder, and people by its VIN', async () => {
    const [only] = await chooseVehicles({ by: 'folder' }, folder({ 'VEH-7': { vin: 'A' } }));
    assert.deepEqual([only?.vin, only?.id], ['A', 'VEH-7']);
  });

  it('by tags takes whoever has one of them', async () => {
    assert.deepEqual(await vinsOf(chooseVehicles({ by: 'folder', tags: ['van', 'day'] }, three)), ['A']);
    assert.deepEqual(await vinsOf(chooseVehicles({ by: 'folder', tags: ['night'] }, three)), ['A', 'B']);
    const vehicles = [{ vin: 'X' }, { vin: 'Y', tags: ['van'] }];
    assert.deepEqual(await vinsOf(chooseVehicles({ by: 'manifest', vehicles, tags: ['van'] }, three)), ['Y']);
  });

  it('says which tags there are when none fits, or that there are none', async () => {
    await assert.rejects(chooseVehicles({ by: 'folder', tags: ['Van', 'day'] }, three), {
      code: 'REQUEST_INVALID',
      message: 'No vehicle has the tag Van or day.',
      remedy: l10n.t('Existing tags: {tags}.', { tags: 'night, van' }),
    });
    await assert.rejects(chooseVehicles({ by: 'folder', tags: ['day'] }, folder({ A: {} })), {
      code: 'REQUEST_INVALID',
      remedy: l10n.t(
        'No vehicle has any tags: add some in the column "tags" of the manifest, or with provision --tags.',
      ),
    });
  });

  it('leaves out those whose files are of another deployment, and counts them', () => {
    const id = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/cms-a/1';
    const deployment = { generation: 'cdf', name: 'cms-a', stack: { id } };
    const here = { accountId: '111122223333', region: 'eu-west-1' };
    const of = (stackName: string, generation?: string, where: Partial<typeof here> = {}) => ({
      ...{ stackName, generation, ...here, ...where },
    });
    const chosen = [
      { vin: 'A', facts: of('cms-a') },
      { vin: 'B', facts: of('cms-b') },
      { vin: 'C' },
      { vin: 'D', facts: of('cms-a', 'made-up') },
      { vin: 'E', facts: of('cms-a', 'cdf', { accountId: '444455556666' }) },
      { vin: 'F', facts: of('cms-a', 'cdf', { region: 'us-west-2' }) },
      { vin: 'G', facts: of('cms-a', 'cdf') },
    ];
    const { own, leftOut } = vehiclesOf(chosen, deployment);
    assert.deepEqual([own.map(({ vin }) => vin), leftOut], [['A', 'C', 'G'], 4]);
  });

  it('in an empty folder says so', async () => {
    await assert.rejects(chooseVehicles({ by: 'folder' }, folder({})), { code: 'CERTIFICATE_MISSING' });
  });
});

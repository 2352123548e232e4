import assert from 'node:assert/strict';
import { cdfFields } from '../../../src/cms/cdf/onboarding/fields.ts';
import { createProvisioner } from '../../../src/cms/cdf/provisioner.ts';
import type { ClaimProvisioner } from '../../../src/cms/contract/provisioner.ts';
import { english } from '../../../src/core/wording.ts';
import { usualWishes } from '../../../src/onboarding/usualWishes.ts';
import { fields as madeUp } from '../../support/madeUp/generation.ts';

const v1 = createProvisioner('cms-dev1');

describe('How a vehicle that is known already gets a certificate', () => {
  it('is what its generation wishes, whatever its VIN looks like, and says nothing of the vehicle', () => {
    const { wishes, unkept } = usualWishes('frame-12', v1, cdfFields, {}, 0);
    assert.deepEqual(unkept, []);
    const { claim, keys, templateName, tags, fuelType } = wishes;
    assert.deepEqual(
      { kind: claim.kind, keys, templateName, tags, fuelType },
      {
        ...{ kind: 'per-vehicle', keys: 'keys', templateName: 'CMSFleetProvisioningTemplate' },
        ...{ tags: undefined, fuelType: undefined },
      },
    );
  });

  it('is what somebody prefers where that can be had', () => {
    const { wishes, unkept } = usualWishes('A', v1, cdfFields, { claim: 'temporary', keys: 'csr-ec' }, 0);
    assert.deepEqual([wishes.claim, wishes.keys, unkept], [{ kind: 'temporary' }, 'csr-ec', []]);
  });

  it('keeps what a generation wishes of its claim when somebody prefers the same one', () => {
    const { wishes } = usualWishes('A', v1, cdfFields, { claim: 'per-vehicle' }, 0);
    assert.deepEqual(wishes.claim, { kind: 'per-vehicle', keepFiles: true });
  });

  it('is not what somebody prefers where that cannot be had, which is said', () => {
    const strict: ClaimProvisioner = { ...v1, claims: ['temporary'], keys: ['keys'] };
    const preferred = { claim: 'per-vehicle', keys: 'csr-rsa' } as const;
    const { wishes, unkept } = usualWishes('WDB-7', strict, madeUp, preferred, 0);
    assert.deepEqual([wishes.claim.kind, wishes.keys], ['temporary', 'keys']);
    assert.deepEqual(unkept.map(english), [
      'claim per-vehicle is not possible with this CMS: temporary is used.',
      'keys csr-rsa is not possible with this CMS: keys is used.',
    ]);
  });

  it('is the usual way of its deployment where no vehicles are onboarded', () => {
    const strict: ClaimProvisioner = {
      ...{ ...v1, templateName: 'T' },
      ...{ claims: ['shared', 'temporary'], keys: ['csr-ec', 'keys'] },
    };
    assert.deepEqual(usualWishes('A', strict, undefined, {}, 0).wishes, {
      ...{ claim: { kind: 'temporary' }, keys: 'csr-ec', templateName: 'T' },
    });
  });
});

import assert from 'node:assert/strict';
import { createProvisioner } from '../../../src/cms/cdf/provisioner.ts';
import type { CheckInput } from '../../../src/cms/contract/checks.ts';
import type { ClaimProvisioner } from '../../../src/cms/contract/provisioner.ts';
import { english } from '../../../src/core/wording.ts';
import { provisioningChecks } from '../../../src/onboarding/provisioningChecks.ts';
import { createWorld } from './world.ts';

const made = createProvisioner('cms-dev1');
const brought: ClaimProvisioner = { ...made };
Reflect.deleteProperty(brought, 'setup');

const nothing = () => Promise.resolve(undefined);

/** What the doctor advises in an account that has neither template nor claim policy. */
async function advice(provisioner: ClaimProvisioner): Promise<string[]> {
  const world = createWorld();
  const input = {
    request: { vin: 'V', publish: false, position: { latitude: 0, longitude: 0 } },
    tools: {
      certificateHere: () => Promise.resolve(undefined),
      cloud: { ...world.cloud, template: nothing, policy: nothing },
      connection: world.deps.connection,
    },
    deployment: world.deployment,
  } as CheckInput;
  const remedies: string[] = [];
  for (const check of provisioningChecks(provisioner).filter(({ id }) =>
    ['template', 'claim-policy'].includes(id),
  )) {
    const verdict = await check.run(input, world.work());
    remedies.push(english(verdict!.finding.remedy!));
  }
  return remedies;
}

describe('What the doctor says of a missing template and claim policy', () => {
  it('is to onboard, which makes them', async () => {
    assert.deepEqual(await advice(made), [
      'Run onboard or provision for any vehicle: that creates the template.',
      'Run onboard or provision for any vehicle: that creates the policy.',
    ]);
  });

  it('is to update the stacks where these bring them', async () => {
    const remedy = 'Update the stacks of the CMS, which include it.';
    assert.deepEqual(await advice(brought), [remedy, remedy]);
  });
});

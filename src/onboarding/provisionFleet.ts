import type { OnboardingFields } from '../cms/contract/fields.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { ProvisionDeps, ProvisionResult } from '../provisioning/contract.ts';
import { provision } from '../provisioning/provision.ts';
import { ensureSetup } from '../provisioning/setup.ts';
import { type Outcome, paced, type Pace } from './paced.ts';
import { usualWishes } from './usualWishes.ts';

/** How the certificates of a fleet are made: each key is born where it stays. */
export interface FleetProvisioning {
  /** Of the generation, if it onboards vehicles. */
  fields: OnboardingFields | undefined;
  keys: 'csr-ec' | 'csr-rsa';
  /** Names of vehicles that the CMS has, looked up one at a time. */
  resolve: (vin: string, signal: AbortSignal) => Promise<VehicleRef>;
  pace: Pace;
  onVehicle: (vin: string, outcome: Outcome<ProvisionResult>) => void;
}

/**
 * Gives many vehicles their certificates, with temporary claims and keys that are made here and sent nowhere. Running it
 * again continues.
 * @throws CmsError REQUEST_INVALID where the deployment's claims don't allow that, or what the setup throws
 */
export async function provisionFleet(
  vins: readonly string[],
  deps: ProvisionDeps,
  work: Work,
  { fields, keys, resolve, pace, onVehicle }: FleetProvisioning,
): Promise<{ outcomes: Outcome<ProvisionResult>[]; stoppedBy: CmsError | undefined }> {
  const [first] = vins;
  if (first === undefined) return { outcomes: [], stoppedBy: undefined };
  const { provisioner } = deps;
  const wishesOf = (vin: string) => {
    const { wishes, unkept } = usualWishes(
      vin,
      provisioner,
      fields,
      { claim: 'temporary', keys },
      work.clock.now(),
    );
    if (provisioner.kind === 'claim' && unkept.length === 0) return wishes;
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{name} does not let a vehicle make its own key with a temporary claim.', {
        name: provisioner.deployment.name,
      }),
      { step: 'claim', remedy: l10n.t('Get the certificates one by one, with "provision --vin".') },
    );
  };
  await ensureSetup(wishesOf(first), deps, work);
  return paced(
    vins,
    (vin) => async () =>
      provision({ ...wishesOf(vin), vehicle: await resolve(vin, work.signal) }, deps, work),
    work,
    pace,
    onVehicle,
  );
}

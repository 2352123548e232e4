import type { OnboardingFields, OnboardRequest } from '../cms/contract/fields.ts';
import { defined } from '../core/defined.ts';
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

/** A vehicle of a fleet file, with what the file says of it where its generation has fields. */
export interface FleetVehicle {
  vin: string;
  request?: OnboardRequest;
}

/**
 * Gives many vehicles their certificates, with temporary claims and keys that are made here and sent nowhere. Running it
 * again continues.
 * @throws CmsError REQUEST_INVALID where the deployment's claims don't allow that, or what the setup throws
 */
export async function provisionFleet(
  vehicles: readonly FleetVehicle[],
  deps: ProvisionDeps,
  work: Work,
  { fields, keys, resolve, pace, onVehicle }: FleetProvisioning,
): Promise<{ outcomes: Outcome<ProvisionResult>[]; stoppedBy: CmsError | undefined }> {
  const { provisioner } = deps;
  const wishesOf = ({ vin, request }: FleetVehicle) => {
    const { wishes, unkept } = usualWishes(
      vin,
      provisioner,
      fields,
      { claim: 'temporary', keys },
      work.clock.now(),
    );
    if (provisioner.kind === 'claim' && unkept.length === 0) {
      const said = request === undefined ? undefined : fields?.wishes(request);
      return said === undefined
        ? wishes
        : { ...wishes, templateName: said.templateName, ...defined({ tags: said.tags }) };
    }
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{name} does not let a vehicle make its own key with a temporary claim.', {
        name: provisioner.deployment.name,
      }),
      { step: 'claim', remedy: l10n.t('Get the certificates one by one, with "provision --vin".') },
    );
  };
  const wanted = vehicles.map((each) => ({ vin: each.vin, wishes: wishesOf(each) }));
  const templates = new Map(wanted.map(({ wishes }) => [wishes.templateName, wishes]));
  for (const wishes of templates.values()) await ensureSetup(wishes, deps, work);
  return paced(
    wanted,
    ({ vin, wishes }) => {
      // What a throttled attempt made is still made for it.
      let hadOne: boolean | undefined;
      return async (): Promise<ProvisionResult> => {
        const vehicle = await resolve(vin, work.signal);
        hadOne ??= (await deps.certificates.production(vehicle.id)).kind === 'ok';
        const result = await provision({ ...wishes, vehicle }, deps, work);
        return hadOne ? result : { ...result, result: 'created' };
      };
    },
    work,
    pace,
    ({ vin }, outcome) => onVehicle(vin, outcome),
  );
}

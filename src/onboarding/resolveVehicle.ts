import type { Deployment } from '../cms/contract/deployment.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { type VehicleRef, vehicleRefOf } from '../core/vehicleRef.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';

/**
 * The names of a vehicle that somebody named by VIN or id, or a topic by its thing: as they follow from the VIN, as
 * they stand beside its certificate, or as the CMS has them, which may need a credential.
 * @throws CmsError VIN_INVALID, VEHICLE_NOT_FOUND, or what asking the CMS throws
 */
export async function resolveVehicle(
  name: string,
  { vehicles, generation, name: deployment }: Pick<Deployment, 'vehicles' | 'generation' | 'name'>,
  certificates: Pick<CertificateStore, 'ids' | 'facts'>,
  signal: AbortSignal,
): Promise<VehicleRef> {
  const known = vehicles.refOf(name);
  if (known !== undefined) return known;
  for (const id of await certificates.ids()) {
    const facts = await certificates.facts(id);
    if (facts?.generation !== generation || facts.stackName !== deployment) continue;
    if ([facts.id, facts.vin, facts.thingName].includes(name)) return vehicleRefOf(facts);
  }
  const found = await vehicles.find(name, signal);
  if (found !== undefined) return vehicleRefOf(found);
  throw new CmsError('VEHICLE_NOT_FOUND', l10n.t('CMS knows no vehicle {vin}.', { vin: name }), {
    remedy: l10n.t('Check the VIN, or onboard the vehicle first.'),
  });
}

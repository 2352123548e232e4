import { ambiguousVin } from '../cms/contract/ambiguousVin.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { type VehicleRef, vehicleRefOf } from '../core/vehicleRef.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { isOf } from '../provisioning/stored.ts';

type Naming = Pick<Deployment, 'vehicles' | 'generation' | 'name' | 'stack'>;
type Files = Pick<CertificateStore, 'ids' | 'facts'>;
export type ResolveVehicle = (name: string, signal: AbortSignal) => Promise<VehicleRef>;

/**
 * The names of a vehicle that somebody named by VIN or id, or a topic by its thing: as they follow from the VIN, as
 * they stand beside its certificate, or as the CMS has them, which may need a credential. To read or to send with: a
 * certificate decides there what it may do.
 * @throws CmsError VIN_INVALID, VEHICLE_NOT_FOUND, REQUEST_INVALID for a VIN that several have, or what asking the CMS
 * throws
 */
export function resolveVehicle(
  name: string,
  deployment: Naming,
  certificates: Files,
  signal: AbortSignal,
): Promise<VehicleRef> {
  return createResolver(deployment, certificates)(name, signal);
}

/** The same for many vehicles: the files are read once. */
export function createResolver(deployment: Naming, certificates: Files): ResolveVehicle {
  const { vehicles } = deployment;
  let ids: Promise<ReadonlySet<string>> | undefined;
  let files: Promise<(name: string) => VehicleRef | undefined> | undefined;
  return async (name, signal) => {
    const follows = vehicles.refOf(name);
    if (follows !== undefined) return follows;
    // Rows name a vehicle by its id, which is the name of its folder: no other has to be read.
    ids ??= certificates.ids().then((all) => new Set(all));
    const own = (await ids).has(name) ? await refIn(name, certificates, deployment) : undefined;
    if (own?.id === name) return own;
    files ??= ids.then((all) => namesIn(all, certificates, deployment));
    return (await files)(name) ?? certainVehicle(name, deployment, signal);
  };
}

/** The names of a vehicle in a folder, if that is of the deployment. */
async function refIn(
  folder: string,
  certificates: Files,
  deployment: Naming,
): Promise<VehicleRef | undefined> {
  const facts = await certificates.facts(folder);
  // Files that do not say of which generation they are say too little.
  if (facts?.generation === undefined || !isOf(facts, deployment)) return undefined;
  return vehicleRefOf(facts);
}

/** Looks a name up among the vehicles of a deployment that have files. */
async function namesIn(
  ids: ReadonlySet<string>,
  certificates: Files,
  deployment: Naming,
): Promise<(name: string) => VehicleRef | undefined> {
  const byOneName = new Map<string, VehicleRef>();
  const byVin = new Map<string, VehicleRef[]>();
  for (const folder of ids) {
    const ref = await refIn(folder, certificates, deployment);
    if (ref === undefined) continue;
    byOneName.set(ref.thingName, ref).set(ref.id, ref);
    byVin.set(ref.vin, [...(byVin.get(ref.vin) ?? []), ref]);
  }
  return (name) => {
    const one = byOneName.get(name);
    if (one !== undefined) return one;
    const all = byVin.get(name) ?? [];
    if (all.length > 1) throw ambiguousVin(name, all);
    return all[0];
  };
}

/**
 * The same without what the files of the workspace say, which may name another thing: for work that takes something
 * out of service.
 * @throws CmsError VIN_INVALID, VEHICLE_NOT_FOUND, REQUEST_INVALID for a VIN that several have, or what asking the CMS
 * throws
 */
export async function certainVehicle(
  name: string,
  { vehicles }: Pick<Deployment, 'vehicles'>,
  signal: AbortSignal,
): Promise<VehicleRef> {
  const found = vehicles.refOf(name) ?? (await vehicles.find(name, signal));
  if (found !== undefined) return vehicleRefOf(found);
  throw unknownVehicle(name);
}

export function unknownVehicle(name: string): CmsError {
  return new CmsError('VEHICLE_NOT_FOUND', l10n.t('CMS does not know the vehicle {vin}.', { vin: name }), {
    remedy: l10n.t('Check the VIN, or onboard the vehicle first.'),
  });
}

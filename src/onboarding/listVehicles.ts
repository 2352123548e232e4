import PQueue from 'p-queue';
import { certificateIdOf, type CloudCertificate } from '../aws/iot/certificates.ts';
import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import { everyPage } from '../cms/contract/pages.ts';
import type { LiveVehicle, VehicleDetail, VehicleRecord } from '../cms/contract/vehicles.ts';
import { l10n } from '../core/message.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { unknownVehicle } from './resolveVehicle.ts';

/** A vehicle with all that is known of it, from its CMS, AWS IoT and this machine. */
export interface VehicleListing {
  vehicle: VehicleRecord;
  /** What else its CMS knows of it, such as its device. */
  details: readonly VehicleDetail[];
  certificate: {
    /** On this machine; `unusable` if key and certificate do not fit or cannot be read. */
    local: { certificateId: string; notAfter: Date } | 'unusable' | undefined;
    /** What is attached to the thing; the one that is on this machine too comes first. */
    cloud: CloudCertificate[];
  };
  /** What the CMS last saw of it; undefined if it never saw the vehicle. */
  live: LiveVehicle | undefined;
}

export interface ListDeps {
  deployment: Deployment;
  cloud: CloudIdentities;
  certificates: CertificateStore;
}

// Two calls a vehicle; AWS IoT allows about ten of each a second.
const AT_A_TIME = 4;

/**
 * The vehicles of a CMS, page by page as they are asked for: whoever stops reading, stops the calls.
 * @throws CmsError
 */
export async function* listVehicles(
  deps: ListDeps,
  signal: AbortSignal,
  options: { pageSize?: number } = {},
): AsyncGenerator<VehicleListing, void, undefined> {
  const queue = new PQueue({ concurrency: AT_A_TIME });
  const pages = everyPage(
    (page) => deps.deployment.vehicles.list(page, signal),
    l10n.t('listing the vehicles'),
    options.pageSize ?? 25,
  );
  for await (const page of pages) {
    yield* await queue.addAll(page.items.map((vehicle) => () => joined(vehicle, deps, signal)));
  }
}

/**
 * The same for vehicles that are named by VIN, id or thing: no list is read for them.
 * @throws CmsError VEHICLE_NOT_FOUND for one that the CMS does not know
 */
export async function* findVehicles(
  deps: ListDeps,
  named: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<VehicleListing, void, undefined> {
  for (const name of named) {
    const vehicle = await deps.deployment.vehicles.find(name, signal);
    if (vehicle === undefined) throw unknownVehicle(name);
    yield joined(vehicle, deps, signal);
  }
}

async function joined(
  vehicle: VehicleRecord,
  { deployment, cloud, certificates }: ListDeps,
  signal: AbortSignal,
): Promise<VehicleListing> {
  const { vehicles } = deployment;
  const [details, live, local, attached] = await Promise.all([
    vehicles.details(vehicle, signal),
    vehicles.live?.(vehicle, signal),
    localCertificate(vehicle.id, certificates),
    cloudCertificates(vehicle.thingName, cloud, signal),
  ]);
  const here = typeof local === 'object' ? local.certificateId : undefined;
  const sorted = attached.toSorted((a, b) => Number(b.id === here) - Number(a.id === here));
  return { vehicle, details, live, certificate: { local, cloud: sorted } };
}

async function localCertificate(
  id: string,
  certificates: CertificateStore,
): Promise<VehicleListing['certificate']['local']> {
  const stored = await certificates.production(id);
  switch (stored.kind) {
    case 'ok':
      return { certificateId: stored.pair.certificateId, notAfter: stored.pair.notAfter };
    case 'none':
      return undefined;
    case 'unusable':
      return 'unusable';
  }
}

async function cloudCertificates(
  thingName: string,
  cloud: CloudIdentities,
  signal: AbortSignal,
): Promise<CloudCertificate[]> {
  const found: CloudCertificate[] = [];
  for (const arn of await cloud.principalsOf(thingName, signal)) {
    const id = certificateIdOf(arn);
    const certificate = id === undefined ? undefined : await cloud.certificate(id, signal);
    if (certificate) found.push(certificate);
  }
  return found;
}

import { CmsError } from '../../core/errors.ts';
import { issueMessage } from '../../core/issues.ts';
import { l10n, type Message } from '../../core/message.ts';
import { poll, type Retrying } from '../../core/retry.ts';
import type { EnsureResult } from '../contract/steps.ts';
import type { Supplier } from './api.ts';
import { latestModelYear, vehicleDetailsSchema } from './vehicleDetails.ts';
import type { VehicleDetails } from './vehicleDetails.ts';
import type { AssetDevice, AssetLibrary, Group } from './assetLibrary.ts';
import { lookingAfter, untilSettled } from './certainty.ts';
import type { Facade } from './facade.ts';
import { vehiclePath } from './paths.ts';

export interface ActivateRequest {
  vin: string;
  supplier: Supplier;
  softwareVersion: string;
  vehicle: VehicleDetails;
}

const BASE = [
  'make',
  'model',
  'modelYear',
  'bodyType',
  'fuelType',
  'transmissionType',
  'colorCode',
  'iviType',
] as const;
/** The vehicle template has them, but the facade drops them silently. */
const DROPPED = ['marketCode', 'countryCode', 'transmissionAutoType', 'transmissionManualType'] as const;

/**
 * Makes the vehicle of a registered device, or brings it up to date, and installs the device in it.
 *
 * `marketCode`, `countryCode` and the transmission's sub-types are set afterwards, in a change of the asset
 * library that carries nothing else. That is safe: the change event then has no `make`, so the fleet manager
 * ignores it and keeps the make and model it learned from the activation; sent along with the other details, they
 * would make it drop the event and show a vehicle without a name (CMS v1 fleet manager, group event schema).
 *
 * Activating again is done only if something differs: each activation adds one more document about the vehicle
 * to the fleet manager's index.
 * @throws CmsError REQUEST_INVALID (details), CMS_REQUEST_REFUSED (no such device, the name in other case)
 */
export async function ensureActivated(
  library: AssetLibrary,
  facade: Facade,
  request: ActivateRequest,
  work: Retrying,
): Promise<EnsureResult> {
  checkDetails(request.vehicle, work.clock.now());
  const { vin } = request;
  const { signal } = work;
  const before = await read(library, vin, signal);
  if (before.vehicle !== undefined && before.vehicle.name !== vin) {
    // Telemetry and vehicle are joined by the exact text of the VIN.
    throw new CmsError(
      'CMS_REQUEST_REFUSED',
      l10n.t('The vehicle {vin} exists as "{name}".', { vin, name: before.vehicle.name }),
      { remedy: l10n.t('Remove that vehicle first: its telemetry would never find it.') },
    );
  }
  const activated = isUpToDate(before, request);
  if (!activated) await activate(library, facade, request, work);

  const extras = extrasMissing(before.vehicle, request.vehicle);
  if (Object.keys(extras).length > 0) await library.patchGroup(vehiclePath(vin), extras, signal);
  if (before.vehicle === undefined) return 'created';
  return activated && Object.keys(extras).length === 0 ? 'found' : 'repaired';
}

interface Seen {
  vehicle: Group | undefined;
  device: AssetDevice | undefined;
}

async function read(library: AssetLibrary, vin: string, signal: AbortSignal): Promise<Seen> {
  const [vehicle, device] = await Promise.all([
    library.group(vehiclePath(vin), signal),
    library.device(vin, signal),
  ]);
  return { vehicle, device };
}

async function activate(
  library: AssetLibrary,
  facade: Facade,
  request: ActivateRequest,
  work: Retrying,
): Promise<void> {
  const { vin, supplier, softwareVersion, vehicle } = request;
  const { externalId } = supplier;
  const { signal } = work;
  await untilSettled(work, facade.rest, {
    doing: l10n.t('activating the vehicle {vin}', { vin }),
    send: () => facade.activate({ externalId, deviceId: vin, vin, softwareVersion, vehicle }, signal),
    async settled(reply) {
      if (reply.ok) return true;
      if (!reply.uncertain) return undefined;
      const look = async () => (isUpToDate(await read(library, vin, signal), request) ? true : undefined);
      return poll(work, lookingAfter(reply), look);
    },
  });
}

function isUpToDate({ vehicle, device }: Seen, request: ActivateRequest): boolean {
  if (vehicle === undefined || device === undefined) return false;
  return (
    BASE.every((key) => vehicle.attributes[key] === request.vehicle[key]) &&
    device.attributes.status === 'installed' &&
    device.attributes.softwareVersion === request.softwareVersion &&
    (device.groups?.installed_in ?? []).includes(vehicle.groupPath)
  );
}

function extrasMissing(vehicle: Group | undefined, details: VehicleDetails): Record<string, string> {
  const extras: Record<string, string> = {};
  for (const key of DROPPED) {
    const wanted = details[key];
    if (wanted !== undefined && vehicle?.attributes[key] !== wanted) extras[key] = wanted;
  }
  return extras;
}

/** The facade allows model years up to two from now; the rest is the template's. */
function checkDetails(details: VehicleDetails, now: number): void {
  const problem = problemOf(details, latestModelYear(now));
  if (problem === undefined) return;
  const { field, message } = problem;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The vehicle’s details are not valid: {field}: {problem}.', { field, problem: message }),
    { remedy: l10n.t('Correct the value.'), details: { field } },
  );
}

function problemOf(details: VehicleDetails, latest: number): { field: string; message: Message } | undefined {
  const issue = vehicleDetailsSchema.safeParse(details, { reportInput: true }).error?.issues[0];
  if (issue !== undefined) return { field: issue.path.join('.'), message: issueMessage(issue) };
  if (details.modelYear <= latest) return undefined;
  return { field: 'modelYear', message: l10n.t('{latest} is the latest CMS accepts', { latest }) };
}

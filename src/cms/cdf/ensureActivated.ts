import { CmsError } from '../../core/errors.ts';
import type { EnsureResult, Supplier } from '../deployment.ts';
import { vehicleDetailsSchema } from '../vehicle.ts';
import type { VehicleDetails } from '../vehicle.ts';
import type { AssetDevice, AssetLibrary, Group } from './assetLibrary.ts';
import { attempt, lookRepeatedly, waitsAfter } from './certainty.ts';
import type { Facade } from './facade.ts';
import { vehiclePath } from './paths.ts';
import { refused } from './replies.ts';

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
/** The vehicle template has them, but the facade drops them without a word. */
const DROPPED = ['marketCode', 'countryCode', 'transmissionAutoType', 'transmissionManualType'] as const;
const ATTEMPTS = 3;

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
  signal: AbortSignal,
): Promise<EnsureResult> {
  checkDetails(request.vehicle);
  const { vin } = request;
  const before = await read(library, vin, signal);
  if (before.vehicle !== undefined && before.vehicle.name !== vin) {
    // Telemetry and vehicle are joined by the exact text of the VIN.
    throw new CmsError('CMS_REQUEST_REFUSED', `The vehicle ${vin} exists as "${before.vehicle.name}".`, {
      remedy: 'Remove that vehicle first: its telemetry would never find it.',
    });
  }
  const activated = isUpToDate(before, request);
  if (!activated) await activate(library, facade, request, signal);

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
  signal: AbortSignal,
): Promise<void> {
  const { vin, supplier, softwareVersion, vehicle } = request;
  const doing = `activating the vehicle ${vin}`;
  for (let tries = 1; ; tries++) {
    const reply = await attempt(() =>
      facade.activate(
        { externalId: supplier.externalId, deviceId: vin, vin, softwareVersion, vehicle },
        signal,
      ),
    );
    if (reply.ok) return;
    if (!reply.uncertain) throw refused(facade.rest, reply, doing);
    const done = await lookRepeatedly(
      async () => (isUpToDate(await read(library, vin, signal), request) ? true : undefined),
      waitsAfter(reply),
      signal,
    );
    if (done) return;
    if (tries === ATTEMPTS) throw refused(facade.rest, reply, doing);
  }
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
function checkDetails(details: VehicleDetails): void {
  const parsed = vehicleDetailsSchema.safeParse(details);
  const latest = new Date().getUTCFullYear() + 2;
  const issue = parsed.error?.issues[0];
  const problem = issue
    ? `${issue.path.join('.')}: ${issue.message}`
    : details.modelYear > latest
      ? `modelYear: ${latest} is the latest CMS accepts`
      : undefined;
  if (problem === undefined) return;
  throw new CmsError('REQUEST_INVALID', `The vehicle’s details are not valid: ${problem}.`, {
    remedy: 'Correct the value.',
    details: issue ? { field: issue.path.join('.') } : { field: 'modelYear' },
  });
}

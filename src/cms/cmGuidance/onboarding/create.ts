import { CmsError, isCmsError } from '../../../core/errors.ts';
import { l10n, type Message } from '../../../core/message.ts';
import { poll, type Retrying, waits } from '../../../core/retry.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import { ambiguousVin } from '../../contract/ambiguousVin.ts';
import type { NewVehicle } from '../api.ts';
import { seesAll } from '../claims.ts';
import { isDenied, unlessDenied } from '../../kit/denied.ts';
import type { Sources } from '../sources.ts';
import { refOf, rowsOfVin } from '../vehicles.ts';
import { type VehicleRequest, UNDESCRIBED } from './request.ts';

/** Ids are seconds, and the last one of a second wins: so long lies between two of this run. */
const BETWEEN_MS = 1100;
/** After an answer nobody is given the same id any more once its second has passed; clocks differ a little. */
const SETTLED_MS = 1500;
/** The list reads the table without waiting for its copies. */
const READ_BACK = { attempts: Infinity, withinMs: 10_000, backoff: waits(500, 1000, 2000) };
/** Somebody else may create vehicles, too. */
const MOST_COLLISIONS = 3;

/** Lets tasks run one after the other, with so much time between them that no two get the same id. */
export type Pacer = <T>(task: () => Promise<T>, work: Retrying) => Promise<T>;

export function createPacer(): Pacer {
  let last: Promise<number> = Promise.resolve(-Infinity);
  return (task, work) => {
    const begun = last.then(async (at) => {
      const ms = at + BETWEEN_MS - work.clock.now();
      if (ms > 0) await work.clock.sleep(ms, work.signal);
      return task();
    });
    last = begun.then(
      () => work.clock.now(),
      () => work.clock.now(),
    );
    return begun;
  };
}

/** The body of a new vehicle. */
export function vehicleOf(
  request: VehicleRequest,
  { fleetId, modelManifestName }: { fleetId: string; modelManifestName: string },
): NewVehicle {
  const { vin, make, model, modelYear, licensePlate = '', color = '', vehicleType, fuelType } = request;
  const fuels = {
    Gas: 'gasoline',
    Diesel: 'diesel',
    EV: 'electric',
    Hybrid_MHEV: 'hybrid',
    Hybrid_PHEV: 'hybrid',
  };
  return {
    vin,
    make: make ?? UNDESCRIBED.make,
    model: model ?? UNDESCRIBED.model,
    year: modelYear ?? UNDESCRIBED.modelYear,
    ...{ licensePlate, color, vehicleType, fuelType: fuels[fuelType], fleetId, modelManifestName },
  };
}

/**
 * The vehicles of a VIN: as the API shows them, and as the index of the table has them.
 * @throws CmsError ACCESS_DENIED where neither shows every vehicle
 */
export async function knownOf(
  vin: string,
  { api, store, entry }: Pick<Sources, 'api' | 'store' | 'entry'>,
  signal: AbortSignal,
): Promise<VehicleRef | undefined> {
  const shown = await rowsOfVin(vin, { api }, signal);
  let stored: string[];
  try {
    stored = await store.idsOf(vin, signal);
  } catch (error) {
    // Who sees some fleets only does not see a vehicle of another one: a second one must not be created for that.
    if (!isDenied(error) || !seesAll(await entry.claims(signal))) throw error;
    stored = [];
  }
  const ids = new Set([...shown.map(({ vehicleId }) => vehicleId), ...stored]);
  const [one, another] = ids;
  if (another !== undefined)
    throw ambiguousVin(
      vin,
      [...ids].map((id) => ({ id })),
    );
  return one === undefined ? undefined : refOf({ vehicleId: one, vin });
}

/**
 * Creates a vehicle and proves that it is the one that was asked for: of two that are created in one second the CMS keeps
 * the last. A refusal is followed by a look, too, because a vehicle may be there all the same.
 * @throws CmsError CMS_REQUEST_REFUSED, CMS_UNAVAILABLE, CERTIFICATE_MISSING
 */
export async function createVehicle(
  vehicle: NewVehicle,
  { sources, pace, warn }: { sources: Sources; pace: Pacer; warn: (message: Message) => void },
  work: Retrying,
): Promise<VehicleRef> {
  const { api } = sources;
  const { vin } = vehicle;
  const { signal } = work;
  for (let attempt = 1; attempt <= MOST_COLLISIONS; attempt++) {
    let created;
    try {
      created = await pace(() => api.createVehicle(vehicle, signal), work);
    } catch (error) {
      if (!isCmsError(error) || !['CMS_UNAVAILABLE', 'ENDPOINT_UNREACHABLE'].includes(error.code))
        throw error;
      await work.clock.sleep(SETTLED_MS, signal);
      const known = await poll(work, READ_BACK, () => knownOf(vin, sources, signal));
      if (known === undefined) throw error;
      return known;
    }
    for (const text of created.warnings) warn(l10n.t('The CMS warns of {vin}: {text}', { vin, text }));
    const { vehicleId } = created;
    await work.clock.sleep(SETTLED_MS, signal);
    const owner = await poll(work, READ_BACK, () => vinOf(vehicleId, vin, sources, signal));
    if (owner === undefined) throw notShown(vin, vehicleId);
    if (owner === vin) {
      if (!created.hasCertificate) throw withoutCertificate(vin, created.certificateError);
      return refOf({ vehicleId, vin });
    }
    warn(
      l10n.t(
        '{id} of {vin} was given to {other}, too, which was created in the same second: it is created again.',
        {
          ...{ id: vehicleId, vin, other: owner },
        },
      ),
    );
  }
  throw new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('Others create vehicles in the same seconds: {vin} got no id of its own.', { vin }),
    {
      remedy: l10n.t('Run onboard again when nobody else does.'),
    },
  );
}

/** The VIN of the vehicle with an id; undefined where it cannot be seen yet. */
async function vinOf(
  vehicleId: string,
  vin: string,
  sources: Sources,
  signal: AbortSignal,
): Promise<string | undefined> {
  const row = await unlessDenied(sources.store.vehicle(vehicleId, signal));
  if (row?.vin !== undefined) return row.vin;
  const rows = await rowsOfVin(vin, sources, signal);
  return rows.some((each) => each.vehicleId === vehicleId) ? vin : undefined;
}

function notShown(vin: string, id: string): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The CMS created {vin} as {id}, but does not show it: another vehicle may have that id.', {
      ...{ vin, id },
    }),
    { remedy: l10n.t('Run onboard again: it continues with the vehicle once the CMS shows it.') },
  );
}

function withoutCertificate(vin: string, why: string | undefined): CmsError {
  return new CmsError(
    'CERTIFICATE_MISSING',
    why === undefined
      ? l10n.t('The CMS created {vin}, but no certificate for it.', { vin })
      : l10n.t('The CMS created {vin}, but no certificate for it: {why}', { vin, why }),
    {
      remedy: l10n.t(
        'Run onboard again with --keys csr-ec, which has one made for a key of this computer; or offboard it.',
      ),
    },
  );
}

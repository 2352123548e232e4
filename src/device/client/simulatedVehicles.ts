import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { type VehicleRef, vehicleRefOf } from '../../core/vehicleRef.ts';
import type { SimulationRequest } from '../../protocol/simulation.ts';
import type { StoredIdentity } from '../../provisioning/certificates.ts';
import { type Stored, usablePair } from '../../provisioning/stored.ts';
import type { Codec } from '../../telemetry/codec.ts';
import type { Powertrain } from '../../telemetry/drive.ts';

/** Where certificates and keys come from: the certificate store, or another place. */
export interface DrivingCertificates {
  readonly folder: string;
  production(id: string): Promise<
    Stored<
      Pick<StoredIdentity, 'identity' | 'certificateId'> & {
        facts: { fuelType?: string | undefined } | undefined;
      }
    >
  >;
}

export interface SimulatedVehiclesOptions {
  /** Of the generation that the vehicles are of. */
  codec: Pick<Codec, 'powertrain'>;
  certificates: DrivingCertificates;
  seed: number;
  /** The number of routes. Vehicles take them in turn. */
  routes: number;
  /** Spreads the vehicles evenly over the route instead of starting all at its beginning. */
  spread?: boolean;
  /** Where all vehicles start, as a fraction [0, 1] of the route. */
  from?: number;
  /** Of a larger fleet, only these: where they begin in it, and how many it has. Default: they are the fleet. */
  part?: { offset: number; total: number } | undefined;
  /** Told of each without a usable certificate, which is left out then; without it the first of them ends the work. */
  unusable?: ((vehicle: VehicleRef, error: CmsError) => void) | undefined;
  /** For all vehicles. Default: according to each vehicle's fuel type. */
  powertrain?: Powertrain | undefined;
  /** Those that AWS IoT would cut off at their first message; without it that is not looked at. */
  mayNotSend?: ((vehicles: readonly SendingVehicle[]) => Promise<readonly VehicleRef[]>) | undefined;
  /** Says where they send their telemetry, by the policies of some; for a CMS whose topics do not follow from names. */
  topics?:
    | ((vehicles: readonly SendingVehicle[]) => Promise<((vehicle: VehicleRef) => string) | undefined>)
    | undefined;
  /** CMS's fuel type of a vehicle whose `provisioning.json` has none. */
  fuelTypeOf?: (vehicle: VehicleRef) => string | undefined;
}

/** With the certificate that it connects with. */
interface SendingVehicle {
  vehicle: VehicleRef;
  certificateId: string;
}

/** How many VINs an error names. */
const MOST_NAMED = 5;
/** How many are asked about: a fleet is onboarded alike, and AWS IoT takes ten such calls a second. */
const MOST_ASKED = 5;

/**
 * The vehicles of a simulation, each with its certificate and a seed of its own.
 * Throws CmsError CERTIFICATE_MISSING, which names the vehicles without one, CERTIFICATE_UNUSABLE or
 * CERTIFICATE_STORE_FAILED.
 */
export async function simulatedVehicles(
  chosen: readonly VehicleRef[],
  options: SimulatedVehiclesOptions,
): Promise<SimulationRequest['vehicles']> {
  const vehicles: SimulationRequest['vehicles'] = [];
  const missing: string[] = [];
  const sending: SendingVehicle[] = [];
  const { offset, total } = options.part ?? { offset: 0, total: chosen.length };
  for (const [place, ref] of chosen.entries()) {
    const index = offset + place;
    const { vin } = ref;
    const found = await options.certificates.production(ref.id);
    if (options.unusable !== undefined && found.kind !== 'ok') {
      options.unusable(ref, found.kind === 'unusable' ? found.why : missingError([vin], options));
      continue;
    }
    const stored = usablePair(found);
    if (stored === undefined) {
      missing.push(vin);
      continue;
    }
    sending.push({ vehicle: ref, certificateId: stored.certificateId });
    vehicles.push({
      ...vehicleRefOf(ref),
      identity: stored.identity,
      route: index % options.routes,
      seed: options.seed + index,
      from: options.spread === true ? index / total : (options.from ?? 0),
      powertrain:
        options.powertrain ?? options.codec.powertrain(stored.facts?.fuelType ?? options.fuelTypeOf?.(ref)),
    });
  }
  const [first] = missing;
  if (first === undefined) {
    const asked = sending.slice(0, MOST_ASKED);
    await refuseSilenced(asked, options);
    const topicOf = await options.topics?.(asked);
    return topicOf === undefined
      ? vehicles
      : vehicles.map((vehicle) => ({ ...vehicle, topic: topicOf(vehicle) }));
  }
  throw missingError([first, ...missing.slice(1)], options);
}

function missingError(
  missing: readonly [string, ...string[]],
  { certificates: { folder } }: SimulatedVehiclesOptions,
): CmsError {
  const [first] = missing;
  const names = l10n.list(missing.slice(0, MOST_NAMED), 'comma');
  const more = missing.length - MOST_NAMED;
  return new CmsError(
    'CERTIFICATE_MISSING',
    more > 0
      ? l10n.t('{folder} has no production certificate of {names} and {more} more.', { folder, names, more })
      : l10n.t('{folder} has no production certificate of {names}.', { folder, names }),
    {
      step: 'certificates',
      remedy: l10n.plural(
        missing.length,
        l10n.t('Provision it first: cms-enablement provision --vin {vin}.', { vin: first }),
        l10n.t('Provision them first: cms-enablement provision --vin {vin}.', { vin: first }),
      ),
      details: { vehicles: missing.length },
    },
  );
}

/** @throws CmsError REQUEST_INVALID */
async function refuseSilenced(
  sending: readonly SendingVehicle[],
  { mayNotSend }: SimulatedVehiclesOptions,
): Promise<void> {
  const [silenced] = (await mayNotSend?.(sending)) ?? [];
  if (silenced === undefined) return;
  const { vin } = silenced;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t(
      'The policies of {vin} do not let it send telemetry: its connection would end at the first message.',
      {
        vin,
      },
    ),
    {
      remedy: l10n.t(
        'Run doctor for {vin} with --fix, or onboard it again with the right to send telemetry.',
        { vin },
      ),
    },
  );
}

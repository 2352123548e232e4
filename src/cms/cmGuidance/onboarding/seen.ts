import { CmsError } from '../../../core/errors.ts';
import { l10n } from '../../../core/message.ts';
import { poll, waits } from '../../../core/retry.ts';
import type { VehicleRef } from '../../../core/vehicleRef.ts';
import type { Work } from '../../../core/work.ts';
import { restingSample } from '../../../telemetry/restingSample.ts';
import type { OnboardKit, Provisioned } from '../../contract/onboarding.ts';
import type { LiveVehicle } from '../../contract/vehicles.ts';
import { codec } from '../codec/codec.ts';
import type { Sources } from '../sources.ts';
import { liveOf } from '../vehicles.ts';
import type { VehicleRequest } from './request.ts';

interface Input {
  readonly request: VehicleRequest;
  readonly sources: Sources;
  readonly kit: OnboardKit;
  readonly vehicle: VehicleRef;
  readonly provisioned: Provisioned;
}

/** The stream takes about a second; the first message after a start of its applications takes longer. */
const SHOWN = { attempts: Infinity, withinMs: 120_000, backoff: waits(1000, 2000, 5000) };

/** Says where the vehicle is, unless the CMS has telemetry of it from before. */
export async function sendFirst(
  { request, vehicle, provisioned, kit, sources: { api }, topic }: Input & { topic: string },
  work: Work,
): Promise<{ outcome: 'found' | 'created'; after: number }> {
  const seen = (await api.vehicle(vehicle.id, work.signal))?.latestTelemetry?.timestamp;
  // A vehicle that is on its way must not be put back to where it was onboarded.
  if (seen !== undefined && provisioned.result === 'found') return { outcome: 'found', after: seen };
  const sample = restingSample(request, work.clock, codec.powertrain(request.fuelType));
  const context = {
    ...vehicle,
    tripId: 'onboarding',
    simulationId: 'onboarding',
    serial: 1,
    topic,
    begins: true,
  };
  await kit.publish(vehicle, provisioned, [codec.sample(sample, context)], work);
  return { outcome: 'created', after: sample.time };
}

/** @throws CmsError VEHICLE_NOT_VISIBLE */
export async function waitUntilSeen(
  { vehicle, sources: { api }, kit, after }: Input & { after: number },
  work: Work,
): Promise<{ outcome: 'found'; live: LiveVehicle | undefined }> {
  const look = () =>
    poll(work, SHOWN, async () => {
      const detail = await api.vehicle(vehicle.id, work.signal);
      const time = detail?.latestTelemetry?.timestamp;
      return time !== undefined && time >= after ? detail : undefined;
    });
  const detail = await kit.aside(look);
  if (detail === undefined) {
    const { vin } = vehicle;
    throw new CmsError(
      'VEHICLE_NOT_VISIBLE',
      l10n.t('AWS IoT accepted the telemetry of {vin}, but the CMS does not show it after two minutes.', {
        vin,
      }),
      {
        remedy: l10n.t('Run doctor for {vin}: it looks at rule, stream and catalogs in their order.', {
          vin,
        }),
      },
    );
  }
  return { outcome: 'found', live: liveOf(vehicle, detail, []) };
}

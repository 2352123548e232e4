import PQueue from 'p-queue';
import type { Deployment } from '../cms/contract/deployment.ts';
import { everyPage } from '../cms/contract/pages.ts';
import type { LiveVehicle } from '../cms/contract/vehicles.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';

/** A call a vehicle: of a larger fleet the rest is left out. */
const MOST_VEHICLES = 500;
const AT_A_TIME = 4;
const PAGE = 100;

/** Where a vehicle was when its CMS last heard of it; the CMS does not say when that was. */
export interface LastPosition extends VehicleRef {
  position: NonNullable<LiveVehicle['position']>;
}

/**
 * The last positions that a CMS knows, of its first 500 vehicles; none where it cannot be asked for them.
 * @throws CmsError
 */
export async function lastPositions(
  { vehicles }: Pick<Deployment, 'vehicles'>,
  signal: AbortSignal,
): Promise<LastPosition[]> {
  const found: LastPosition[] = [];
  if (vehicles.live === undefined) return found;
  const queue = new PQueue({ concurrency: AT_A_TIME });
  let asked = 0;
  for await (const { items } of everyPage(
    (page) => vehicles.list(page, signal),
    l10n.t('listing the vehicles'),
    PAGE,
  )) {
    const these = items.slice(0, MOST_VEHICLES - asked);
    asked += these.length;
    await queue.addAll(
      these.map(({ vin, id, thingName }) => async () => {
        const { position } = (await vehicles.live?.({ vin, id, thingName }, signal)) ?? {};
        if (position !== undefined) found.push({ vin, id, thingName, position });
      }),
    );
    if (asked >= MOST_VEHICLES) break;
  }
  return found;
}

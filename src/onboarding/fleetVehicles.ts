import type { Generation } from '../cms/contract/generation.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { manifestVins } from './manifest.ts';

/**
 * The vehicles of a fleet file, named without asking any CMS.
 * @param now milliseconds since 1970
 * @throws CmsError REQUEST_INVALID, MANIFEST_INVALID
 */
export function fleetVehicles(
  text: string,
  fileName: string,
  generations: readonly Generation[],
  now: number,
): VehicleRef[] {
  const able = generations.flatMap(({ onboarding, refOf }) =>
    onboarding === undefined || refOf === undefined ? [] : [{ onboarding, refOf }],
  );
  const fields = able.map(({ onboarding }) => onboarding);
  const vins = manifestVins(text, fileName, fields, now);
  const [first] = able;
  if (first === undefined) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('No CMS that is known here names its vehicles by their VINs.'),
    );
  }
  return vins.map((vin) => first.refOf(vin));
}

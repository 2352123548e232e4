import { isThingName } from '../../aws/iot/thingName.ts';
import { CmsError } from '../../core/errors.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';
import { l10n } from '../../core/message.ts';

/**
 * The thing name of a VIN: the VIN in upper case. It is also a topic segment and part of a URL; whether it is a real
 * VIN is not checked here. @throws CmsError VIN_INVALID
 */
export function thingNameOf(vin: string): string {
  if (!isThingName(vin)) {
    throw new CmsError('VIN_INVALID', l10n.t('"{vin}" cannot be used as a thing name.', { vin }), {
      remedy: l10n.t('Use letters, digits, ":", "_" and "-" only, 128 at most.'),
    });
  }
  return vin.toUpperCase();
}

/** In CMS v1 one text is VIN, id, thing and client id of a vehicle. @throws CmsError VIN_INVALID */
export function refOf(vin: string): VehicleRef {
  const name = thingNameOf(vin);
  return { vin: name, id: name, thingName: name };
}

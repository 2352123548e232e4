import { isThingName } from '../../aws/iot/thingName.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';

/** Begins the names of things. */
export const THING_PREFIX = 'Vehicle_';

/**
 * The VIN as the pre-provisioning hook makes it: without anything but letters and digits, in upper case. The hook looks
 * vehicles up by it, but the template names the thing by what was sent: so nothing else is ever sent.
 * Source: the hook's `clean_vin`, which lets letters of every alphabet stay.
 */
export function canonicalVin(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
}

/** The names of a vehicle, by its VIN or its thing. @throws CmsError VIN_INVALID */
export function refOf(name: string): VehicleRef {
  const vin = canonicalVin(name.startsWith(THING_PREFIX) ? name.slice(THING_PREFIX.length) : name);
  const thingName = `${THING_PREFIX}${vin}`;
  if (vin === '' || !isThingName(thingName)) {
    throw new CmsError('VIN_INVALID', l10n.t('"{vin}" cannot be used as a thing name.', { vin: name }), {
      remedy: l10n.t('Use letters and digits only, {most} at most.', { most: 128 - THING_PREFIX.length }),
    });
  }
  return { vin, id: vin, thingName };
}

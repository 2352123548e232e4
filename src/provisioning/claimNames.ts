import { createHash } from 'node:crypto';

/** A claim certificate's MQTT client id begins so: it can never push a vehicle (client id = thing) off. */
export const claimClientPrefix = 'claim-';
/** X.520 allows no longer common name. */
const LONGEST_COMMON_NAME = 64;

/**
 * The subject of a claim that was made for one vehicle. AWS IoT signs it, so that it can be asked later whose claim
 * that is, whatever a file says.
 */
export function claimNameOf(thingName: string): string {
  const name = `${claimClientPrefix}${thingName}`;
  if (name.length <= LONGEST_COMMON_NAME) return name;
  return `${claimClientPrefix}${createHash('sha256').update(thingName).digest('hex').slice(0, 40)}`;
}

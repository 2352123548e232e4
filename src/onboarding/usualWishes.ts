import { byOwnCa } from '../cms/contract/provisioner.ts';
import type { OnboardingFields } from '../cms/contract/fields.ts';
import type {
  ClaimProvisioner,
  ClaimSource,
  Provisioner,
  ProvisionWay,
  ProvisionWishes,
} from '../cms/contract/provisioner.ts';
import { l10n, type Message } from '../core/message.ts';

/** What somebody prefers wherever it can be had, such as the settings of an editor. */
export interface Preferred {
  claim?: 'per-vehicle' | 'temporary' | undefined;
  keys?: ProvisionWishes['keys'] | undefined;
  way?: ProvisionWay | undefined;
}

/**
 * How a vehicle that its CMS knows already gets a certificate: as its generation wishes, and as somebody prefers where
 * the deployment can do that.
 * @param fields of the generation, if it onboards vehicles
 * @returns `unkept`: a sentence for each preference that cannot be met
 */
export function usualWishes(
  vin: string,
  provisioner: Provisioner,
  fields: OnboardingFields | undefined,
  preferred: Preferred,
  now: number,
): { wishes: ProvisionWishes; unkept: Message[] } {
  const wishes = fields === undefined ? leastWishes(provisioner) : wishesOf(vin, fields, now);
  if (provisioner.kind !== 'claim') return { wishes, unkept: [] };
  const unkept: Message[] = [];
  const { claim, keys, way } = preferred;
  if (byOwnCa(way)) {
    if (provisioner.ownCa !== undefined) wishes.way = way;
    else unkept.push(notHere('provisioner', way, 'claim'));
  }
  if (claim !== undefined && claim !== wishes.claim.kind) {
    if (provisioner.claims.includes(claim)) wishes.claim = { kind: claim };
    else unkept.push(notHere('claim', claim, wishes.claim.kind));
  }
  if (keys !== undefined) {
    if (provisioner.keys.includes(keys)) wishes.keys = keys;
    else unkept.push(notHere('keys', keys, wishes.keys));
  }
  return { wishes, unkept };
}

function wishesOf(vin: string, fields: OnboardingFields, now: number): ProvisionWishes {
  // The CMS took the VIN long ago, whatever it looks like.
  const taken = 'allowAnyVin' in fields.schema.shape ? { allowAnyVin: true } : {};
  const { request } = fields.parse({ ...fields.unasked, ...taken, vin }, now);
  // It was not asked about the vehicle itself, so nothing is said of that.
  return { ...fields.wishes(request), tags: undefined, fuelType: undefined };
}

function leastWishes(provisioner: Provisioner): ProvisionWishes {
  if (provisioner.kind !== 'claim') return { claim: { kind: 'temporary' }, keys: 'keys', templateName: '' };
  const { templateName, keys } = provisioner;
  return { claim: usualClaim(provisioner), keys: keys[0], templateName };
}

/** A shared claim is in files that somebody has to name. */
function usualClaim({ claims }: ClaimProvisioner): ClaimSource {
  return { kind: claims.find((kind) => kind !== 'shared') ?? 'temporary' };
}

function notHere(setting: string, value: string, instead: string): Message {
  return l10n.t('{setting} {value} is not possible with this CMS: {instead} is used.', {
    ...{ setting, value, instead },
  });
}

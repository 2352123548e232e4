import type { AttachedCertificate } from '../aws/iot/certificates.ts';
import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { Connection } from '../aws/connection.ts';
import { retireCertificate } from '../aws/iot/retireCertificate.ts';
import type { Provisioner } from '../cms/contract/provisioner.ts';
import { l10n, type Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Retrying } from '../core/retry.ts';
import { claimNameOf } from './claimNames.ts';

/** The vehicle that a certificate is asked to belong to. */
export interface Owner {
  vin: string;
  thingName: string;
  /** The policy that lets a certificate act as the thing it is attached to, and as nothing else. */
  devicePolicy: string | undefined;
  /** The policies of claims begin so; undefined where there are no claims. */
  claimPolicy: string | undefined;
  /** All vehicles of its CMS connect with one pair, which is no vehicle's own. */
  sharesPair: boolean;
}

/** What is known of a certificate besides what AWS IoT says of it. */
export interface Knowledge {
  /** AWS IoT answered this run with it: no file did. */
  madeHere?: boolean;
  /** The vehicle's folder has its private key. */
  keyHeld?: boolean;
  /** The CMS itself has it in its list of the vehicle's certificates. */
  namedByCms?: boolean;
  /** A file calls it a shared claim. Only for the words: a file decides nothing. */
  calledShared?: boolean;
}

export type Belonging =
  | { own: true; as: 'certificate' | 'claim' | 'unused' }
  /** A sentence: "Certificate … stays: …". */
  | { own: false; why: Message };

export function ownerOf({ vin, thingName }: VehicleRef, provisioner: Provisioner | undefined): Owner {
  return {
    vin,
    thingName,
    devicePolicy: provisioner?.devicePolicy,
    claimPolicy:
      provisioner?.kind === 'claim' ? provisioner.claimPolicyNameOf(provisioner.templateName) : undefined,
    sharesPair: provisioner?.kind === 'shared',
  };
}

/**
 * Whether a certificate may be taken out of service for a vehicle. AWS IoT has to say so, never a file of the
 * workspace, which anybody may have written. It says so of a certificate
 * - that is attached to the vehicle's thing and to no other;
 * - that is attached to nothing and has the vehicle's name, or the name of its claim, as the subject AWS IoT signed;
 * - that is attached to nothing and stands in the CMS's own list of the vehicle's certificates;
 * - that lets nobody do anything: attached to nothing, without a policy but the device policy, which needs a thing.
 *   That alone would hit the spare certificate of somebody else, so its key must be in the vehicle's folder, too.
 * Where vehicles share one pair, none is: a fleet of one vehicle would lose what the next one connects with.
 */
export function belongsTo(owner: Owner, certificate: AttachedCertificate, known: Knowledge = {}): Belonging {
  const { id, things, policies, commonName } = certificate;
  const { vin, thingName, devicePolicy } = owner;
  const others = things.filter((name) => name !== thingName);
  if (others.length > 0) {
    return { own: false, why: usedByOthers(id, others, things.length > others.length ? 'too' : 'only') };
  }
  if (owner.sharesPair) {
    return {
      own: false,
      why: l10n.t('Certificate {id} stays: all vehicles of this CMS connect with it.', { id }),
    };
  }
  if (things.length > 0) return { own: true, as: 'certificate' };
  if (commonName === claimNameOf(thingName)) return { own: true, as: 'claim' };
  if (commonName === thingName) return { own: true, as: 'certificate' };
  if (known.madeHere === true || known.namedByCms === true) return { own: true, as: 'unused' };
  if (known.keyHeld === true && policies.every((name) => name === devicePolicy)) {
    return { own: true, as: 'unused' };
  }
  const { claimPolicy } = owner;
  const isClaim =
    claimPolicy !== undefined &&
    policies.some((name) => name === claimPolicy || name.startsWith(`${claimPolicy}-`));
  return {
    own: false,
    why:
      isClaim || known.calledShared === true
        ? l10n.t('Certificate {id} stays: it is a shared claim, used by others.', { id })
        : l10n.t('Certificate {id} stays: nothing in AWS IoT says that it belongs to {vin}.', { id, vin }),
  };
}

function usedByOthers(id: string, others: readonly string[], how: 'too' | 'only'): Message {
  const things = others.slice(0, 3).join(', ');
  if (how === 'only') return l10n.t('Certificate {id} stays: it belongs to {things}.', { id, things });
  return l10n.plural(
    others.length,
    l10n.t('Certificate {id} stays: {things} uses it too. It is detached only.', { id, things }),
    l10n.t('Certificate {id} stays: {things} use it too. It is detached only.', { id, things }),
  );
}

export type Looking = Pick<CloudIdentities, 'certificate' | 'thingsOf' | 'policiesOf'>;

/** A certificate and what is attached to it now; undefined if AWS IoT does not know it. */
export async function lookAt(
  cloud: Looking,
  certificateId: string,
  signal: AbortSignal,
): Promise<AttachedCertificate | undefined> {
  const certificate = await cloud.certificate(certificateId, signal);
  if (certificate === undefined) return undefined;
  const things = await cloud.thingsOf(certificate.arn, signal);
  return { ...certificate, things, policies: await cloud.policiesOf(certificate.arn, signal) };
}

/**
 * Deactivates a certificate of the vehicle, or with `remove` deletes it, after asking AWS IoT once more whether it is
 * one. Returns why it stays, if it does; one that is gone already is fine.
 */
export async function retireOwn(
  connection: Connection,
  certificateId: string,
  owner: Owner,
  { remove, ...known }: Knowledge & { remove: boolean },
  work: Retrying,
): Promise<Message | undefined> {
  let why: Message | undefined;
  const allows = (certificate: AttachedCertificate): boolean => {
    const belonging = belongsTo(owner, certificate, known);
    if (!belonging.own) why = belonging.why;
    return belonging.own;
  };
  await retireCertificate(connection, certificateId, { remove, allows }, work);
  return why;
}

import { certificateIdOf, type AttachedCertificate } from '../aws/iot/certificates.ts';
import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { OffboardChoices, Removal } from '../cms/contract/removals.ts';
import { isCmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { type VehicleRef, vehicleRefOf } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import {
  belongsTo,
  lookAt,
  ownerOf,
  type Belonging,
  type Knowledge,
  type Owner,
} from '../provisioning/belonging.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';
import { certainVehicle, resolveVehicle } from './resolveVehicle.ts';

export interface OffboardRequest {
  /** Or its id. */
  vin: string;
  /** What else is to go, by the options of the generation. */
  choices?: OffboardChoices;
  /** Leave the vehicle's certificates and keys on this machine. */
  keepFiles?: boolean;
}

export interface OffboardDeps {
  deployment: Deployment;
  cloud: CloudIdentities;
  certificates: CertificateStore;
}

export interface OffboardPlan extends VehicleRef {
  /** In the order in which they have to go. */
  removals: Removal[];
  /** What stays although one may expect otherwise, and why. */
  keeps: Message[];
}

/** Looks at what is there of a vehicle, and says what `offboard` would remove. Changes nothing. */
export async function planOffboard(
  request: OffboardRequest,
  deps: OffboardDeps,
  work: Work,
): Promise<OffboardPlan> {
  const { deployment, cloud, certificates } = deps;
  const { signal } = work;
  let vehicle: VehicleRef;
  try {
    vehicle = await certainVehicle(request.vin, deployment, signal);
  } catch (error) {
    if (!isCmsError(error) || error.code !== 'VEHICLE_NOT_FOUND') throw error;
    return planOfFiles(request, deps, signal);
  }
  const ofCms = await deployment.removals(vehicle, request.choices ?? {}, signal);
  const removals: Removal[] = [...ofCms.first];
  if (ofCms.othersOwn !== undefined) {
    removals.push(...ofCms.last);
    return { ...vehicleRefOf(vehicle), removals, keeps: [ofCms.othersOwn, ...ofCms.keeps] };
  }
  const keeps: Message[] = [];

  const { thingName } = vehicle;
  const thing = await cloud.thing(thingName, signal);
  const principals = thing ? await cloud.principalsOf(thingName, signal) : [];
  const wanted = new Map<string, Knowledge>();
  for (const arn of principals) {
    const id = certificateIdOf(arn);
    if (id !== undefined) wanted.set(id, {});
  }
  for (const id of ofCms.certificateIds ?? []) wanted.set(id, { namedByCms: true });
  for (const [id, known] of await localCertificates(vehicle, certificates, keeps))
    wanted.set(id, { ...wanted.get(id), ...known });
  const owner = ownerOf(vehicle, deployment.certificates);
  const { sharedThing } = ofCms;
  let thingStays = typeof sharedThing === 'object';
  if (typeof sharedThing === 'object') keeps.push(sharedThing);
  for (const [id, known] of wanted) {
    const certificate = await lookAt(cloud, id, signal);
    if (!certificate) continue;
    const isAttached = certificate.things.includes(thingName);
    if (sharedThing !== undefined && isAttached && !isNamed(known, sharedThing)) {
      keeps.push(mayBeOthers(id, vehicle));
      thingStays = true;
      continue;
    }
    const belonging = belongsTo(owner, certificate, known);
    if (belonging.own) {
      removals.push(certificateRemoval(owner, certificate, known, belonging.as, cloud));
      if (certificate.caId !== undefined) keeps.push(mayComeAgain(id, certificate.caId));
    } else keeps.push(belonging.why);
  }
  if (thing && !thingStays) removals.push(thingRemoval(thingName, principals, cloud));
  removals.push(...ofCms.last);
  if (!request.keepFiles && (await certificates.ids()).includes(vehicle.id)) {
    removals.push(filesRemoval(vehicle, certificates));
  }
  keeps.push(...ofCms.keeps);
  return { ...vehicleRefOf(vehicle), removals, keeps };
}

/** Whether a certificate of a thing that is shared is known to be this vehicle's. */
function isNamed(known: Knowledge, sharedThing: 'perhaps' | Message): boolean {
  return known.namedByCms === true || (sharedThing === 'perhaps' && known.keyHeld === true);
}

function mayBeOthers(id: string, { vin, thingName }: VehicleRef): Message {
  return l10n.t(
    'Certificate {id} stays, and with it the thing {thing}: the CMS does not name it for this vehicle, and another vehicle with the VIN {vin} may connect with it.',
    { id: id.slice(0, 12), thing: thingName, vin },
  );
}

/** AWS IoT forgets a certificate that is deleted, and registers it anew when its vehicle connects. */
function mayComeAgain(id: string, caId: string): Message {
  return l10n.t(
    'Your CA {caId} signed certificate {id}: a vehicle that still has it may come in again as long as that CA is switched on. "ca off" keeps out all new vehicles of it.',
    { id: id.slice(0, 12), caId: caId.slice(0, 12) },
  );
}

/** Of a vehicle that only files of the workspace know. What they name in AWS IoT may be anybody's. */
async function planOfFiles(
  { vin, keepFiles }: OffboardRequest,
  { deployment, certificates }: OffboardDeps,
  signal: AbortSignal,
): Promise<OffboardPlan> {
  const vehicle = await resolveVehicle(vin, deployment, certificates, signal);
  const keeps = [
    l10n.t('Thing {name} and its certificates stay: only files name them, CMS does not know {vin}.', {
      name: vehicle.thingName,
      vin: vehicle.vin,
    }),
  ];
  const removals = keepFiles === true ? [] : [filesRemoval(vehicle, certificates)];
  return { ...vehicleRefOf(vehicle), removals, keeps };
}

/** AWS IoT said that it belongs to the vehicle, and is asked again: it may have become somebody else's since. */
function certificateRemoval(
  owner: Owner,
  { id, arn, things, policies }: AttachedCertificate,
  known: Knowledge,
  as: Extract<Belonging, { own: true }>['as'],
  cloud: CloudIdentities,
): Removal {
  return {
    kind: 'certificate',
    what: describeCertificate(id, owner.vin, as),
    about: { certificateId: id, arn, things, policies, vin: owner.vin, as, known },
    async remove(work) {
      const certificate = await lookAt(cloud, id, work.signal);
      if (certificate === undefined) return false;
      const belonging = belongsTo(owner, certificate, known);
      if (!belonging.own) return { stays: belonging.why };
      return cloud.deleteCertificate(certificate, work);
    },
  };
}

function thingRemoval(name: string, principals: readonly string[], cloud: CloudIdentities): Removal {
  return {
    kind: 'thing',
    what: l10n.t('thing {name}', { name }),
    about: { thingName: name, principals },
    async remove(work) {
      for (const arn of principals) await cloud.detachThing(name, arn, work.signal);
      return cloud.deleteThing(name, work);
    },
  };
}

function filesRemoval({ vin, id }: VehicleRef, certificates: CertificateStore): Removal {
  const { folder } = certificates;
  return {
    kind: 'files',
    what: l10n.t('the certificates and keys of {vin} in {folder}', { vin, folder }),
    about: { vin, id, folder },
    remove: () => certificates.remove(id).then(() => true),
  };
}

/** The certificates that the vehicle's files name: an interrupted onboarding may not have attached them. */
async function localCertificates(
  { vin, id }: VehicleRef,
  store: CertificateStore,
  keeps: Message[],
): Promise<Map<string, Knowledge>> {
  const known = new Map<string, Knowledge>();
  const facts = await store.facts(id);
  if (facts !== undefined) {
    known.set(facts.certificateId, {});
    const { kind, certificateId } = facts.claim ?? {};
    if (certificateId !== undefined) known.set(certificateId, { calledShared: kind === 'shared' });
  }
  // What was replaced here may still be attached to the thing.
  const unread = l10n.t(
    'A certificate of {vin} on disk cannot be read, so AWS IoT was not searched for it.',
    { vin },
  );
  try {
    for (const previous of await store.previousIds(id)) known.set(previous, { keyHeld: true });
  } catch (error) {
    if (!isCmsError(error) || error.code !== 'CERTIFICATE_STORE_FAILED') throw error;
    keeps.push(unread);
  }
  for (const stored of [await store.production(id), await store.candidate(id), await store.bootstrap(id)]) {
    if (stored.kind === 'ok') known.set(stored.pair.certificateId, { keyHeld: true });
    if (stored.kind === 'unusable') keeps.push(unread);
  }
  return known;
}

function describeCertificate(id: string, vin: string, as: Extract<Belonging, { own: true }>['as']): Message {
  switch (as) {
    case 'certificate':
      return l10n.t('certificate {id} (detached, deactivated, deleted)', { id });
    case 'claim':
      return l10n.t('claim certificate {id}, made for {vin} (deactivated, deleted)', { id, vin });
    case 'unused':
      return l10n.t('certificate {id}, which nothing uses (deactivated, deleted)', { id });
  }
}

import { certificateIdOf } from '../aws/iot/certificates.ts';
import type { CloudIdentities } from '../aws/iot/cloudIdentities.ts';
import type { CmsDeployment } from '../cms/deployment.ts';
import { l10n, type Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import { belongsTo, lookAt, ownerOf, type Belonging, type Knowledge } from '../provisioning/belonging.ts';
import type { CertificateStore } from '../provisioning/certificates.ts';

export interface OffboardRequest {
  vin: string;
  /** Also remove this CMS user. */
  removeUser?: string;
  /** Also remove this user from the user pool. */
  removeSignInUser?: string;
  /** Leave the vehicle's certificates and keys on this machine. */
  keepFiles?: boolean;
}

export interface OffboardDeps {
  /** Signed in. */
  deployment: CmsDeployment;
  cloud: CloudIdentities;
  certificates: CertificateStore;
}

/** A certificate that AWS IoT said belongs to the vehicle. It is asked again before anything is done to it. */
export interface CertificateRemoval {
  kind: 'certificate';
  certificateId: string;
  arn: string;
  things: string[];
  policies: string[];
  vin: string;
  as: Extract<Belonging, { own: true }>['as'];
  known: Knowledge;
}

/** One thing that will be removed. A plan lists them in the order in which they have to go. */
export type Removal =
  | { kind: 'owner-relations'; vin: string; owners: string[] }
  | { kind: 'device'; vin: string; deviceId: string }
  | { kind: 'vehicle'; vin: string }
  | { kind: 'user'; username: string }
  | { kind: 'sign-in-user'; username: string }
  | CertificateRemoval
  | { kind: 'thing'; thingName: string; principals: string[] }
  | { kind: 'files'; vin: string; id: string; folder: string };

export interface OffboardPlan {
  vin: string;
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
  const { vin } = request;
  const { deployment, cloud } = deps;
  const ref = deployment.refOf(vin);
  const { signal } = work;
  const removals: Removal[] = [];
  const keeps: Message[] = [];

  const [vehicle, device] = [await deployment.vehicle(vin, signal), await deployment.device(vin, signal)];
  if (vehicle && vehicle.owners.length > 0) {
    removals.push({ kind: 'owner-relations', vin, owners: vehicle.owners });
  }
  if (device) removals.push({ kind: 'device', vin, deviceId: device.deviceId });
  if (vehicle) removals.push({ kind: 'vehicle', vin });
  if (request.removeUser !== undefined) removals.push({ kind: 'user', username: request.removeUser });

  const { thingName } = ref;
  const thing = await cloud.thing(thingName, signal);
  const principals = thing ? await cloud.principalsOf(thingName, signal) : [];
  const wanted = new Map<string, Knowledge>();
  for (const arn of principals) {
    const id = certificateIdOf(arn);
    if (id !== undefined) wanted.set(id, {});
  }
  for (const [id, known] of await localCertificates(ref, deps.certificates, keeps)) wanted.set(id, known);
  for (const [id, known] of wanted) {
    const certificate = await lookAt(cloud, id, signal);
    if (!certificate) continue;
    const belonging = belongsTo(ownerOf(ref, deployment.provisioner), certificate, known);
    if (!belonging.own) {
      keeps.push(belonging.why);
      continue;
    }
    const { arn, things, policies } = certificate;
    const { as } = belonging;
    removals.push({ kind: 'certificate', certificateId: id, arn, things, policies, vin, as, known });
  }
  if (thing) removals.push({ kind: 'thing', thingName, principals });
  if (request.removeSignInUser !== undefined) {
    removals.push({ kind: 'sign-in-user', username: request.removeSignInUser });
  }
  if (!request.keepFiles && (await deps.certificates.ids()).includes(ref.id)) {
    removals.push({ kind: 'files', vin, id: ref.id, folder: deps.certificates.folder });
  }
  if ((await deployment.liveVehicle(vin, signal)) !== undefined) {
    keeps.push(
      l10n.t('The fleet manager goes on showing the last message of {vin}: CMS never deletes telemetry.', {
        vin,
      }),
    );
  }
  return { vin, removals, keeps };
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
  for (const stored of [await store.production(id), await store.candidate(id), await store.bootstrap(id)]) {
    if (stored.kind === 'ok') known.set(stored.pair.certificateId, { keyHeld: true });
    if (stored.kind === 'unusable') {
      keeps.push(
        l10n.t('A certificate of {vin} on disk cannot be read, so it is not looked for in AWS IoT.', { vin }),
      );
    }
  }
  return known;
}

/** What a removal removes: "thing SIMULATED-1". */
export function describeRemoval(removal: Removal): Message {
  switch (removal.kind) {
    case 'owner-relations': {
      const owners = removal.owners.join(', ');
      return l10n.t('the owner relation of {owners} to {vin}', { owners, vin: removal.vin });
    }
    case 'device':
      return l10n.t('device {id} from the asset library', { id: removal.deviceId });
    case 'vehicle':
      return l10n.t('vehicle {vin} from the asset library', { vin: removal.vin });
    case 'user':
      return l10n.t('CMS user {name} from the asset library', { name: removal.username });
    case 'sign-in-user':
      return l10n.t('user {name} from the Cognito user pool', { name: removal.username });
    case 'certificate':
      return describeCertificate(removal);
    case 'thing':
      return l10n.t('thing {name}', { name: removal.thingName });
    case 'files': {
      const { vin, folder } = removal;
      return l10n.t('the certificates and keys of {vin} in {folder}', { vin, folder });
    }
  }
}

function describeCertificate({ certificateId: id, vin, as }: CertificateRemoval): Message {
  switch (as) {
    case 'certificate':
      return l10n.t('certificate {id} (detached, deactivated, deleted)', { id });
    case 'claim':
      return l10n.t('claim certificate {id}, made for {vin} (deactivated, deleted)', { id, vin });
    case 'unused':
      return l10n.t('certificate {id}, which nothing uses (deactivated, deleted)', { id });
  }
}

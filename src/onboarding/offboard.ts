import { cancelled, throwIfAborted } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { belongsTo, lookAt, ownerOf } from '../provisioning/belonging.ts';
import {
  describeRemoval,
  type CertificateRemoval,
  type OffboardDeps,
  type OffboardPlan,
  type Removal,
} from './offboardPlan.ts';
import { withStep } from './steps.ts';

export interface OffboardResult {
  vin: string;
  removed: Message[];
  /** In the plan, but gone already. */
  wasGone: Message[];
  keeps: Message[];
}

/**
 * Removes what the plan lists, in its order; each removal is a no-op when the thing is gone already, so a run that
 * stopped half-way is continued by planning and running again.
 * @throws CmsError with the removal it stopped at as its step
 */
export async function offboard(plan: OffboardPlan, deps: OffboardDeps, work: Work): Promise<OffboardResult> {
  const result: OffboardResult = { vin: plan.vin, removed: [], wasGone: [], keeps: [...plan.keeps] };
  for (const removal of plan.removals) {
    throwIfAborted(work.signal, removal.kind);
    const what = describeRemoval(removal);
    const message = l10n.t('Removing {what}', { what });
    work.progress({ step: removal.kind, level: 'info', message, vin: plan.vin });
    try {
      const done = await remove(removal, deps, work);
      if (typeof done === 'boolean') (done ? result.removed : result.wasGone).push(what);
      else result.keeps.push(done.stays);
    } catch (error) {
      throw work.signal.aborted ? cancelled(removal.kind) : withStep(error, removal.kind);
    }
  }
  return result;
}

/** Whether it removed something, or why that stays after all. */
function remove(removal: Removal, deps: OffboardDeps, work: Work): Promise<boolean | { stays: Message }> {
  const { deployment, certificates } = deps;
  const { signal } = work;
  switch (removal.kind) {
    case 'owner-relations':
      return deployment.removeOwners(removal.vin, signal);
    case 'device':
      return deployment.removeDevice(removal.vin, signal);
    case 'vehicle':
      return deployment.removeVehicle(removal.vin, signal);
    case 'user':
      return deployment.removeUser(removal.username, signal);
    case 'sign-in-user':
      return deployment.removeCognitoUser(removal.username, signal);
    case 'certificate':
      return removeCertificate(removal, deps, work);
    case 'thing':
      return removeThing(removal, deps, work);
    case 'files':
      return certificates.remove(removal.id).then(() => true);
  }
}

/** AWS IoT is asked again: since the plan the certificate may have become somebody else's. */
async function removeCertificate(
  { certificateId, vin, known }: CertificateRemoval,
  { cloud, deployment }: OffboardDeps,
  work: Work,
): Promise<boolean | { stays: Message }> {
  const certificate = await lookAt(cloud, certificateId, work.signal);
  if (certificate === undefined) return false;
  const belonging = belongsTo(ownerOf(deployment.refOf(vin), deployment.provisioner), certificate, known);
  if (!belonging.own) return { stays: belonging.why };
  return cloud.deleteCertificate(certificate, work);
}

async function removeThing(
  removal: Extract<Removal, { kind: 'thing' }>,
  { cloud }: OffboardDeps,
  work: Work,
): Promise<boolean> {
  for (const arn of removal.principals) await cloud.detachThing(removal.thingName, arn, work.signal);
  return cloud.deleteThing(removal.thingName, work);
}

import { byOwnCa } from '../cms/contract/provisioner.ts';
import { type AttachedCertificate, type CloudCertificate, findCertificate } from '../aws/iot/certificates.ts';
import { CmsError, isCancelled, sentenceOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { ProvisioningFacts, StoredIdentity } from './certificates.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { mayComeIn } from './ca/waitingPair.ts';
import { retireLeftoverClaim } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from './contract.ts';
import { described, factsOf } from './facts.ts';
import { inspectCertificate } from './inspect.ts';
import { issueCertificate, verifyConnection } from './issue.ts';
import type { IssuedPair } from './issuing.ts';
import { admitSaved } from './keepMinted.ts';
import { agreeToRotation } from './renewal.ts';
import { usablePair } from './stored.ts';
import { afterSaving } from './unsaved.ts';
import { withRunLocks } from './runLocks.ts';
import { withTemplate } from './withTemplate.ts';

export interface RotateRequest extends ProvisionRequest {
  /** Deletes the old certificate in AWS IoT; otherwise it stays there, INACTIVE. Its files are kept either way. */
  deleteOld?: boolean;
}

export interface RotateResult extends ProvisionResult {
  /** The certificate that was in use; `active` with a warning if it could not be taken out of service. */
  previous: { certificateId: string; status: 'deleted' | 'inactive' | 'active' };
}

/** What the facts need to know of the certificate that replaces the old one. */
interface NewCertificate {
  cloud: AttachedCertificate;
  claim: ProvisioningFacts['claim'];
}

/**
 * Gives a vehicle a new production certificate while the old one stays in use, and changes over only when the new one
 * has connected. The old one is then INACTIVE, or deleted on request; its files go to `previous/<certificate id>/`.
 * A run that was interrupted is finished by the next one. Throws VEHICLE_NOT_FOUND if there is nothing to rotate.
 */
export async function rotate(wanted: RotateRequest, deps: ProvisionDeps, work: Work): Promise<RotateResult> {
  const request = withTemplate(wanted, deps.provisioner);
  const { certificates } = deps;
  const step = 'check-certificate';
  await certificates.ready((message) =>
    work.progress({ step, level: 'warn', message, vin: request.vehicle.vin }),
  );
  // Asked while nothing is locked: other runs wait for the lock only so long. Without a pair it is refused below.
  const agreed = (await certificates.production(request.vehicle.id)).kind === 'ok';
  if (agreed) await agreeToRotation(request.vehicle, deps, work);
  return withRunLocks(request.vehicle, deps, work, (own) => changeOver(request, deps, own, agreed));
}

async function changeOver(
  request: RotateRequest,
  deps: ProvisionDeps,
  work: Work,
  agreed: boolean,
): Promise<RotateResult> {
  const { vin, id } = request.vehicle;
  const { certificates } = deps;
  await certificates.finish(id);
  const old = usablePair(await certificates.production(id));
  if (old === undefined) {
    const { folder } = certificates;
    throw new CmsError(
      'VEHICLE_NOT_FOUND',
      l10n.t('{vin} has no production certificate in {folder}.', { vin, folder }),
      { remedy: l10n.t('Provision the vehicle first.') },
    );
  }

  // An interrupted run was finished, which left a pair.
  if (!agreed) await agreeToRotation(request.vehicle, deps, work);
  const waiting = await waitingCandidate(request, deps, work);
  const issued = waiting?.issued ?? (await newCandidate(request, waiting?.identity, deps, work));
  const candidate = usablePair(await certificates.candidate(id));
  if (candidate === undefined) throw new CmsError('INTERNAL', l10n.t('The new certificate is not on disk.'));
  const files = await afterSaving(issued.cloud.id, request.vehicle, deps, work, async () => {
    if (waiting?.issued !== undefined) {
      await admitSaved(candidate.identity.certificatePem, request, deps, work);
    }
    await verifyConnection(candidate, request, deps, work);
    const before = await certificates.facts(id);
    const about = { ...request, ...described(before), ...described(request) };
    const promoted = await certificates.promoteCandidate(id);
    await certificates.saveFacts(id, await factsOf(about, issued.cloud, issued.claim, deps, work));
    return promoted;
  });
  const previous = await retireOld(old, request, deps, work);
  const identity = usablePair(await certificates.production(id)) ?? candidate;
  return { result: 'created', identity, certificateArn: issued.cloud.arn, files, previous };
}

function newCandidate(
  request: RotateRequest,
  waiting: DeviceIdentity | undefined,
  deps: ProvisionDeps,
  work: Work,
): Promise<IssuedPair> {
  const { id } = request.vehicle;
  const keeping = {
    renews: true as const,
    waiting,
    save: (pair: DeviceIdentity) => deps.certificates.saveCandidate(id, pair),
    discard: () => deps.certificates.dropCandidate(id),
  };
  return issueCertificate(request, deps, keeping, work);
}

/** One that is ready, or one of an own CA that has yet to connect. */
type WaitingCandidate =
  { issued: NewCertificate; identity?: undefined } | { issued?: undefined; identity: DeviceIdentity };

/** A candidate that an interrupted run left: used if AWS IoT knows it or is to learn of it, else set aside. */
async function waitingCandidate(
  request: RotateRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<WaitingCandidate | undefined> {
  const { vehicle, claim } = request;
  const { id, thingName } = vehicle;
  const { certificates, connection, provisioner } = deps;
  const candidate = await certificates.candidate(id);
  if (candidate.kind === 'unusable') await certificates.dropCandidate(id);
  if (candidate.kind !== 'ok') return undefined;
  const { certificateId } = candidate.pair;
  const found = await inspectCertificate(certificateId, thingName, deps, work.signal);
  if (!found.usable) {
    if (await mayComeIn(request, deps, candidate.pair, found.cloud)) {
      return { identity: candidate.pair.identity };
    }
    const retiring = { remove: true, keyHeld: true };
    const stays = await retireOwn(connection, certificateId, ownerOf(vehicle, provisioner), retiring, work);
    if (stays !== undefined) work.progress({ step: 'check-certificate', level: 'warn', message: stays });
    await certificates.dropCandidate(id);
    return undefined;
  }
  const byCa = byOwnCa(request.way);
  if (provisioner.kind !== 'claim' || byCa) return { issued: { cloud: found.cloud, claim: undefined } };
  const left =
    claim.kind === 'per-vehicle'
      ? await retireLeftoverClaim(request, deps, work)
      : { certificateId: undefined, used: true };
  return { issued: { cloud: found.cloud, claim: { kind: claim.kind, ...left } } };
}

async function retireOld(
  { certificateId }: StoredIdentity,
  { vehicle, deleteOld = false }: RotateRequest,
  { connection, provisioner }: ProvisionDeps,
  work: Work,
): Promise<RotateResult['previous']> {
  try {
    const { oldEnds } = provisioner.renewal;
    if (oldEnds !== 'after') {
      const status = statusOf(await findCertificate(connection, certificateId, work.signal));
      // A CMS that ends it overlooks one that it never heard of.
      if (oldEnds === 'not' || status !== 'active') return { certificateId, status };
    }
    const retiring = { remove: deleteOld, keyHeld: true };
    const stays = await retireOwn(connection, certificateId, ownerOf(vehicle, provisioner), retiring, work);
    if (stays === undefined) return { certificateId, status: deleteOld ? 'deleted' : 'inactive' };
    work.progress({ step: 'retire-old', level: 'warn', message: stays });
    return { certificateId, status: 'active' };
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = l10n.t('The new certificate is in use, but the old one, {id}, is still ACTIVE: {why}', {
      id: certificateId,
      why: sentenceOf(error),
    });
    work.progress({ step: 'retire-old', level: 'warn', message });
    return { certificateId, status: 'active' };
  }
}

/** What the CMS has made of the old certificate. */
function statusOf(certificate: CloudCertificate | undefined): RotateResult['previous']['status'] {
  if (certificate === undefined) return 'deleted';
  return certificate.status === 'ACTIVE' ? 'active' : 'inactive';
}

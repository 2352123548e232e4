import type { AttachedCertificate } from '../aws/iot/certificates.ts';
import { CmsError, isCancelled, sentenceOf } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { StoredIdentity } from './certificates.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { retireLeftoverClaim } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from './contract.ts';
import { described, factsOf } from './facts.ts';
import { inspectCertificate } from './inspect.ts';
import { issueCertificate, verifyConnection, type IssuedPair } from './issue.ts';
import { usablePair } from './stored.ts';
import { withVehicleLock } from './vehicleLock.ts';

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
  claim: { kind: IssuedPair['claim']['kind']; certificateId: string | undefined; used: boolean };
}

/**
 * Gives a vehicle a new production certificate while the old one stays in use, and changes over only when the new one
 * has connected. The old one is then INACTIVE, or deleted on request; its files go to `previous/<certificate id>/`.
 * A run that was interrupted is finished by the next one. Throws VEHICLE_NOT_FOUND if there is nothing to rotate.
 */
export async function rotate(request: RotateRequest, deps: ProvisionDeps, work: Work): Promise<RotateResult> {
  const { certificates } = deps;
  const step = 'check-certificate';
  await certificates.ready((message) => work.progress({ step, level: 'warn', message, vin: request.vin }));
  return withVehicleLock(certificates.folder, request.vin, work, (own) => changeOver(request, deps, own));
}

async function changeOver(request: RotateRequest, deps: ProvisionDeps, work: Work): Promise<RotateResult> {
  const { vin } = request;
  const { certificates } = deps;
  await certificates.finish(vin);
  const old = usablePair(await certificates.production(vin));
  if (old === undefined) {
    const { folder } = certificates;
    throw new CmsError(
      'VEHICLE_NOT_FOUND',
      l10n.t('{vin} has no production certificate in {folder}.', { vin, folder }),
      { remedy: l10n.t('Provision the vehicle first.') },
    );
  }

  const issued = (await waitingCandidate(request, deps, work)) ?? (await newCandidate(request, deps, work));
  const candidate = usablePair(await certificates.candidate(vin));
  if (candidate === undefined) throw new CmsError('INTERNAL', l10n.t('The new certificate is not on disk.'));
  await verifyConnection(candidate.identity, request, deps, work);

  const before = await certificates.facts(vin);
  const files = await certificates.promoteCandidate(vin);
  const about = { ...request, ...described(before), ...described(request) };
  await certificates.saveFacts(vin, await factsOf(about, issued.cloud, issued.claim, deps, work));
  const previous = await retireOld(old, request, deps, work);
  const identity = usablePair(await certificates.production(vin)) ?? candidate;
  return { result: 'created', identity, certificateArn: issued.cloud.arn, files, previous };
}

function newCandidate(request: RotateRequest, deps: ProvisionDeps, work: Work): Promise<IssuedPair> {
  const { vin } = request;
  const keeping = {
    save: (pair: DeviceIdentity) => deps.certificates.saveCandidate(vin, pair),
    discard: () => deps.certificates.dropCandidate(vin),
  };
  return issueCertificate(request, deps, keeping, work);
}

/** A candidate that an interrupted run left: used if AWS IoT knows it, else set aside. */
async function waitingCandidate(
  request: RotateRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<NewCertificate | undefined> {
  const { vin, claim } = request;
  const { certificates, connection, deployment } = deps;
  const candidate = await certificates.candidate(vin);
  if (candidate.kind === 'unusable') await certificates.dropCandidate(vin);
  if (candidate.kind !== 'ok') return undefined;
  const { certificateId } = candidate.pair;
  const found = await inspectCertificate(certificateId, deployment.thingNameOf(vin), deps, work.signal);
  if (!found.usable) {
    const retiring = { remove: true, keyHeld: true };
    const stays = await retireOwn(connection, certificateId, ownerOf(vin, deployment), retiring, work);
    if (stays !== undefined) work.progress({ step: 'check-certificate', level: 'warn', message: stays });
    await certificates.dropCandidate(vin);
    return undefined;
  }
  const left =
    claim.kind === 'per-vehicle'
      ? await retireLeftoverClaim(request, deps, work)
      : { certificateId: undefined, used: true };
  return { cloud: found.cloud, claim: { kind: claim.kind, ...left } };
}

async function retireOld(
  { certificateId }: StoredIdentity,
  { vin, deleteOld = false }: RotateRequest,
  { connection, deployment }: ProvisionDeps,
  work: Work,
): Promise<RotateResult['previous']> {
  try {
    const retiring = { remove: deleteOld, keyHeld: true };
    const stays = await retireOwn(connection, certificateId, ownerOf(vin, deployment), retiring, work);
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

import { CmsError, isCancelled, messageOf } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { StoredIdentity } from './certificates.ts';
import { retireLeftoverClaim } from './claim.ts';
import { retireCertificate, type CloudCertificate } from './cloudCertificate.ts';
import { inspectCertificate } from './inspect.ts';
import { issueCertificate, verifyConnection } from './issue.ts';
import {
  described,
  factsOf,
  ofVehicle,
  type ProvisionDeps,
  type ProvisionRequest,
  type ProvisionResult,
} from './provision.ts';
import { alone } from './vehicleLock.ts';

export interface RotateRequest extends ProvisionRequest {
  /** Deletes the old certificate in AWS IoT; otherwise it stays there, INACTIVE. Its files are kept either way. */
  deleteOld?: boolean;
}

export interface RotateResult extends ProvisionResult {
  /** The certificate that was in use; `active` with a warning if it could not be taken out of service. */
  previous: { certificateId: string; status: 'deleted' | 'inactive' | 'active' };
}

/**
 * Gives a vehicle a new production certificate while the old one stays in use, and changes over only when the new one
 * has connected. The old one is then INACTIVE, or deleted on request; its files go to `previous/<certificate id>/`.
 * A run that was interrupted is finished by the next one. Throws VEHICLE_NOT_FOUND if there is nothing to rotate.
 */
export async function rotate(request: RotateRequest, deps: ProvisionDeps, work: Work): Promise<RotateResult> {
  const own = ofVehicle(work, request.vin);
  await deps.certificates.ready();
  return alone(deps.certificates.folder, request.vin, own, () => changeOver(request, deps, own));
}

async function changeOver(request: RotateRequest, deps: ProvisionDeps, own: Work): Promise<RotateResult> {
  const { vin } = request;
  const { certificates } = deps;
  const old = await certificates.production(vin);
  if (old === undefined) {
    throw new CmsError(
      'VEHICLE_NOT_FOUND',
      `${vin} has no production certificate in ${certificates.folder}.`,
      {
        remedy: 'Provision the vehicle first.',
      },
    );
  }

  const issued = (await waitingCandidate(request, deps, own)) ?? (await newCandidate(request, deps, own));
  const candidate = await certificates.candidate(vin);
  if (candidate === undefined) throw new CmsError('INTERNAL', 'The new certificate is not on disk.');
  await verifyConnection(candidate.identity, request, deps, own);

  const before = await certificates.facts(vin);
  const files = await certificates.promoteCandidate(vin);
  const about = { ...request, ...described(before), ...described(request) };
  await certificates.saveFacts(vin, await factsOf(about, issued.cloud, issued.claim, deps, own));
  const previous = await retireOld(old, request, deps, own);
  const identity = (await certificates.production(vin)) ?? candidate;
  return { result: 'created', identity, certificateArn: issued.cloud.certificateArn, files, previous };
}

async function newCandidate(request: RotateRequest, deps: ProvisionDeps, work: Work) {
  const { vin } = request;
  return issueCertificate(
    request,
    deps,
    {
      save: (pair) => deps.certificates.saveCandidate(vin, pair),
      discard: () => deps.certificates.dropCandidate(vin),
    },
    work,
  );
}

/** A candidate that an interrupted run left: used if AWS IoT knows it, else set aside. */
async function waitingCandidate(request: RotateRequest, deps: ProvisionDeps, work: Work) {
  const { vin, claim } = request;
  const { certificates, connection, deployment } = deps;
  let candidate: StoredIdentity | undefined;
  try {
    candidate = await certificates.candidate(vin);
  } catch (error) {
    if (!(error instanceof CmsError) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
    await certificates.dropCandidate(vin);
  }
  if (candidate === undefined) return undefined;
  const { certificateId } = candidate;
  const found = await inspectCertificate(certificateId, deployment.thingNameOf(vin), deps, work.signal);
  if (!found.usable) {
    await retireCertificate(connection, certificateId, { remove: true }, work.signal);
    await certificates.dropCandidate(vin);
    return undefined;
  }
  const cloud: CloudCertificate = found.cloud;
  const left =
    claim.kind === 'per-vehicle'
      ? await retireLeftoverClaim(request, deps, work)
      : { certificateId: undefined, used: true };
  return { cloud, claim: { kind: claim.kind, ...left } };
}

async function retireOld(
  { certificateId }: StoredIdentity,
  { deleteOld = false }: RotateRequest,
  { connection }: ProvisionDeps,
  work: Work,
): Promise<RotateResult['previous']> {
  try {
    await retireCertificate(connection, certificateId, { remove: deleteOld }, work.signal);
    return { certificateId, status: deleteOld ? 'deleted' : 'inactive' };
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = `The new certificate is in use, but the old one, ${certificateId}, is still ACTIVE: ${messageOf(error)}`;
    work.progress({ step: 'retire-old', level: 'warn', message });
    return { certificateId, status: 'active' };
  }
}

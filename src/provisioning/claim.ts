import { readFile, stat } from 'node:fs/promises';
import {
  AttachPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreateProvisioningClaimCommand,
} from '@aws-sdk/client-iot';
import { CmsError, isCancelled, messageOf } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import { calling } from './awsCalls.ts';
import { activateCertificate, describeCertificate, retireCertificate } from './cloudCertificate.ts';
import { claimPolicyNameOf } from './names.ts';
import { checkPair } from './pair.ts';
import type { ClaimSource, ProvisionDeps, ProvisionRequest } from './provision.ts';

/** A claim certificate that is ready to be used. */
export interface Claim {
  kind: ClaimSource['kind'];
  identity: DeviceIdentity;
  certificateId: string;
  /** Made or switched on this moment: AWS may need some seconds to let it in. */
  fresh: boolean;
  /** Whether this run made it, so that this run may take it back when it fails. */
  ours: boolean;
}

/**
 * Gets the claim certificate a request asks for.
 * Throws CERTIFICATE_UNUSABLE for files that cannot be used, or what AWS calls and the certificate store throw.
 */
export function openClaim(request: ProvisionRequest, deps: ProvisionDeps, work: Work): Promise<Claim> {
  const { claim } = request;
  switch (claim.kind) {
    case 'per-vehicle':
      return openPerVehicle(request, deps, work);
    case 'temporary':
      return openTemporary(request, deps, work);
    case 'shared':
      return openShared(claim, work);
  }
}

/**
 * The vehicle's own claim. It is INACTIVE and without a policy until its key is on disk, so whatever happens in
 * between leaves nothing that could be used; from then on the next run finds it there and goes on with it.
 */
async function openPerVehicle(
  { vin, templateName }: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<Claim> {
  const { connection, certificates } = deps;
  const { signal } = work;
  const policyName = claimPolicyNameOf(templateName);

  const stored = await storedBootstrap(vin, deps, work);
  if (stored !== undefined) {
    const { certificateId, ...identity } = stored;
    const known = await describeCertificate(connection, certificateId, signal);
    if (known?.status === 'ACTIVE' || known?.status === 'INACTIVE') {
      const ready = known.status === 'ACTIVE' && known.policies.includes(policyName);
      if (!ready)
        await arm(deps, { certificateId, certificateArn: known.certificateArn }, policyName, signal);
      return { kind: 'per-vehicle', identity, certificateId, fresh: !ready, ours: false };
    }
  }

  const iot = await connection.iot();
  const made = await calling(`creating a claim certificate for ${vin}`, () =>
    iot.send(new CreateKeysAndCertificateCommand({ setAsActive: false }), { abortSignal: signal }),
  );
  const certificateId = made.certificateId ?? '';
  const identity = {
    certificatePem: made.certificatePem ?? '',
    privateKeyPem: made.keyPair?.PrivateKey ?? '',
  };
  try {
    await certificates.saveBootstrap(vin, { ...identity, publicKeyPem: made.keyPair?.PublicKey ?? '' });
    await arm(deps, { certificateId, certificateArn: made.certificateArn ?? '' }, policyName, signal);
  } catch (error) {
    await takeBackClaim(vin, certificateId, deps, work);
    throw error;
  }
  return { kind: 'per-vehicle', identity, certificateId, fresh: true, ours: true };
}

async function storedBootstrap(vin: string, { certificates }: ProvisionDeps, work: Work) {
  try {
    return await certificates.bootstrap(vin);
  } catch (error) {
    if (!(error instanceof CmsError) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
    const message = `The claim certificate on disk is left alone: ${error.message}`;
    work.progress({ step: 'claim', level: 'warn', message });
    return undefined;
  }
}

async function arm(
  { connection }: ProvisionDeps,
  claim: { certificateId: string; certificateArn: string },
  policyName: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(`attaching policy ${policyName} to the claim certificate`, () =>
    iot.send(new AttachPolicyCommand({ policyName, target: claim.certificateArn }), { abortSignal: signal }),
  );
  await activateCertificate(connection, claim.certificateId, signal);
}

/** A claim that failed is taken back: deactivated, deleted, and its files removed. What cannot be is named. */
export async function takeBackClaim(
  vin: string,
  certificateId: string,
  { connection, certificates }: ProvisionDeps,
  work: Work,
): Promise<void> {
  try {
    // The work may have been cancelled: cleaning up has a bound of its own.
    await retireCertificate(connection, certificateId, { remove: true }, AbortSignal.timeout(CLEAN_UP_MS));
    await certificates.removeBootstrap(vin);
  } catch (error) {
    const message = `Claim certificate ${certificateId} of ${vin} could not be taken back (${messageOf(error)}); the next run goes on with it.`;
    work.progress({ step: 'claim', level: 'warn', message, vin });
  }
}

/**
 * A claim that has done its work. One made for this vehicle is deactivated and deleted; the others end by themselves
 * or belong to others. Returns false, with a warning, if it is still in service: the next run tries again.
 */
export async function retireClaim(
  request: Pick<ProvisionRequest, 'vin' | 'claim'>,
  claim: Pick<Claim, 'kind' | 'certificateId'>,
  { connection, certificates }: ProvisionDeps,
  work: Work,
): Promise<boolean> {
  if (claim.kind !== 'per-vehicle') return true;
  const { vin } = request;
  try {
    work.progress({ step: 'retire-claim', level: 'debug', message: 'Deleting the used claim certificate' });
    await retireCertificate(connection, claim.certificateId, { remove: true }, work.signal);
    const keep = request.claim.kind !== 'per-vehicle' || request.claim.keepFiles !== false;
    if (!keep) await certificates.removeBootstrap(vin);
    return true;
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = `The used claim certificate ${claim.certificateId} is still active (${messageOf(error)}); provisioning ${vin} again deletes it.`;
    work.progress({ step: 'retire-claim', level: 'warn', message, vin });
    return false;
  }
}

/** The claim an interrupted run left on disk and in service, retired. Returns its id, if there is one. */
export async function retireLeftoverClaim(
  request: Pick<ProvisionRequest, 'vin' | 'claim'>,
  deps: ProvisionDeps,
  work: Work,
): Promise<{ certificateId: string | undefined; used: boolean }> {
  const bootstrap = await storedBootstrap(request.vin, deps, work);
  const certificateId = bootstrap?.certificateId;
  if (certificateId === undefined) return { certificateId, used: true };
  const known = await describeCertificate(deps.connection, certificateId, work.signal);
  if (known === undefined) return { certificateId, used: true };
  const claim = { kind: 'per-vehicle' as const, certificateId };
  return { certificateId, used: await retireClaim(request, claim, deps, work) };
}

async function openTemporary(
  { templateName }: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<Claim> {
  const iot = await deps.connection.iot();
  const made = await calling('asking for a temporary claim', () =>
    iot.send(new CreateProvisioningClaimCommand({ templateName }), { abortSignal: work.signal }),
  );
  return {
    kind: 'temporary',
    identity: { certificatePem: made.certificatePem ?? '', privateKeyPem: made.keyPair?.PrivateKey ?? '' },
    certificateId: made.certificateId ?? '',
    fresh: true,
    ours: false,
  };
}

async function openShared(source: Extract<ClaimSource, { kind: 'shared' }>, work: Work): Promise<Claim> {
  const identity = {
    certificatePem: await readPem(source.certificateFile),
    privateKeyPem: await readPem(source.privateKeyFile),
  };
  const what = `The shared claim certificate ${source.certificateFile}`;
  const { certificateId } = checkPair(identity, { now: work.clock.now(), what });
  return { kind: 'shared', identity, certificateId, fresh: false, ours: false };
}

async function readPem(file: string): Promise<string> {
  try {
    if ((await stat(file)).size > MAX_PEM_BYTES) throw new Error('it is too large for a PEM file');
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CmsError('CERTIFICATE_UNUSABLE', `The claim file ${file} cannot be read: ${messageOf(error)}`, {
      remedy: 'Give the PEM files of the shared claim certificate and its key.',
    });
  }
}

const MAX_PEM_BYTES = 100_000;
export const CLEAN_UP_MS = 15_000;

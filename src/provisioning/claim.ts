import { createPublicKey } from 'node:crypto';
import { AttachPolicyCommand, CreateCertificateFromCsrCommand } from '@aws-sdk/client-iot';
import { calling } from '../aws/calls.ts';
import { activateCertificate, findAttachedCertificate, findCertificate } from '../aws/iot/certificates.ts';
import type { ClaimProvisioner } from '../cms/contract/provisioner.ts';
import { readTextFile, whyUnread } from '../core/bounded.ts';
import { CmsError, isCancelled, sentenceOf } from '../core/errors.ts';
import { expectField } from '../core/expectField.ts';
import { l10n, type Message } from '../core/message.ts';
import { isOpenToRead } from '../core/safeFiles.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import { belongsTo, ownerOf, retireOwn } from './belonging.ts';
import type { BootstrapIdentity } from './certificates.ts';
import type { ClaimSource, ProvisionDeps, ProvisionRequest } from './contract.ts';
import { createSigningRequest } from './csr.ts';
import { checkPair, privateKeyIn } from './pair.ts';
import { checkCsr } from './checkCsr.ts';
import { claimNameOf } from './claimNames.ts';
import { openTemporary } from './temporaryClaim.ts';

const MAX_PEM_BYTES = 2 ** 17;
export const CLEAN_UP_MS = 15_000;

/** A claim certificate that is ready to be used. */
export interface Claim {
  kind: ClaimSource['kind'];
  identity: DeviceIdentity;
  certificateId: string;
  /** Made or activated a moment ago: AWS may need some seconds to let it in. */
  fresh: boolean;
  /** Whether this run made it, so that this run may take it back when it fails. */
  ours: boolean;
  /** The CMS keeps it, and may have replaced it since it was read. */
  kept?: true;
}

/** The dependencies where certificates come by claim. */
export interface ClaimDeps extends ProvisionDeps {
  provisioner: ClaimProvisioner;
}

/**
 * Gets the claim certificate a request asks for.
 * Throws CERTIFICATE_UNUSABLE for files that cannot be used, or what AWS calls and the certificate store throw.
 */
export function openClaim(request: ProvisionRequest, deps: ClaimDeps, work: Work): Promise<Claim> {
  const { claim } = request;
  checkCsr(request, claim.kind, deps.provisioner);
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
 * One that is on disk and was made by somebody else is used if it can be used as it is. It gets no right from here:
 * whoever put it there may have its key.
 */
async function openPerVehicle(
  { vehicle, templateName }: ProvisionRequest,
  deps: ClaimDeps,
  work: Work,
): Promise<Claim> {
  const { connection, provisioner } = deps;
  const { vin, id } = vehicle;
  const { signal } = work;
  const policyName = provisioner.claimPolicyNameOf(templateName);

  const stored = await storedBootstrap(id, deps, work);
  if (stored !== undefined) {
    const { certificateId, ...identity } = stored;
    const found = await findAttachedCertificate(connection, certificateId, signal);
    if (found?.status === 'ACTIVE' || found?.status === 'INACTIVE') {
      const ready = found.status === 'ACTIVE' && found.policies.includes(policyName);
      const belonging = belongsTo(ownerOf(vehicle, provisioner), found);
      const isOurs = belonging.own && belonging.as === 'claim';
      if (isOurs && !ready) await arm(deps, { certificateId, certificateArn: found.arn }, policyName, signal);
      if (isOurs || ready)
        return { kind: 'per-vehicle', identity, certificateId, fresh: !ready, ours: false };
      const message = l10n.t(
        'The claim certificate {id} on disk is not used: nothing in AWS IoT says that it was made for {vin}.',
        { id: certificateId, vin },
      );
      work.progress({ step: 'claim', level: 'warn', message });
      await deps.certificates.setBootstrapAside(id);
    }
  }
  return makePerVehicle(vehicle, policyName, deps, work);
}

async function makePerVehicle(
  vehicle: VehicleRef,
  policyName: string,
  deps: ProvisionDeps,
  work: Work,
): Promise<Claim> {
  const { connection, certificates } = deps;
  const { vin } = vehicle;
  const { signal } = work;
  const iot = await connection.iot();
  const call = 'CreateCertificateFromCsr';
  // RSA: AWS's device SDK reads other keys on some systems only.
  const { csrPem, privateKeyPem } = await createSigningRequest(claimNameOf(vehicle.thingName), 'rsa');
  const command = new CreateCertificateFromCsrCommand({
    certificateSigningRequest: csrPem,
    setAsActive: false,
  });
  const made = await calling(l10n.t('creating a claim certificate for {vin}', { vin }), () =>
    iot.send(command, { abortSignal: signal }),
  );
  const certificateId = expectField(made, 'certificateId', call);
  try {
    const certificateArn = expectField(made, 'certificateArn', call);
    const identity = { certificatePem: expectField(made, 'certificatePem', call), privateKeyPem };
    const publicKeyPem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
    await certificates.saveBootstrap(vehicle.id, { ...identity, publicKeyPem });
    await arm(deps, { certificateId, certificateArn }, policyName, signal);
    return { kind: 'per-vehicle', identity, certificateId, fresh: true, ours: true };
  } catch (error) {
    await takeBackClaim(vehicle, certificateId, deps, work);
    throw error;
  }
}

/** The claim certificate on disk. One that cannot be used is left alone, with a warning. */
async function storedBootstrap(
  id: string,
  { certificates }: ProvisionDeps,
  work: Work,
): Promise<BootstrapIdentity | undefined> {
  const stored = await certificates.bootstrap(id);
  if (stored.kind === 'ok') return stored.pair;
  if (stored.kind === 'unusable') {
    const why = stored.why.sentence;
    const message = l10n.t('The claim certificate on disk is left alone: {why}', { why });
    work.progress({ step: 'claim', level: 'warn', message });
  }
  return undefined;
}

async function arm(
  { connection }: ProvisionDeps,
  { certificateId, certificateArn }: { certificateId: string; certificateArn: string },
  policyName: string,
  signal: AbortSignal,
): Promise<void> {
  const iot = await connection.iot();
  await calling(l10n.t('attaching policy {name} to the claim certificate', { name: policyName }), () =>
    iot.send(new AttachPolicyCommand({ policyName, target: certificateArn }), { abortSignal: signal }),
  );
  await activateCertificate(connection, certificateId, signal);
}

/**
 * A claim that this run made and that failed is deactivated, deleted, and its files removed. A warning names what could
 * not be removed.
 */
export async function takeBackClaim(
  vehicle: VehicleRef,
  certificateId: string,
  { connection, certificates, provisioner }: ProvisionDeps,
  work: Work,
): Promise<void> {
  const { vin } = vehicle;
  try {
    // The work may have been cancelled: cleaning up has a bound of its own.
    const cleaning = { ...work, signal: AbortSignal.timeout(CLEAN_UP_MS) };
    const retiring = { remove: true, madeHere: true };
    const stays = await retireOwn(
      connection,
      certificateId,
      ownerOf(vehicle, provisioner),
      retiring,
      cleaning,
    );
    if (stays !== undefined) work.progress({ step: 'claim', level: 'warn', message: stays, vin });
    else await certificates.removeBootstrap(vehicle.id);
  } catch (error) {
    const message = l10n.t(
      'Claim certificate {id} of {vin} could not be withdrawn ({why}); the next run continues with it.',
      { id: certificateId, vin, why: sentenceOf(error) },
    );
    work.progress({ step: 'claim', level: 'warn', message, vin });
  }
}

/**
 * A claim that has done its work. One made for this vehicle is deactivated and deleted; the others end by themselves
 * or belong to others. Returns false, with a warning, if it is still in service: the next run tries again.
 */
export async function retireClaim(
  request: Pick<ProvisionRequest, 'vehicle' | 'claim'>,
  claim: Pick<Claim, 'kind' | 'certificateId' | 'ours'>,
  { connection, certificates, provisioner }: ProvisionDeps,
  work: Work,
): Promise<boolean> {
  if (claim.kind !== 'per-vehicle') return true;
  const { vehicle } = request;
  const { vin } = vehicle;
  try {
    const message = l10n.t('Deleting the used claim certificate');
    work.progress({ step: 'retire-claim', level: 'debug', message });
    const retiring = { remove: true, madeHere: claim.ours };
    const owner = ownerOf(vehicle, provisioner);
    const stays = await retireOwn(connection, claim.certificateId, owner, retiring, work);
    if (stays !== undefined) {
      work.progress({ step: 'retire-claim', level: 'warn', message: stays, vin });
      return true;
    }
    const keep = request.claim.kind !== 'per-vehicle' || request.claim.keepFiles !== false;
    if (!keep) await certificates.removeBootstrap(vehicle.id);
    return true;
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = l10n.t(
      'The used claim certificate {id} is still active ({why}); provisioning {vin} again deletes it.',
      { id: claim.certificateId, why: sentenceOf(error), vin },
    );
    work.progress({ step: 'retire-claim', level: 'warn', message, vin });
    return false;
  }
}

/** Retires the claim that an interrupted run left on disk and in service. Returns its id, if there is one. */
export async function retireLeftoverClaim(
  request: Pick<ProvisionRequest, 'vehicle' | 'claim'>,
  deps: ProvisionDeps,
  work: Work,
): Promise<{ certificateId: string | undefined; used: boolean }> {
  const bootstrap = await storedBootstrap(request.vehicle.id, deps, work);
  const certificateId = bootstrap?.certificateId;
  if (certificateId === undefined) return { certificateId, used: true };
  const found = await findCertificate(deps.connection, certificateId, work.signal);
  if (found === undefined) return { certificateId, used: true };
  const claim = { kind: 'per-vehicle' as const, certificateId, ours: false };
  return { certificateId, used: await retireClaim(request, claim, deps, work) };
}

async function openShared(source: Extract<ClaimSource, { kind: 'shared' }>, work: Work): Promise<Claim> {
  const identity = {
    certificatePem: await readPem(source.certificateFile),
    privateKeyPem: privateKeyIn(await readPem(source.privateKeyFile)),
  };
  if (await isOpenToRead(source.privateKeyFile)) {
    const file = source.privateKeyFile;
    const message = l10n.t(
      'Others can read the key of the shared claim, {file}: restrict access to it (chmod 600).',
      {
        file,
      },
    );
    work.progress({ step: 'claim', level: 'warn', message });
  }
  const what = l10n.t('The shared claim certificate {file}', { file: source.certificateFile });
  const { certificateId } = checkPair(identity, { now: work.clock.now(), what });
  return { kind: 'shared', identity, certificateId, fresh: false, ours: false };
}

async function readPem(file: string): Promise<string> {
  let why: Message;
  try {
    return await readTextFile(file, { mostBytes: MAX_PEM_BYTES });
  } catch (error) {
    why = whyUnread(error);
  }
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('The claim file {file} cannot be read: {why}', { file, why }),
    { remedy: l10n.t('Provide the PEM files of the shared claim certificate and its key.') },
  );
}

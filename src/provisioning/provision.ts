import { byOwnCa } from '../cms/contract/provisioner.ts';
import { otherActiveCertificates, type CloudCertificate } from '../aws/iot/certificates.ts';
import { CmsError, isCancelled } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { ProvisioningFacts, StoredIdentity } from './certificates.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { keepFactoryPair, mayComeIn } from './ca/waitingPair.ts';
import { retireLeftoverClaim } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest, ProvisionResult } from './contract.ts';
import { described, factsOf } from './facts.ts';
import { inspectCertificate } from './inspect.ts';
import { issueCertificate, verifyConnection } from './issue.ts';
import { admitSaved } from './keepMinted.ts';
import { agreeToAnother, mayEndAnother } from './renewal.ts';
import { usablePair } from './stored.ts';
import { afterSaving } from './unsaved.ts';
import { withRunLocks } from './runLocks.ts';
import { withTemplate } from './withTemplate.ts';

/**
 * Gives a vehicle its production certificate: finds the one it has and can work with, or gets a new one over MQTT and
 * proves it by a connection. May be run again after any failure; no key on disk is ever overwritten.
 * Needs `ensureSetup` first, unless the claim is shared and the template there.
 */
export async function provision(
  wanted: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<ProvisionResult> {
  const request = withTemplate(wanted, deps.provisioner);
  const { certificates } = deps;
  const step = 'check-certificate';
  await certificates.ready((message) =>
    work.progress({ step, level: 'warn', message, vin: request.vehicle.vin }),
  );
  const agreed = await agreedBefore(request, deps, work);
  return withRunLocks(request.vehicle, deps, work, (own) => findOrIssue(request, deps, own, agreed));
}

/**
 * Asks what has to be asked while nothing is locked: other runs wait for the lock only so long, a person may think for
 * longer. False when the pair on disk looks as if nothing had to be asked.
 */
async function agreedBefore(request: ProvisionRequest, deps: ProvisionDeps, work: Work): Promise<boolean> {
  const { vehicle } = request;
  const { certificates, provisioner } = deps;
  if (!mayEndAnother(provisioner)) return false;
  const onDisk = await certificates.production(vehicle.id);
  if (onDisk.kind === 'unusable' && request.replace !== true && !onDisk.foreignIssuer) return false;
  if (onDisk.kind === 'ok') {
    const found = await inspectCertificate(onDisk.pair.certificateId, vehicle.thingName, deps, work.signal);
    if (found.usable) return false;
  }
  await agreeToAnother(vehicle, deps, work);
  return true;
}

async function findOrIssue(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
  agreed: boolean,
): Promise<ProvisionResult> {
  const { certificates } = deps;
  const { vehicle } = request;
  const { id } = vehicle;
  await certificates.finish(id);
  // Read first: a pair that is set aside takes its facts along.
  const before = await certificates.facts(id);
  const present = await presentPair(request, deps, work);
  if (present?.cloud !== undefined) {
    await finishEarlierRun(request, present.stored, present.cloud, deps, work);
    await describe(request, deps);
    await certificates.saveRootCa(await deps.connection.rootCa());
    return resultOf('found', await reread(vehicle, deps), present.cloud);
  }

  // What looked usable before is not any more.
  if (!agreed) await agreeToAnother(vehicle, deps, work);
  const keeping = {
    waiting: present?.stored.identity,
    save: (pair: DeviceIdentity) => certificates.saveProduction(id, pair),
    discard: () => certificates.setAside(id),
  };
  const issued = await issueCertificate(request, deps, keeping, work);
  const about = { ...request, ...described(before), ...described(request) };
  const stored = await afterSaving(issued.cloud.id, vehicle, deps, work, async () => {
    await certificates.saveFacts(id, await factsOf(about, issued.cloud, issued.claim, deps, work));
    const saved = await reread(vehicle, deps);
    await verifyConnection(saved, request, deps, work);
    return saved;
  });
  if (deps.provisioner.kind !== 'shared') await warnOfOthers(vehicle, issued.cloud, deps, work);
  return resultOf('created', stored, issued.cloud);
}

/** A certificate whose key is elsewhere, or lost, lets whoever has it be this vehicle: that must not go unsaid. */
async function warnOfOthers(
  { vin, thingName }: VehicleRef,
  { arn }: CloudCertificate,
  { connection }: ProvisionDeps,
  work: Work,
): Promise<void> {
  try {
    for (const id of await otherActiveCertificates(connection, thingName, arn, work.signal)) {
      warn(
        work,
        l10n.t('Certificate {id} of {vin} is also ACTIVE: delete it if nothing uses it anymore.', {
          id,
          vin,
        }),
      );
    }
  } catch (error) {
    if (isCancelled(error)) throw error;
    // The warning is a service; the vehicle has its certificate.
  }
}

interface PresentPair {
  stored: StoredIdentity;
  /** Undefined while AWS IoT has not let in a certificate of one's own CA: its vehicle has only to connect. */
  cloud: CloudCertificate | undefined;
}

/** The pair on disk if the vehicle can work with it; any other is set aside, saying why. */
async function presentPair(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<PresentPair | undefined> {
  const { vehicle } = request;
  const { certificates, provisioner, connection } = deps;
  const onDisk = await certificates.production(vehicle.id);
  // A pair that another root signed belongs to another cloud: as good as unknown here.
  if (onDisk.kind === 'unusable' && (request.replace === true || onDisk.foreignIssuer)) {
    const why = onDisk.why.sentence;
    const folder = (await certificates.setAside(vehicle.id)) ?? certificates.folder;
    warn(work, l10n.t('{why} It was set aside in {folder}.', { why, folder }));
    return undefined;
  }
  const stored = usablePair(onDisk);
  if (stored === undefined) return undefined;

  const id = stored.certificateId;
  const found = await inspectCertificate(id, vehicle.thingName, deps, work.signal);
  if (found.usable) return { stored, cloud: found.cloud };
  if (await mayComeIn(request, deps, stored, found.cloud)) return { stored, cloud: undefined };
  await keepFactoryPair(request, deps, stored, found.cloud);
  if (found.cloud?.status === 'PENDING_ACTIVATION') {
    // Left by a run that ended before the vehicle was registered: it never was in service.
    const retiring = { remove: true, keyHeld: true };
    const stays = await retireOwn(connection, id, ownerOf(vehicle, provisioner), retiring, work);
    if (stays !== undefined) warn(work, stays);
  }
  const folder = (await certificates.setAside(vehicle.id)) ?? certificates.folder;
  const { reason } = found;
  const aside = l10n.t('Certificate {id} on disk {reason}; it was set aside in {folder}.', {
    id,
    reason,
    folder,
  });
  const still = l10n.t('It is still ACTIVE: delete it if nothing uses it.');
  warn(work, found.cloud?.status === 'ACTIVE' ? l10n.list([aside, still], 'sentences') : aside);
  return undefined;
}

/** Writes the facts and retires the claim, should a run have ended between the certificate and these. */
async function finishEarlierRun(
  request: ProvisionRequest,
  stored: StoredIdentity,
  cloud: CloudCertificate,
  deps: ProvisionDeps,
  work: Work,
): Promise<void> {
  const { facts } = stored;
  // An older file is completed, too.
  if (facts?.generation !== undefined && facts.claim?.used !== false) return;
  if (facts === undefined && request.keys !== 'keys') {
    await admitSaved(stored.identity.certificatePem, request, deps, work);
  }
  const claim = await finishClaim(request, facts, deps, work);
  const about = { ...request, ...described(facts), ...described(request) };
  const now = await factsOf(about, cloud, claim, deps, work);
  const { provisionedAt } = facts ?? now;
  await deps.certificates.saveFacts(request.vehicle.id, { ...now, provisionedAt });
}

async function finishClaim(
  request: ProvisionRequest,
  facts: ProvisioningFacts | undefined,
  deps: ProvisionDeps,
  work: Work,
): Promise<ProvisioningFacts['claim']> {
  const byCa = byOwnCa(request.way);
  if (facts?.claim?.used === true || deps.provisioner.kind !== 'claim' || byCa) return facts?.claim;
  const kind = facts?.claim?.kind ?? request.claim.kind;
  return kind === 'per-vehicle'
    ? { kind, ...(await retireLeftoverClaim(request, deps, work)) }
    : { kind, certificateId: facts?.claim?.certificateId, used: true };
}

/** Writes what the request says of the vehicle itself, when the certificate was there before. */
async function describe(request: ProvisionRequest, { certificates }: ProvisionDeps): Promise<void> {
  const { id } = request.vehicle;
  const facts = await certificates.facts(id);
  if (facts === undefined) return;
  const now = { ...facts, ...described(request) };
  if (JSON.stringify(now) !== JSON.stringify(facts)) await certificates.saveFacts(id, now);
}

async function reread({ vin, id }: VehicleRef, { certificates }: ProvisionDeps): Promise<StoredIdentity> {
  const stored = usablePair(await certificates.production(id));
  if (stored !== undefined) return stored;
  throw new CmsError(
    'CERTIFICATE_STORE_FAILED',
    l10n.t('The production certificate of {vin} vanished from the disk.', { vin }),
    { remedy: l10n.t('Check whether another program cleans the folder, and run it again.') },
  );
}

function resultOf(
  result: ProvisionResult['result'],
  identity: StoredIdentity,
  { arn }: CloudCertificate,
): ProvisionResult {
  const files = [identity.files.certificate, identity.files.privateKey];
  return { result, identity, certificateArn: arn, files };
}

function warn(work: Work, message: Message): void {
  work.progress({ step: 'check-certificate', level: 'warn', message });
}

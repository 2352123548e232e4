import type { Connection } from '../aws/connection.ts';
import type { CmsDeployment } from '../cms/deployment.ts';
import { CmsError, isCancelled } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { CertificateStore, ProvisioningFacts, StoredIdentity } from './certificates.ts';
import { retireLeftoverClaim } from './claim.ts';
import { otherActiveCertificates, retireCertificate, type CloudCertificate } from './cloudCertificate.ts';
import type { Device } from './device.ts';
import { inspectCertificate } from './inspect.ts';
import { issueCertificate, verifyConnection } from './issue.ts';
import { alone } from './vehicleLock.ts';

/** Where the claim certificate comes from. */
export type ClaimSource =
  /** Made for this VIN, kept as the bootstrap files, deactivated and deleted once used. The default. */
  | { kind: 'per-vehicle'; keepFiles?: boolean }
  /** CreateProvisioningClaim: five minutes, nothing left behind. */
  | { kind: 'temporary' }
  /** PEM files of a claim that many vehicles share; never deactivated by us. */
  | { kind: 'shared'; certificateFile: string; privateKeyFile: string };

/** What is known of a vehicle besides its certificate; kept in `provisioning.json`, for simulations. */
export interface AboutVehicle {
  tags?: readonly string[] | undefined;
  /** As CMS calls it. */
  fuelType?: string | undefined;
}

/** What of `AboutVehicle` is not said stays as it was. */
export interface ProvisionRequest extends AboutVehicle {
  vin: string;
  claim: ClaimSource;
  /** `keys`: AWS makes the pair; `csr-rsa`, `csr-ec`: made here, the private key never leaves. */
  keys: 'keys' | 'csr-rsa' | 'csr-ec';
  templateName: string;
  /** A pair on disk that cannot be used is set aside instead of being an error. */
  replace?: boolean;
  /** Bound of each single wait on AWS IoT over MQTT, in milliseconds. */
  timeoutMs?: number;
}

export interface ProvisionDeps {
  connection: Connection;
  deployment: CmsDeployment;
  certificates: CertificateStore;
  device: Device;
}

export interface ProvisionResult {
  result: 'found' | 'created';
  identity: StoredIdentity;
  certificateArn: string;
  files: string[];
}

/**
 * Gives a vehicle its production certificate: finds the one it has and can work with, or gets a new one over MQTT and
 * proves it by a connection. May be run again after any failure; no key on disk is ever overwritten.
 * Needs `ensureSetup` first, unless the claim is shared and the template there.
 */
export async function provision(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  work: Work,
): Promise<ProvisionResult> {
  const own = ofVehicle(work, request.vin);
  await deps.certificates.ready();
  return alone(deps.certificates.folder, request.vin, own, () => findOrIssue(request, deps, own));
}

async function findOrIssue(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  own: Work,
): Promise<ProvisionResult> {
  const { certificates } = deps;
  // Read first: a pair that is set aside takes its facts along.
  const before = await certificates.facts(request.vin);
  const present = await presentPair(request, deps, own);
  if (present !== undefined) {
    await finishEarlierRun(request, present.stored, present.cloud, deps, own);
    await describe(request, certificates);
    await certificates.saveRootCa(await deps.connection.rootCa());
    return resultOf('found', await reread(request.vin, deps), present.cloud);
  }

  const issued = await issueCertificate(
    request,
    deps,
    {
      save: (pair) => certificates.saveProduction(request.vin, pair),
      discard: () => certificates.setAside(request.vin),
    },
    own,
  );
  const facts = await factsOf(
    { ...request, ...described(before), ...described(request) },
    issued.cloud,
    issued.claim,
    deps,
    own,
  );
  await certificates.saveFacts(request.vin, facts);
  const stored = await reread(request.vin, deps);
  await verifyConnection(stored.identity, request, deps, own);
  await warnOfOthers(request.vin, issued.cloud, deps, own);
  return resultOf('created', stored, issued.cloud);
}

/** A certificate whose key is elsewhere, or lost, lets whoever has it be this vehicle: that must not go unsaid. */
async function warnOfOthers(
  vin: string,
  { certificateArn }: CloudCertificate,
  { connection, deployment }: ProvisionDeps,
  work: Work,
): Promise<void> {
  try {
    const others = await otherActiveCertificates(
      connection,
      deployment.thingNameOf(vin),
      certificateArn,
      work.signal,
    );
    for (const id of others) {
      warn(work, `Certificate ${id} of ${vin} is ACTIVE, too: delete it if nothing uses it any more.`);
    }
  } catch (error) {
    if (isCancelled(error)) throw error;
    // To tell is a service; the vehicle has its certificate.
  }
}

/** The pair on disk if the vehicle can work with it; any other is set aside, saying why. */
async function presentPair(request: ProvisionRequest, deps: ProvisionDeps, work: Work) {
  const { vin } = request;
  const { certificates, deployment, connection } = deps;
  let stored: StoredIdentity | undefined;
  try {
    stored = await certificates.production(vin);
  } catch (error) {
    if (!(error instanceof CmsError) || error.code !== 'CERTIFICATE_UNUSABLE') throw error;
    // A pair another root signed belongs to another cloud: as good as unknown here.
    if (request.replace !== true && error.details.foreignIssuer !== true) throw error;
    const aside = await certificates.setAside(vin);
    warn(work, `${error.message} It was set aside in ${aside ?? certificates.folder}.`);
    return undefined;
  }
  if (stored === undefined) return undefined;

  const found = await inspectCertificate(
    stored.certificateId,
    deployment.thingNameOf(vin),
    deps,
    work.signal,
  );
  if (found.usable) return { stored, cloud: found.cloud };
  if (found.cloud?.status === 'PENDING_ACTIVATION') {
    // Left by a run that ended before the vehicle was registered: it never was in service.
    await retireCertificate(connection, stored.certificateId, { remove: true }, work.signal);
  }
  const aside = await certificates.setAside(vin);
  const still = found.cloud?.status === 'ACTIVE' ? ' It is still ACTIVE: delete it if nothing uses it.' : '';
  warn(
    work,
    `Certificate ${stored.certificateId} on disk ${found.reason}; it was set aside in ${aside ?? ''}.${still}`,
  );
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
  if (stored.facts?.claim.used === true) return;
  const kind = stored.facts?.claim.kind ?? request.claim.kind;
  const claim =
    kind === 'per-vehicle'
      ? { kind, ...(await retireLeftoverClaim(request, deps, work)) }
      : { kind, certificateId: stored.facts?.claim.certificateId, used: true };
  const facts = await factsOf(
    { ...request, ...described(stored.facts), ...described(request) },
    cloud,
    claim,
    deps,
    work,
  );
  await deps.certificates.saveFacts(request.vin, facts);
}

/** Writes what the request says of the vehicle itself, when the certificate was there before. */
async function describe(request: ProvisionRequest, certificates: CertificateStore): Promise<void> {
  const facts = await certificates.facts(request.vin);
  if (facts === undefined) return;
  const now = { ...facts, ...described(request) };
  if (JSON.stringify(now) !== JSON.stringify(facts)) await certificates.saveFacts(request.vin, now);
}

/** What is known of the vehicle itself, which a new certificate does not change. */
export function described(known: AboutVehicle | undefined): Pick<ProvisioningFacts, 'tags' | 'fuelType'> {
  return {
    ...(known?.tags === undefined ? {} : { tags: [...known.tags] }),
    ...(known?.fuelType === undefined ? {} : { fuelType: known.fuelType }),
  };
}

/** What `provisioning.json` says of a certificate. */
export async function factsOf(
  request: AboutVehicle & Pick<ProvisionRequest, 'vin' | 'templateName'>,
  { certificateId, certificateArn }: CloudCertificate,
  claim: ProvisioningFacts['claim'],
  { connection, deployment }: ProvisionDeps,
  work: Work,
): Promise<ProvisioningFacts> {
  const { vin, templateName } = request;
  const { accountId } = await connection.identity(work.signal);
  return {
    certificateId,
    certificateArn,
    thingName: deployment.thingNameOf(vin),
    templateName,
    stackName: deployment.stack.name,
    accountId,
    region: connection.region,
    provisionedAt: new Date(work.clock.now()).toISOString(),
    claim,
    ...described(request),
  };
}

/** The same work, with each line of progress named after its vehicle. */
export function ofVehicle(work: Work, vin: string): Work {
  return { ...work, progress: (event) => work.progress({ vin, ...event }) };
}

async function reread(vin: string, { certificates }: ProvisionDeps): Promise<StoredIdentity> {
  const stored = await certificates.production(vin);
  if (stored !== undefined) return stored;
  throw new CmsError(
    'CERTIFICATE_STORE_FAILED',
    `The production certificate of ${vin} vanished from the disk.`,
    {
      remedy: 'Check whether another program cleans the folder, and run it again.',
    },
  );
}

function resultOf(
  result: ProvisionResult['result'],
  identity: StoredIdentity,
  { certificateArn }: CloudCertificate,
): ProvisionResult {
  return { result, identity, certificateArn, files: [identity.files.certificate, identity.files.privateKey] };
}

function warn(work: Work, message: string): void {
  work.progress({ step: 'check-certificate', level: 'warn', message });
}

import type { AttachedCertificate } from '../aws/iot/certificates.ts';
import type { MintedIdentity } from '../cms/contract/provisioner.ts';
import { findTemplate } from '../aws/iot/templates.ts';
import { defined } from '../core/defined.ts';
import { CmsError, isCmsError, sentenceOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { poll, retry, waits, type RetryPolicy } from '../core/retry.ts';
import { keepPrivateKey } from '../core/secrets.ts';
import type { Work } from '../core/work.ts';
import { claimProxy } from '../network/claimProxy.ts';
import type { Broker, DeviceIdentity } from '../protocol/device.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { CLEAN_UP_MS, openClaim, retireClaim, takeBackClaim, type Claim, type ClaimDeps } from './claim.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { createSigningRequest, type SigningRequest } from './csr.ts';
import { brokerOf, type IssuedCertificate } from './device.ts';
import { inspectCertificate } from './inspect.ts';
import { certificateIdOfPem } from './pair.ts';
import { claimClientPrefix } from './claimNames.ts';
import { retireUnsaved } from './unsaved.ts';

/** Where a new pair is kept until it is known to be good. */
export interface Keeping {
  /** Must have the pair safely on disk before it resolves. */
  save(pair: DeviceIdentity): Promise<unknown>;
  /** Moves the pair out of the way: it will never be usable. */
  discard(): Promise<unknown>;
}

export interface IssuedPair {
  cloud: AttachedCertificate;
  /** Undefined if there was none. */
  claim: { kind: Claim['kind']; certificateId: string; used: boolean } | undefined;
}

/** For what AWS may not know everywhere yet. */
const NOT_KNOWN_YET: RetryPolicy = { attempts: 6, backoff: waits(500, 1000, 2000, 4000, 8000) };
/** For a registration whose answer was lost. */
const UNDER_WAY: RetryPolicy = { attempts: 3, backoff: waits(500, 1500) };

/**
 * Gets a new production certificate the way the CMS has for it. The pair is saved before anything uses it. Rejects with
 * CLAIM_REJECTED, CERTIFICATE_UNUSABLE, or what the device process and AWS calls throw.
 */
export async function issueCertificate(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { connection, certificates, provisioner } = deps;
  await certificates.saveRootCa(await connection.rootCa());
  switch (provisioner.kind) {
    case 'claim':
      return issueByClaim(request, { ...deps, provisioner }, keeping, work);
    case 'minted':
      return keepMinted(await provisioner.mint(request.vehicle, work), request, deps, keeping, work);
    case 'shared':
      return keepMinted(await provisioner.fetch(request.vehicle, work), request, deps, keeping, work);
  }
}

/**
 * Over MQTT with a claim, which is retired then. On failure the claim made here is taken back, and the new pair is
 * discarded unless AWS IoT turns out to have registered it.
 */
async function issueByClaim(
  request: ProvisionRequest,
  deps: ClaimDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { vehicle } = request;
  const broker = await brokerOf(deps.connection, work.signal);
  // What native code could not connect through is no reason to make a certificate.
  if (broker.proxy !== undefined) claimProxy(broker.proxy);
  tell(work, 'claim', l10n.t('Getting the claim certificate ({kind})', { kind: request.claim.kind }));
  const claim = await openClaim(request, deps, work);
  let cloud: AttachedCertificate;
  try {
    cloud = await claimCertificate({ request, deps, keeping, work, broker, claim });
  } catch (error) {
    if (claim.ours) await takeBackClaim(vehicle, claim.certificateId, deps, work);
    throw error;
  }
  const used = await retireClaim(request, claim, deps, work);
  return { cloud, claim: { kind: claim.kind, certificateId: claim.certificateId, used } };
}

/** A pair that the CMS handed out. AWS IoT may not know it everywhere yet. */
async function keepMinted(
  pair: MintedIdentity,
  { vehicle }: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { vin, thingName } = vehicle;
  keepPrivateKey(pair.privateKeyPem);
  const certificateId = certificateIdOfPem(pair.certificatePem);
  if (certificateId === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('What the CMS gave as the certificate of {vin} is none.', { vin }),
      { step: 'create-certificate', remedy: l10n.t('Look at the logs of the CMS, then run it again.') },
    );
  }
  try {
    await keeping.save(pair);
  } catch (error) {
    // A shared one can be fetched again, and others use it.
    if (deps.provisioner.kind === 'minted') await retireUnsaved(certificateId, vehicle, deps, work);
    throw error;
  }
  let reason: Message | undefined;
  const cloud = await poll(work, UNDER_WAY, async () => {
    const found = await inspectCertificate(certificateId, thingName, deps, work.signal);
    if (found.usable) return found.cloud;
    reason = found.reason;
    return undefined;
  });
  if (cloud !== undefined) return { cloud, claim: undefined };
  await keeping.discard();
  throw new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('The certificate that the CMS gave to {vin} {reason}.', { vin, reason: reason ?? '' }),
    {
      step: 'create-certificate',
      remedy: l10n.t('Look at the logs of the CMS, then run it again.'),
      details: { certificateId },
    },
  );
}

/** Connects with a production certificate as its vehicle and leaves again; AWS may need some seconds to know it. */
export async function verifyConnection(
  identity: DeviceIdentity,
  { vehicle, timeoutMs }: Pick<ProvisionRequest, 'vehicle' | 'timeoutMs'>,
  { connection, provisioner, device }: ProvisionDeps,
  work: Work,
): Promise<void> {
  const broker = await brokerOf(connection, work.signal);
  const clientId = provisioner.clientId(vehicle);
  tell(work, 'verify-connection', l10n.t('Connecting as {clientId} with the new certificate', { clientId }));
  const request = defined({ broker, identity, clientId, messages: [], timeoutMs });
  await untilKnown(work, refusedForNow, () => device.publish(request, work));
}

interface Claiming {
  request: ProvisionRequest;
  deps: ClaimDeps;
  keeping: Keeping;
  work: Work;
  broker: Broker;
  claim: Claim;
}

async function claimCertificate(claiming: Claiming): Promise<AttachedCertificate> {
  const { request, deps, keeping, work, broker, claim } = claiming;
  const { vehicle, keys, templateName, timeoutMs } = request;
  const { thingName } = vehicle;
  const signing: SigningRequest | undefined =
    keys === 'keys' ? undefined : await createSigningRequest(thingName, keys === 'csr-rsa' ? 'rsa' : 'ec');

  let made: string | undefined;
  let saved: string | undefined;
  const save = async ({ certificateId, certificatePem, privateKeyPem }: IssuedCertificate) => {
    const key = signing?.privateKeyPem ?? privateKeyPem;
    if (key === undefined || certificateIdOfPem(certificatePem) !== certificateId) {
      throw new CmsError(
        'CLAIM_REJECTED',
        l10n.t('AWS IoT answered with a certificate that is not the one it names.'),
        { step: 'create-certificate' },
      );
    }
    made = certificateId;
    await keeping.save({ certificatePem, privateKeyPem: key });
    saved = certificateId;
  };
  const claimRequest = defined({
    broker,
    claim: claim.identity,
    clientId: `${claimClientPrefix}${thingName}`,
    templateName,
    parameters: deps.provisioner.parameters(vehicle),
    csrPem: signing?.csrPem,
    timeoutMs,
  });

  try {
    const done = await untilKnown(
      work,
      (error) =>
        saved === undefined && (claim.fresh ? refusedForNow(error) : error.code === 'MQTT_CONNECTION_LOST'),
      () => deps.device.claim(claimRequest, save, work),
    );
    if (done.thingName !== thingName) throw otherThing(templateName, done.thingName, thingName);
    return await registered(done.certificateId, thingName, deps, work);
  } catch (error) {
    if (saved === undefined) {
      if (made !== undefined) await retireUnsaved(made, vehicle, deps, work);
      throw error;
    }
    const cloud = await decide(saved, error, claiming);
    if (cloud === undefined) throw await namingHook(error, claiming);
    return cloud;
  }
}

/**
 * After a failure with the pair on disk: AWS IoT may have registered the vehicle although its answer got lost. Then the
 * pair is good and stays; otherwise it is discarded and the certificate deleted.
 */
async function decide(
  certificateId: string,
  error: unknown,
  { request: { vehicle }, deps, keeping, work }: Claiming,
): Promise<AttachedCertificate | undefined> {
  const { thingName } = vehicle;
  // The work may have been cancelled: this has a bound of its own.
  const cleaning = { ...work, signal: AbortSignal.timeout(CLEAN_UP_MS) };
  try {
    const answerLost = isCmsError(error) && ['CLAIM_TIMEOUT', 'MQTT_CONNECTION_LOST'].includes(error.code);
    const cloud = await poll(cleaning, answerLost ? UNDER_WAY : { ...UNDER_WAY, attempts: 1 }, async () => {
      const found = await inspectCertificate(certificateId, thingName, deps, cleaning.signal);
      return found.usable ? found.cloud : undefined;
    });
    if (cloud !== undefined) {
      if (!answerLost) return undefined;
      const message = l10n.t('The answer was lost, but {thingName} is registered', { thingName });
      tell(work, 'register-thing', message, 'warn');
      return cloud;
    }
    const owner = ownerOf(vehicle, deps.provisioner);
    const retiring = { remove: true, madeHere: true };
    const stays = await retireOwn(deps.connection, certificateId, owner, retiring, cleaning);
    if (stays !== undefined) tell(work, 'register-thing', stays, 'warn');
    await keeping.discard();
  } catch (problem) {
    const message = l10n.t(
      'Certificate {id} of this attempt is still there ({why}); the next run checks it again.',
      { id: certificateId, why: sentenceOf(problem) },
    );
    tell(work, 'register-thing', message, 'warn');
  }
  return undefined;
}

/** A template with a hook, whose registrations are denied: that is the hook. Only AWS knows its name. */
async function namingHook(error: unknown, { request, deps }: Claiming): Promise<unknown> {
  if (!isCmsError(error) || error.code !== 'CLAIM_REJECTED' || error.step !== 'register-thing') return error;
  if (error.details.errorCode !== 'AccessDenied') return error;
  const { templateName } = request;
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const template = await findTemplate(deps.connection, templateName, signal).catch(() => undefined);
  if (template?.hookArn === undefined) return error;
  const { hookArn: hook } = template;
  return new CmsError(error.code, error.sentence, {
    step: error.step,
    remedy: l10n.t(
      'The pre-provisioning hook of template {template}, {hook}, decides which vehicles are registered, and most likely refused this one: its log in CloudWatch says why. Otherwise the role of the template may not register things.',
      { template: templateName, hook },
    ),
    details: { ...error.details, hook },
    cause: error.cause,
  });
}

async function registered(
  certificateId: string,
  thingName: string,
  deps: ProvisionDeps,
  work: Work,
): Promise<AttachedCertificate> {
  const found = await inspectCertificate(certificateId, thingName, deps, work.signal);
  if (found.usable) return found.cloud;
  const { reason } = found;
  throw new CmsError(
    'CLAIM_REJECTED',
    l10n.t('The new certificate {reason} after it was registered.', { reason }),
    {
      step: 'register-thing',
      remedy: l10n.t(
        'Check the provisioning template: it must activate the certificate and attach policy and thing.',
      ),
      details: { certificateId },
    },
  );
}

/** Runs again, with growing waits, what failed in a way that time may heal. */
function untilKnown<T>(
  work: Work,
  again: (error: CmsError) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  return retry(work, NOT_KNOWN_YET, attempt, (error, failures) => {
    if (!isCmsError(error) || !again(error)) return false;
    const seconds = NOT_KNOWN_YET.backoff(failures, work.random) / 1000;
    const message = l10n.t('Trying again in {seconds} s: {why}', { seconds, why: error.sentence });
    tell(work, error.step ?? 'connect', message);
    return true;
  });
}

/** What AWS IoT answers while it does not know a new certificate or policy everywhere yet. */
function refusedForNow(error: CmsError): boolean {
  if (error.code === 'MQTT_CONNECT_REFUSED') return error.details.tlsError === undefined;
  return (
    error.code === 'MQTT_CONNECTION_LOST' || (error.code === 'CLAIM_REJECTED' && error.step === 'subscribe')
  );
}

function otherThing(templateName: string, actual: string, wanted: string): CmsError {
  return new CmsError(
    'TEMPLATE_CONFLICT',
    l10n.t('Template {templateName} registered thing {actual} instead of {wanted}.', {
      templateName,
      actual,
      wanted,
    }),
    {
      step: 'register-thing',
      remedy: l10n.t('Use a template that names things as this CMS does (--template-name NAME).'),
    },
  );
}

function tell(work: Work, step: string, message: Message, level: 'debug' | 'warn' = 'debug'): void {
  work.progress({ step, message, level });
}

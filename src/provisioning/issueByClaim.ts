import type { AttachedCertificate } from '../aws/iot/certificates.ts';
import { findTemplate } from '../aws/iot/templates.ts';
import type { ClaimWatch } from '../cms/contract/provisioner.ts';
import { defined } from '../core/defined.ts';
import type { ErrorCode } from '../core/errorCodes.ts';
import { CmsError, isCmsError, sentenceOf, throwIfAborted } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { poll } from '../core/retry.ts';
import type { Work } from '../core/work.ts';
import { claimProxy } from '../network/claimProxy.ts';
import type { Broker } from '../protocol/device.ts';
import { ownerOf, retireOwn } from './belonging.ts';
import { maybeNoCsr } from './checkCsr.ts';
import { CLEAN_UP_MS, openClaim, retireClaim, takeBackClaim, type Claim, type ClaimDeps } from './claim.ts';
import { claimClientPrefix } from './claimNames.ts';
import type { ProvisionDeps, ProvisionRequest } from './contract.ts';
import { createSigningRequest, type SigningRequest } from './csr.ts';
import { brokerOf, type IssuedCertificate } from './device.ts';
import { heldBack } from './heldBack.ts';
import { inspectCertificate } from './inspect.ts';
import type { IssuedPair, Keeping } from './issuing.ts';
import { certificateIdOfPem } from './pair.ts';
import { retireUnsaved } from './unsaved.ts';
import { replacedClaim } from './temporaryClaim.ts';
import { refusedForNow, tell, UNDER_WAY, untilKnown } from './untilKnown.ts';

/**
 * Over MQTT with a claim, which is retired then. On failure the claim made here is taken back, and the new pair is
 * discarded unless AWS IoT turns out to have registered it.
 */
export async function issueByClaim(
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
  const watch = await deps.provisioner.beforeClaim?.(vehicle, work);
  const opened = await openClaim(request, deps, work);
  const claiming: Claiming = { request, deps, keeping, work, broker, claim: opened, watch };
  let cloud: AttachedCertificate;
  try {
    cloud = await claimCertificate(claiming);
  } catch (error) {
    const { claim } = claiming;
    if (claim.ours) await takeBackClaim(vehicle, claim.certificateId, deps, work);
    throw error;
  }
  const { claim } = claiming;
  const used = await retireClaim(request, claim, deps, work);
  return { cloud, claim: { kind: claim.kind, certificateId: claim.certificateId, used } };
}

/** A hook that was too slow for AWS IoT may go on for some seconds. */
const PUT_BACK_MS = 30_000;
/** These leave open whether AWS IoT has registered the vehicle. */
const UNANSWERED: readonly ErrorCode[] = [
  'CLAIM_TIMEOUT',
  'MQTT_CONNECTION_LOST',
  'DEVICE_PROCESS_FAILED',
  'CANCELLED',
];

interface Claiming {
  request: ProvisionRequest;
  deps: ClaimDeps;
  keeping: Keeping;
  work: Work;
  broker: Broker;
  /** Another one once the CMS has replaced it. */
  claim: Claim;
  watch: ClaimWatch | undefined;
}

async function claimCertificate(claiming: Claiming): Promise<AttachedCertificate> {
  const { request, deps, keeping, work, broker } = claiming;
  const { fresh } = claiming.claim;
  const { vehicle, keys, templateName, timeoutMs } = request;
  const { thingName } = vehicle;
  const signing: SigningRequest | undefined =
    keys === 'keys' ? undefined : await createSigningRequest(thingName, keys === 'csr-rsa' ? 'rsa' : 'ec');

  let made: string | undefined;
  let saved: string | undefined;
  // A registration that was asked for goes on whatever is done here: what became of it is waited for.
  const held = heldBack(work, () =>
    tell(work, 'register-thing', l10n.t('Registration is in progress; waiting for the answer'), 'info'),
  );
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
    throwIfAborted(work.signal);
    held.hold();
    await keeping.save({ certificatePem, privateKeyPem: key });
    saved = certificateId;
  };
  const claimRequest = {
    broker,
    clientId: `${claimClientPrefix}${thingName}`,
    templateName,
    parameters: deps.provisioner.parameters(vehicle),
    ...defined({ csrPem: signing?.csrPem, timeoutMs }),
  };
  const ask = () => deps.device.claim({ ...claimRequest, claim: claiming.claim.identity }, save, held.work);
  const askAnew = async (error: unknown) => {
    const other = made === undefined ? await replacedClaim(claiming.claim, error, deps, work) : undefined;
    if (other === undefined) throw error;
    claiming.claim = other;
    return ask();
  };

  try {
    const done = await untilKnown(
      work,
      (error) =>
        saved === undefined && (fresh ? refusedForNow(error) : error.code === 'MQTT_CONNECTION_LOST'),
      () => ask().catch(askAnew),
    );
    if (done.thingName !== thingName) throw otherThing(templateName, done.thingName, thingName);
    return await registered(done.certificateId, thingName, deps, held.work);
  } catch (error) {
    if (saved === undefined) {
      if (made !== undefined) await retireUnsaved(made, vehicle, deps, work);
      throw made === undefined ? maybeNoCsr(error, request, deps.provisioner) : error;
    }
    const cloud = await decide(saved, error, claiming);
    if (cloud === undefined) throw await namingHook(error, claiming);
    return cloud;
  } finally {
    held.release();
  }
}

/**
 * After a failure with the pair on disk: AWS IoT may have registered the vehicle although its answer got lost. Then the
 * pair is good and stays; otherwise it is discarded and the certificate deleted.
 */
async function decide(
  certificateId: string,
  error: unknown,
  claiming: Claiming,
): Promise<AttachedCertificate | undefined> {
  const { request, deps, keeping, work } = claiming;
  const { vehicle } = request;
  const { thingName } = vehicle;
  const answerLost = isCmsError(error) && UNANSWERED.includes(error.code);
  const usable = () => {
    // The work may have been cancelled: this has a bound of its own.
    const cleaning = { ...work, signal: AbortSignal.timeout(CLEAN_UP_MS) };
    return poll(cleaning, answerLost ? UNDER_WAY : { ...UNDER_WAY, attempts: 1 }, async () => {
      const found = await inspectCertificate(certificateId, thingName, deps, cleaning.signal);
      return found.usable ? found.cloud : undefined;
    });
  };
  try {
    let cloud = await usable();
    if (cloud === undefined && claiming.watch !== undefined) {
      await putBack(claiming, certificateId);
      // The registration may have come to its end meanwhile.
      cloud = await usable();
    }
    if (cloud !== undefined) {
      if (!answerLost) return undefined;
      const message = l10n.t('The answer was lost, but {thingName} is registered', { thingName });
      tell(work, 'register-thing', message, 'warn');
      return cloud;
    }
    const owner = ownerOf(vehicle, deps.provisioner);
    const retiring = { remove: true, madeHere: true };
    const retired = { ...work, signal: AbortSignal.timeout(CLEAN_UP_MS) };
    const stays = await retireOwn(deps.connection, certificateId, owner, retiring, retired);
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

/** Lets the CMS's own side of a failed attempt be undone; it may have switched off what the vehicle works with. */
async function putBack({ watch, work }: Claiming, certificateId: string): Promise<void> {
  // The work may have been cancelled: this has a bound of its own.
  const cleaning = { ...work, signal: AbortSignal.timeout(PUT_BACK_MS) };
  for (const message of (await watch?.failed(certificateId, cleaning)) ?? []) {
    tell(work, 'register-thing', message, 'warn');
  }
}

/** A template with a hook, whose registrations are denied: that is the hook. Only AWS knows its name. */
async function namingHook(error: unknown, { request, deps }: Claiming): Promise<unknown> {
  if (!isCmsError(error) || error.code !== 'CLAIM_REJECTED' || error.step !== 'register-thing') return error;
  if (!['AccessDenied', 'ACCESS_DENIED'].includes(String(error.details.errorCode))) return error;
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

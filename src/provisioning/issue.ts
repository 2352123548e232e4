import { CmsError, isCancelled, messageOf } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import type { Broker, DeviceIdentity } from '../protocol/device.ts';
import { brokerOf } from './broker.ts';
import { CLEAN_UP_MS, openClaim, retireClaim, takeBackClaim, type Claim } from './claim.ts';
import { retireCertificate, type CloudCertificate } from './cloudCertificate.ts';
import { createSigningRequest, type SigningRequest } from './csr.ts';
import type { IssuedCertificate } from './device.ts';
import { inspectCertificate } from './inspect.ts';
import { claimClientPrefix } from './names.ts';
import { certificateIdOf } from './pair.ts';
import type { ProvisionDeps, ProvisionRequest } from './provision.ts';

/** Where a new pair is kept until it is known to be good. */
export interface Keeping {
  /** Must have the pair safely on disk before it resolves. */
  save(pair: DeviceIdentity): Promise<unknown>;
  /** Moves the pair out of the way: it will never be usable. */
  discard(): Promise<unknown>;
}

export interface IssuedPair {
  cloud: CloudCertificate;
  claim: { kind: Claim['kind']; certificateId: string; used: boolean };
}

/** Waits before trying again what AWS may not know yet, in milliseconds. */
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/**
 * Gets a new production certificate over MQTT with a claim, proves it by a connection, and retires the claim.
 * The pair is saved before the cloud is told to use it. On failure the claim made here is taken back, and the new
 * pair is discarded unless AWS IoT turns out to have registered it.
 */
export async function issueCertificate(
  request: ProvisionRequest,
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { connection, certificates, deployment } = deps;
  const { signal } = work;
  const thingName = deployment.thingNameOf(request.vin);
  const broker = await brokerOf(connection, signal);
  await certificates.saveRootCa(broker.rootCaPem);

  tell(work, 'claim', `Getting the claim certificate (${request.claim.kind})`);
  const claim = await openClaim(request, deps, work);
  let cloud: CloudCertificate;
  try {
    cloud = await claimCertificate({ request, deps, keeping, work, broker, claim, thingName });
  } catch (error) {
    if (claim.ours) await takeBackClaim(request.vin, claim.certificateId, deps, work);
    throw error;
  }
  const used = await retireClaim(request, claim, deps, work);
  return { cloud, claim: { kind: claim.kind, certificateId: claim.certificateId, used } };
}

/** Connects with a production certificate as its vehicle and leaves again; AWS may need some seconds to know it. */
export async function verifyConnection(
  identity: DeviceIdentity,
  request: Pick<ProvisionRequest, 'vin' | 'timeoutMs'>,
  { connection, deployment, device }: ProvisionDeps,
  work: Work,
): Promise<void> {
  const broker = await brokerOf(connection, work.signal);
  const clientId = deployment.thingNameOf(request.vin);
  tell(work, 'verify-connection', `Connecting as ${clientId} with the new certificate`);
  const bound = request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs };
  await retrying(work, refusedForNow, () =>
    device.publish({ broker, identity, clientId, messages: [], ...bound }, work),
  );
}

interface Claiming {
  request: ProvisionRequest;
  deps: ProvisionDeps;
  keeping: Keeping;
  work: Work;
  broker: Broker;
  claim: Claim;
  thingName: string;
}

async function claimCertificate(claiming: Claiming): Promise<CloudCertificate> {
  const { request, deps, keeping, work, broker, claim, thingName } = claiming;
  const { keys, templateName, timeoutMs } = request;
  const signing: SigningRequest | undefined =
    keys === 'keys' ? undefined : await createSigningRequest(thingName, keys === 'csr-rsa' ? 'rsa' : 'ec');

  let saved: string | undefined;
  const save = async ({ certificateId, certificatePem, privateKeyPem }: IssuedCertificate) => {
    const key = signing?.privateKeyPem ?? privateKeyPem;
    if (key === undefined || certificateIdOf(certificatePem) !== certificateId) {
      throw new CmsError(
        'CLAIM_REJECTED',
        'AWS IoT answered with a certificate that is not the one it names.',
        {
          step: 'create-certificate',
        },
      );
    }
    await keeping.save({ certificatePem, privateKeyPem: key });
    saved = certificateId;
  };
  const attempt = () =>
    deps.device.claim(
      {
        broker,
        claim: claim.identity,
        clientId: `${claimClientPrefix}${thingName}`,
        templateName,
        parameters: { SerialNumber: thingName },
        ...(signing === undefined ? {} : { csrPem: signing.csrPem }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      },
      save,
      work,
    );

  try {
    const done = await retrying(
      work,
      (error) =>
        saved === undefined && (claim.fresh ? refusedForNow(error) : error.code === 'MQTT_CONNECTION_LOST'),
      attempt,
    );
    if (done.thingName !== thingName) throw otherThing(templateName, done.thingName, thingName);
    return await registered(done.certificateId, thingName, deps, work);
  } catch (error) {
    if (saved === undefined) throw error;
    const cloud = await decide(saved, error, claiming);
    if (cloud === undefined) throw error;
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
  { deps, keeping, work, thingName }: Claiming,
): Promise<CloudCertificate | undefined> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  try {
    const answerLost =
      error instanceof CmsError && ['CLAIM_TIMEOUT', 'MQTT_CONNECTION_LOST'].includes(error.code);
    for (const wait of answerLost ? [0, 500, 1500] : [0]) {
      await work.clock.sleep(wait, signal);
      const found = await inspectCertificate(certificateId, thingName, deps, signal);
      if (!found.usable) continue;
      if (!answerLost) return undefined;
      tell(work, 'register-thing', `The answer was lost, but ${thingName} is registered`, 'warn');
      return found.cloud;
    }
    await retireCertificate(deps.connection, certificateId, { remove: true }, signal);
    await keeping.discard();
  } catch (problem) {
    const message = `Certificate ${certificateId} of this attempt is still there (${messageOf(problem)}); the next run looks at it again.`;
    tell(work, 'register-thing', message, 'warn');
  }
  return undefined;
}

async function registered(
  certificateId: string,
  thingName: string,
  deps: ProvisionDeps,
  work: Work,
): Promise<CloudCertificate> {
  const found = await inspectCertificate(certificateId, thingName, deps, work.signal);
  if (found.usable) return found.cloud;
  throw new CmsError('CLAIM_REJECTED', `The new certificate ${found.reason} after it was registered.`, {
    step: 'register-thing',
    remedy: 'Check the provisioning template: it must activate the certificate and attach policy and thing.',
    details: { certificateId },
  });
}

/** Runs again, with growing waits, what failed in a way that time may heal. */
async function retrying<T>(
  work: Work,
  again: (error: CmsError) => boolean,
  run: () => Promise<T>,
): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof CmsError) || isCancelled(error) || !again(error)) throw error;
      tell(work, error.step ?? 'connect', `Trying again in ${wait / 1000} s: ${error.message}`, 'debug');
      await work.clock.sleep(wait, work.signal);
    }
  }
  return run();
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
    `Template ${templateName} registered thing ${actual} instead of ${wanted}.`,
    {
      step: 'register-thing',
      remedy: 'Use a template that names things by SerialNumber (--template-name NAME).',
    },
  );
}

function tell(work: Work, step: string, message: string, level: 'debug' | 'info' | 'warn' = 'debug'): void {
  work.progress({ step, message, level });
}

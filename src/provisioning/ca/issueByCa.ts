import { findCertificate } from '../../aws/iot/certificates.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { retry, waits, type RetryPolicy } from '../../core/retry.ts';
import type { Work } from '../../core/work.ts';
import type { DeviceIdentity } from '../../protocol/device.ts';
import type { ProvisionDeps, ProvisionRequest } from '../contract.ts';
import { inspectCertificate } from '../inspect.ts';
import type { IssuedPair, Keeping } from '../issuing.ts';
import { certificateIdOfPem } from '../pair.ts';
import { refusedAtFirst, tell } from '../untilKnown.ts';
import { connectAs } from '../connectAs.ts';
import { admit } from './admit.ts';
import { caOf, ownCaOf, type CaWay } from './ensureOwnCa.ts';
import type { OwnCa } from './ownCa.ts';
import { issuePair } from './signingCa.ts';
import { subjectOf } from './subject.ts';
import { whyNotIn } from './whyNotIn.ts';

/**
 * Registration hangs on the CONNECT packet, and AWS IoT closes the connection while it works: the vehicle has to come
 * again. Source: AWS IoT Developer Guide, "Just-in-time provisioning".
 */
const COMES_AGAIN: RetryPolicy = { attempts: 8, backoff: waits(500, 1000, 2000, 4000, 8000) };

/**
 * A certificate of one's own CA. The pair is saved before AWS IoT hears of it; a run that ends early goes on with the
 * same pair. What AWS IoT only logs is found out by looking.
 * @throws CmsError CERTIFICATE_NOT_REGISTERED, CA_CONFLICT, or what the device process and AWS calls throw
 */
export async function issueByCa(
  request: ProvisionRequest & { way: CaWay },
  deps: ProvisionDeps,
  keeping: Keeping,
  work: Work,
): Promise<IssuedPair> {
  const { vehicle } = request;
  const ca = await caOf(deps);
  const identity = keeping.waiting ?? (await newPair(request, ca, keeping, work));
  const certificateId = certificateIdOfPem(identity.certificatePem);
  if (certificateId === undefined) {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('The certificate of {vin} cannot be read.', { vin: vehicle.vin }),
      {
        step: 'create-certificate',
      },
    );
  }
  await knock(certificateId, identity, request, deps, work);
  const found = await inspectCertificate(certificateId, vehicle.thingName, deps, work.signal);
  if (found.usable) return { cloud: found.cloud, claim: undefined };
  const { certificatePem } = identity;
  const about = { certificateId, certificatePem, way: request.way, vehicle, ca, setup: ownCaOf(deps) };
  throw await whyNotIn(about, deps, work);
}

async function newPair(
  { vehicle }: ProvisionRequest,
  ca: OwnCa,
  keeping: Keeping,
  work: Work,
): Promise<DeviceIdentity> {
  const { thingName } = vehicle;
  tell(work, 'create-certificate', l10n.t('Signing a certificate for {thingName}', { thingName }));
  const order = { subject: subjectOf(vehicle, ca.rule), days: ca.deviceDays, now: work.clock.now() };
  const { certificatePem, privateKeyPem } = await issuePair(ca.signing, order);
  const identity = { certificatePem: withChain(certificatePem, ca), privateKeyPem };
  await keeping.save(identity);
  return identity;
}

/**
 * The CA's certificate goes along unless it is a root of which nothing else is known. AWS IoT takes vehicles without it,
 * too; where two CAs have one name it tells them apart by it.
 */
export function withChain(certificatePem: string, { signing }: OwnCa): string {
  if (signing.isRoot && signing.chain.length === 0) return certificatePem;
  return [certificatePem, signing.certificatePem].map((pem) => `${pem.trimEnd()}\n`).join('');
}

/** Connects until AWS IoT lets the vehicle in. */
async function knock(
  certificateId: string,
  identity: DeviceIdentity,
  request: ProvisionRequest & { way: CaWay },
  deps: ProvisionDeps,
  work: Work,
): Promise<void> {
  const { vehicle, way } = request;
  const setup = ownCaOf(deps);
  let isBarred = false;
  try {
    await retry(
      work,
      COMES_AGAIN,
      async () => {
        try {
          await connectAs(identity, request, deps, work);
        } catch (error) {
          if (!isCmsError(error) || !refusedAtFirst(error)) throw error;
          const known = await findCertificate(deps.connection, certificateId, work.signal);
          isBarred = known !== undefined && !['PENDING_ACTIVATION', 'ACTIVE'].includes(known.status);
          if (known?.status === 'PENDING_ACTIVATION' && way === 'jitr') {
            tell(work, 'admit', l10n.t('Letting {thingName} in', { thingName: vehicle.thingName }));
            await admit(deps.connection, { certificate: known, thingName: vehicle.thingName, setup }, work);
          }
          throw error;
        }
      },
      (error, failures) => {
        if (isBarred || !isCmsError(error) || !refusedAtFirst(error)) return false;
        const seconds = COMES_AGAIN.backoff(failures, work.random) / 1000;
        const message = l10n.t(
          'The first connect registers the certificate; connecting again in {seconds} s',
          { seconds },
        );
        tell(work, 'register-certificate', message);
        return true;
      },
    );
  } catch (error) {
    if (!isCmsError(error) || !refusedAtFirst(error)) throw error;
    const { certificatePem } = identity;
    const about = { certificateId, certificatePem, way, vehicle, ca: await caOf(deps), setup };
    throw await whyNotIn({ ...about, cause: error }, deps, work);
  }
}

import { X509Certificate } from 'node:crypto';
import { fingerprintOf } from '../../aws/iot/fingerprint.ts';
import { alreadyExists } from '../../aws/calls.ts';
import { toCmsError } from '../../aws/errors.ts';
import {
  findAttachedCertificate,
  findCertificate,
  registerWithoutCa,
  type AttachedCertificate,
} from '../../aws/iot/certificates.ts';
import type { Connection } from '../../aws/connection.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { createBucket, type Bucket } from '../../core/bucket.ts';
import { CmsError, isCancelled, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { admit, barredBy } from './admit.ts';
import { certificatesIn } from './pemList.ts';
import { judgeNewcomer, sameKeyAs, type AllowList } from './judge.ts';

export type Registered = { line: number } & (
  | { result: 'registered' | 'found'; certificateId: string; vin: string; thingName: string }
  | { result: 'refused'; certificateId: string; why: Message }
  /** Without an id if the certificate cannot be read. */
  | { result: 'failed'; certificateId: string | undefined; error: CmsError }
);

/** AWS IoT registers ten a second in an account (AWS IoT Core endpoints and quotas, RegisterCertificateWithoutCA). */
const PER_SECOND = 8;

export interface BatchRegistration {
  /** PEM certificates, one behind the other, such as a factory delivers them. */
  pem: string;
  list: AllowList;
  setup: OwnCaSetup;
}

/**
 * Registers certificates that somebody else signed, without their CA: each becomes known, gets its thing and policy, and
 * only then ACTIVE. Safe to run again. Certificates that the list does not let in are not registered, and none that
 * somebody switched off is switched on. One after the other.
 * @throws CmsError CERTIFICATE_UNUSABLE if there is none in the text, CANCELLED
 * Source: AWS IoT API Reference, RegisterCertificateWithoutCA.
 */
export async function registerBatch(
  { pem, list, setup }: BatchRegistration,
  connection: Connection,
  work: Work,
  onRegistered: (registered: Registered) => void = () => undefined,
): Promise<Registered[]> {
  const bucket = createBucket(work.clock, { perSecond: PER_SECOND, burst: PER_SECOND });
  const all: Registered[] = [];
  const keys = new Map<string, string>();
  for (const { line, text } of certificatesIn(pem)) {
    const registered = await registerOne({ line, text, list, setup, keys }, connection, bucket, work);
    all.push(registered);
    onRegistered(registered);
  }
  if (all.length === 0) {
    throw new CmsError('CERTIFICATE_UNUSABLE', l10n.t('There is no certificate in the file.'), {
      remedy: LIST_OF_CERTIFICATES,
    });
  }
  return all;
}

interface One {
  line: number;
  text: string;
  list: AllowList;
  setup: OwnCaSetup;
  /** By key: the vehicle that has it. */
  keys: Map<string, string>;
}

async function registerOne(
  { line, text, list, setup, keys }: One,
  connection: Connection,
  bucket: Bucket,
  work: Work,
): Promise<Registered> {
  const { signal } = work;
  const certificateId = idOf(text);
  if (certificateId === undefined) {
    return { line, certificateId, result: 'failed', error: unreadable(line) };
  }
  const refused = (why: Message): Registered => ({ line, certificateId, result: 'refused', why });
  const judgment = judgeNewcomer(list, { certificateId, pem: text, now: work.clock.now() });
  if (!judgment.allowed) return refused(judgment.why);
  const { entry } = judgment;
  const { vin, thingName } = entry;
  const other = keys.get(judgment.publicKey);
  if (other !== undefined && other !== thingName) return refused(sameKeyAs(other));
  keys.set(judgment.publicKey, thingName);
  try {
    const before = await findAttachedCertificate(connection, certificateId, signal);
    const why = before && whyNotAgain(before, thingName);
    if (why !== undefined) return refused(why);
    const isAttached =
      before?.things.includes(thingName) === true && before.policies.includes(setup.devicePolicy);
    if (before?.status === 'ACTIVE' && isAttached) {
      return { line, certificateId, result: 'found', vin, thingName };
    }
    const barred = await barredBy(connection, { entry, arn: before?.arn }, work);
    if (barred !== undefined) return refused(barred);
    if (before === undefined) {
      await bucket.enter(signal);
      await registerWithoutCa(connection, text, signal).catch((error: unknown) => {
        // Somebody did it between the look and the call.
        if (!alreadyExists(error)) throw toCmsError(error, l10n.t('registering a certificate'));
      });
    }
    const certificate = before ?? (await findCertificate(connection, certificateId, signal));
    if (certificate === undefined) throw gone(certificateId);
    await admit(connection, { certificate, thingName, setup }, work);
    return { line, certificateId, result: 'registered', vin, thingName };
  } catch (error) {
    if (isCancelled(error) || !isCmsError(error)) throw error;
    return { line, certificateId, result: 'failed', error };
  }
}

/** Why a certificate that AWS IoT knows may not come into service; undefined for one that is, or that a run left. */
function whyNotAgain(
  { status, things, isUnchanged }: AttachedCertificate,
  thingName: string,
): Message | undefined {
  const others = things.filter((name) => name !== thingName);
  if (others.length > 0) {
    return l10n.t('it belongs to {things}', { things: l10n.list(others.slice(0, 3), 'comma') });
  }
  if (status === 'ACTIVE') return undefined;
  if (status !== 'INACTIVE') return l10n.t('it is {status}', { status });
  // A run that ended early left it as it was registered. Whatever changed it since then had a reason.
  return isUnchanged === true ? undefined : l10n.t('it was switched off');
}

function idOf(text: string): string | undefined {
  try {
    return fingerprintOf(new X509Certificate(text));
  } catch {
    return undefined;
  }
}

function unreadable(line: number): CmsError {
  return new CmsError(
    'CERTIFICATE_UNUSABLE',
    l10n.t('The certificate on line {line} cannot be read.', { line }),
    { remedy: LIST_OF_CERTIFICATES },
  );
}

const LIST_OF_CERTIFICATES = l10n.t('It is a list of PEM certificates, one after the other.');

function gone(id: string): CmsError {
  return new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('Certificate {id} was registered, and cannot be read.', { id }),
    {
      remedy: l10n.t('Run this again.'),
    },
  );
}

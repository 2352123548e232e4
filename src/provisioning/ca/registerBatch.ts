import { X509Certificate } from 'node:crypto';
import { alreadyExists } from '../../aws/calls.ts';
import { toCmsError } from '../../aws/errors.ts';
import { findCertificate, registerWithoutCa } from '../../aws/iot/certificates.ts';
import type { Connection } from '../../aws/connection.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { createBucket, type Bucket } from '../../core/bucket.ts';
import { CmsError, isCancelled, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { admit } from './admit.ts';
import { judgeNewcomer, type AllowList } from './allowList.ts';
import { fingerprintOf } from './x509.ts';

export type Registered = { line: number; certificateId: string } & (
  | { result: 'registered' | 'found'; vin: string; thingName: string }
  | { result: 'refused'; why: Message }
  | { result: 'failed'; error: CmsError }
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
 * only then ACTIVE. Safe to run again. Certificates that the list does not let in are not registered.
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
  for (const { line, text } of certificatesIn(pem)) {
    const registered = await registerOne({ line, text, list, setup }, connection, bucket, work);
    all.push(registered);
    onRegistered(registered);
  }
  return all;
}

interface One {
  line: number;
  text: string;
  list: AllowList;
  setup: OwnCaSetup;
}

async function registerOne(
  { line, text, list, setup }: One,
  connection: Connection,
  bucket: Bucket,
  work: Work,
): Promise<Registered> {
  const certificateId = idOf(text, line);
  const judgment = judgeNewcomer(list, certificateId, text);
  if (!judgment.allowed) return { line, certificateId, result: 'refused', why: judgment.why };
  const { vin, thingName } = judgment.entry;
  try {
    const before = await findCertificate(connection, certificateId, work.signal);
    if (before?.status === 'ACTIVE') {
      return { line, certificateId, result: 'found', vin, thingName };
    }
    if (before === undefined) {
      await bucket.enter(work.signal);
      await registerWithoutCa(connection, text, work.signal).catch((error: unknown) => {
        // Somebody did it between the look and the call.
        if (!alreadyExists(error)) throw toCmsError(error, l10n.t('registering a certificate'));
      });
    } else if (before.status !== 'INACTIVE') {
      return {
        line,
        certificateId,
        result: 'refused',
        why: l10n.t('it is {status}', { status: before.status }),
      };
    }
    const certificate = before ?? (await findCertificate(connection, certificateId, work.signal));
    if (certificate === undefined) throw gone(certificateId);
    await admit(connection, { certificate, thingName, setup }, work);
    return { line, certificateId, result: 'registered', vin, thingName };
  } catch (error) {
    if (isCancelled(error) || !isCmsError(error)) throw error;
    return { line, certificateId, result: 'failed', error };
  }
}

/** With the lines they begin on, from 1. @throws CmsError CERTIFICATE_UNUSABLE when there is none */
function certificatesIn(pem: string): { line: number; text: string }[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
    (match) => ({
      line: pem.slice(0, match.index).split('\n').length,
      text: match[0],
    }),
  );
  if (found.length > 0) return found;
  throw new CmsError('CERTIFICATE_UNUSABLE', l10n.t('There is no certificate in the file.'), {
    remedy: l10n.t('It is a list of certificates in PEM, one behind the other.'),
  });
}

function idOf(text: string, line: number): string {
  try {
    return fingerprintOf(new X509Certificate(text));
  } catch {
    throw new CmsError(
      'CERTIFICATE_UNUSABLE',
      l10n.t('The certificate on line {line} cannot be read.', { line }),
      {
        remedy: l10n.t('It is a list of certificates in PEM, one behind the other.'),
      },
    );
  }
}

function gone(id: string): CmsError {
  return new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('Certificate {id} was registered, and cannot be read.', { id }),
    {
      remedy: l10n.t('Run this again.'),
    },
  );
}

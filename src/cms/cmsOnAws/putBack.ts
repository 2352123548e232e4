import { findCertificate } from '../../aws/iot/certificates.ts';
import { isCmsError, sentenceOf } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { exponential, poll, retry, waits } from '../../core/retry.ts';
import type { Work } from '../../core/work.ts';
import { DOCTOR } from './condition.ts';
import { HOOK_PATIENCE_MS } from './hook.ts';
import { attemptsOf, isNamed, reactivate } from './mend.ts';
import type { ProvisionedRow } from './rows.ts';
import type { Sources } from './sources.ts';

/** A hook that AWS IoT no longer waited for, after five seconds, still writes. */
const LATE_HOOK = { attempts: Infinity, withinMs: 10_000, backoff: waits(1000) };
/** The hook has written its row: AWS IoT either registers the vehicle now, or has stopped waiting for it. */
const REGISTERING = { attempts: Infinity, withinMs: HOOK_PATIENCE_MS + 1000, backoff: waits(500) };
/** A vehicle that is cut off is worth some patience with an AWS that has had enough. */
const THROTTLED = { attempts: 4, backoff: exponential(1000, 4000) };

interface Failed {
  vin: string;
  /** Of the attempt. */
  certificateId: string;
  /** What the vehicle worked with before. */
  working: readonly ProvisionedRow[];
  /** Ids of the certificates that had a row before. */
  known: readonly string[];
}

/**
 * After an attempt that came to nothing: marks its row as over, and switches on again what the hook has switched off,
 * unless somebody else has provisioned the vehicle meanwhile. Sentences on what was done, and on what could not be.
 */
export async function putBack(
  { vin, certificateId, working, known }: Failed,
  { connection, store }: Pick<Sources, 'connection' | 'store'>,
  work: Work,
): Promise<readonly Message[]> {
  const { signal } = work;
  const rowOfAttempt = async () => {
    const rows = await store.provisioned(vin, signal);
    return rows.find((row) => row.certificateId === certificateId);
  };
  /** Whether AWS IoT has registered the vehicle after all: then the attempt is what it works with. */
  const isRegistered = () =>
    poll(work, REGISTERING, async () => {
      const certificate = await findCertificate(connection, certificateId, signal);
      if (certificate === undefined) return false;
      if (certificate.status === 'ACTIVE') return true;
      const row = await rowOfAttempt();
      return row !== undefined && isNamed(row) ? undefined : false;
    });
  /** The certificate of another run, which is what the vehicle works with now, or will. */
  const ofAnotherRun = async () => {
    const rows = await store.provisioned(vin, signal);
    const since = rows.filter(
      (row) => row.certificateId !== certificateId && !known.includes(row.certificateId),
    );
    const attempts = await attemptsOf(connection, since, signal);
    return attempts.find(({ row, certificate }) => isNamed(row) && certificate !== 'gone')?.row.certificateId;
  };
  try {
    // It writes the row of the attempt after it has switched off the others.
    const seen = await poll(work, LATE_HOOK, rowOfAttempt);
    if (seen !== undefined && (await isRegistered()) === true) return [];
    await store.setStatus(vin, certificateId, 'DELETED', signal);
    const other = await ofAnotherRun();
    if (other !== undefined) return [taken(vin, other)];
    const said: Message[] = [];
    if (seen === undefined && working.length > 0) {
      const late = l10n.t(
        'The hook of CMS has not answered: it may still switch the certificate of {vin} off within a minute. If the vehicle is cut off then:',
        { vin },
      );
      said.push(l10n.list([late, DOCTOR], 'sentences'));
    }
    for (const { row, certificate } of await attemptsOf(connection, working, signal)) {
      if (certificate === 'INACTIVE') {
        const activating = () => reactivate(connection, store, row, signal);
        said.push(await retry(work, THROTTLED, activating, isThrottled));
      } else if (certificate !== 'ACTIVE') said.push(lost(row, certificate));
    }
    return said;
  } catch (error) {
    const why = sentenceOf(error);
    return working.length === 0
      ? [l10n.t('The row that this attempt left for {vin} could not be cleaned up: {why}', { vin, why })]
      : [
          l10n.t('The certificate of {vin} may have been switched off, and could not be put back: {why}', {
            vin,
            why,
          }),
          DOCTOR,
        ];
  }
}

function isThrottled(error: unknown): boolean {
  return isCmsError(error) && error.code === 'AWS_THROTTLED';
}

function taken(vin: string, id: string): Message {
  return l10n.t(
    'Another run has provisioned {vin} at the same time, with certificate {id}: what this attempt switched off stays off.',
    { vin, id },
  );
}

function lost({ vin, certificateId: id }: ProvisionedRow, status: string): Message {
  return l10n.t('The certificate that {vin} worked with, {id}, is {status}: the vehicle needs a new one.', {
    ...{ vin, id, status },
  });
}

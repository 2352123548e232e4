import type { IotAccess } from '../../aws/connection.ts';
import { findCertificate, revokeCertificate } from '../../aws/iot/certificates.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import type { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { admit, barredBy } from './admit.ts';
import { judgeNewcomer, type Allowed, type AllowList } from './judge.ts';

/** What became of a vehicle that asked to come in. */
export type Newcomer = { certificateId: string } & (
  | { result: 'admitted'; vin: string; thingName: string }
  | { result: 'refused' | 'revoked'; why: Message }
  | { result: 'failed'; error: CmsError }
);

/**
 * Lets in, or not, so that no two certificates of a vehicle, and no two vehicles with one key, are judged as if the other
 * did not exist.
 */
export type Guard = (
  entry: Allowed,
  asking: { certificateId: string; publicKey: string },
  letIn: () => Promise<Newcomer>,
) => Promise<Newcomer>;

export interface Decision {
  certificateId: string;
  /** The CA whose vehicles are decided about. */
  caId: string;
  /** The list, or as much of it as can concern a certificate with this common name. */
  listOf: (commonName: string | undefined) => Promise<AllowList>;
  setup: Pick<OwnCaSetup, 'devicePolicy' | 'thingType'>;
  /** Whether a certificate that the list does not let in is revoked; otherwise it is left pending. */
  revoke: boolean;
  guard: Guard;
}

/**
 * Decides about one certificate that awaits activation; undefined if it does not. Safe to run again, also after a run
 * that ended anywhere.
 */
export async function decideNewcomer(
  { certificateId, caId, listOf, setup, revoke, guard }: Decision,
  connection: IotAccess,
  work: Pick<Work, 'signal' | 'progress' | 'clock'>,
): Promise<Newcomer | undefined> {
  const certificate = await findCertificate(connection, certificateId, work.signal);
  // Somebody else decided, or removed it.
  if (certificate?.status !== 'PENDING_ACTIVATION') return undefined;
  if (certificate.caId !== undefined && certificate.caId !== caId) {
    return { certificateId, result: 'refused', why: l10n.t('another CA signed its certificate') };
  }
  const { arn, pem, commonName } = certificate;
  const judgment = judgeNewcomer(await listOf(commonName), { certificateId, pem, now: work.clock.now() });
  if (!judgment.allowed) {
    const isRevoked = revoke && judgment.revocable;
    if (isRevoked) await revokeCertificate(connection, certificateId, work.signal);
    return { certificateId, result: isRevoked ? 'revoked' : 'refused', why: judgment.why };
  }
  const { entry, publicKey } = judgment;
  const { vin, thingName } = entry;
  return guard(entry, { certificateId, publicKey }, async () => {
    const why = await barredBy(connection, { entry, arn }, work);
    if (why !== undefined) return { certificateId, result: 'refused', why };
    await admit(connection, { certificate, thingName, setup }, work);
    return { certificateId, result: 'admitted', vin, thingName };
  });
}

import { DeleteCertificateCommand, DetachPolicyCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { l10n } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import { unlessMissing } from '../calls.ts';
import type { Connection } from '../connection.ts';
import { findAttachedCertificate, type AttachedCertificate } from './certificates.ts';
import { onceDetached } from './onceDetached.ts';
import { detachThing } from './things.ts';

/** What retiring needs to know of a certificate. */
export interface RetiringCertificate {
  readonly id: string;
  readonly arn: string;
  /** Without it the certificate is deactivated in any case. */
  readonly status?: string | undefined;
  readonly things: readonly string[];
  readonly policies: readonly string[];
}

/** Out of service already, or never in service: these may be deleted as they are. */
const IDLE = ['INACTIVE', 'PENDING_ACTIVATION'];

/** Takes a certificate out of service for now: its connections end, and it can be activated again. */
async function deactivateCertificate(
  connection: Connection,
  { id, status }: Pick<RetiringCertificate, 'id' | 'status'>,
  signal: AbortSignal,
): Promise<void> {
  if (status !== undefined && IDLE.includes(status)) return;
  const iot = await connection.iot();
  await unlessMissing(l10n.t('deactivating certificate {id}', { id }), () =>
    iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' }), {
      abortSignal: signal,
    }),
  );
}

/**
 * Takes a certificate out of service for good: INACTIVE first, which ends its connections, then detached from the
 * given policies and things, then deleted. Only these calls: the Connected Device Framework's own removal would take
 * policies with it that other vehicles need. Safe to run again; false if the certificate is gone already.
 */
export async function deleteCertificate(
  connection: Connection,
  certificate: RetiringCertificate,
  work: Retrying,
): Promise<boolean> {
  const { id, arn, things, policies } = certificate;
  const iot = await connection.iot();
  const abort = { abortSignal: work.signal };
  await deactivateCertificate(connection, certificate, work.signal);
  for (const policyName of policies) {
    await unlessMissing(l10n.t('detaching policy {name}', { name: policyName }), () =>
      iot.send(new DetachPolicyCommand({ policyName, target: arn }), abort),
    );
  }
  for (const thingName of things) await detachThing(connection, thingName, arn, work.signal);
  return onceDetached(work, async () => {
    const answer = await unlessMissing(l10n.t('deleting certificate {id}', { id }), () =>
      iot.send(new DeleteCertificateCommand({ certificateId: id }), abort),
    );
    return answer !== undefined;
  });
}

/**
 * Looks at a certificate and everything that is attached to it, then, if what it sees is allowed, deactivates it, or
 * with `remove` deletes it. One that is gone already is fine.
 */
export async function retireCertificate(
  connection: Connection,
  certificateId: string,
  { remove, allows = () => true }: { remove: boolean; allows?: (found: AttachedCertificate) => boolean },
  work: Retrying,
): Promise<void> {
  const certificate = await findAttachedCertificate(connection, certificateId, work.signal);
  if (certificate === undefined || !allows(certificate)) return;
  if (remove) await deleteCertificate(connection, certificate, work);
  else await deactivateCertificate(connection, certificate, work.signal);
}

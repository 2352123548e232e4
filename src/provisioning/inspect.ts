import { findAttachedCertificate, type AttachedCertificate } from '../aws/iot/certificates.ts';
import { l10n, type Message } from '../core/message.ts';
import type { ProvisionDeps } from './contract.ts';

/** Whether AWS IoT lets a vehicle work with a certificate, or why not. */
export type Inspection =
  | { usable: true; cloud: AttachedCertificate }
  /** `reason` ends the sentence "the certificate …". */
  | { usable: false; reason: Message; cloud: AttachedCertificate | undefined };

/** Looks at status, thing and policy of a certificate, which is all that a device policy asks for. */
export async function inspectCertificate(
  certificateId: string,
  thingName: string,
  { connection, provisioner }: Pick<ProvisionDeps, 'connection' | 'provisioner'>,
  signal: AbortSignal,
): Promise<Inspection> {
  const cloud = await findAttachedCertificate(connection, certificateId, signal);
  if (cloud === undefined) {
    const { region } = connection;
    const reason = l10n.t('is unknown in this account and region ({region})', { region });
    return { usable: false, reason, cloud };
  }
  const { status, things, policies } = cloud;
  if (status !== 'ACTIVE') return { usable: false, reason: l10n.t('is {status}', { status }), cloud };
  if (!things.includes(thingName)) {
    return { usable: false, reason: l10n.t('is not attached to thing {name}', { name: thingName }), cloud };
  }
  const policy = provisioner.devicePolicy;
  if (policy !== undefined && !policies.includes(policy)) {
    return { usable: false, reason: l10n.t('does not have policy {policy}', { policy }), cloud };
  }
  return { usable: true, cloud };
}

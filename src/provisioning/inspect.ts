import { describeCertificate, type CloudCertificate } from './cloudCertificate.ts';
import type { ProvisionDeps } from './provision.ts';

/** Whether AWS IoT lets a vehicle work with a certificate, or why not. */
export type Inspection =
  | { usable: true; cloud: CloudCertificate }
  /** `reason` ends the sentence "the certificate …". */
  | { usable: false; reason: string; cloud: CloudCertificate | undefined };

/** Looks at status, thing and policy of a certificate, which is all that CMS's device policy asks for. */
export async function inspectCertificate(
  certificateId: string,
  thingName: string,
  { connection, deployment }: Pick<ProvisionDeps, 'connection' | 'deployment'>,
  signal: AbortSignal,
): Promise<Inspection> {
  const cloud = await describeCertificate(connection, certificateId, signal);
  if (cloud === undefined) {
    return { usable: false, reason: `is unknown in this account and region (${connection.region})`, cloud };
  }
  const { status, things, policies } = cloud;
  if (status !== 'ACTIVE') return { usable: false, reason: `is ${status}`, cloud };
  if (!things.includes(thingName)) {
    return { usable: false, reason: `is not attached to thing ${thingName}`, cloud };
  }
  if (!policies.includes(deployment.devicePolicy)) {
    return { usable: false, reason: `does not have policy ${deployment.devicePolicy}`, cloud };
  }
  return { usable: true, cloud };
}

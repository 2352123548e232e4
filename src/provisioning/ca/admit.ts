import {
  activateCertificate,
  attachPolicy,
  attachThing,
  type CloudCertificate,
} from '../../aws/iot/certificates.ts';
import { ensureThing } from '../../aws/iot/things.ts';
import type { Connection } from '../../aws/connection.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import type { Work } from '../../core/work.ts';

export interface Admission {
  certificate: Pick<CloudCertificate, 'id' | 'arn'>;
  thingName: string;
  setup: Pick<OwnCaSetup, 'devicePolicy' | 'thingType'>;
}

/**
 * What just-in-time registration leaves to others: thing, policy, and only then ACTIVE. Each step finds it done when
 * run again. Source: AWS IoT Developer Guide, "Just-in-time registration".
 */
export async function admit(
  connection: Connection,
  { certificate, thingName, setup }: Admission,
  { signal }: Pick<Work, 'signal'>,
): Promise<void> {
  const { arn } = certificate;
  await ensureThing(connection, { name: thingName, type: setup.thingType }, signal);
  await attachPolicy(connection, { policyName: setup.devicePolicy, arn }, signal);
  await attachThing(connection, { thingName, arn }, signal);
  await activateCertificate(connection, certificate.id, signal);
}

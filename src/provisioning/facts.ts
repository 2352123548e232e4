import type { CloudCertificate } from '../aws/iot/certificates.ts';
import { defined } from '../core/defined.ts';
import type { Work } from '../core/work.ts';
import type { ProvisioningFacts } from './certificates.ts';
import type { AboutVehicle, ProvisionDeps, ProvisionRequest } from './contract.ts';

/** What is known of the vehicle itself, which a new certificate does not change. */
export function described(known: AboutVehicle | undefined): Pick<ProvisioningFacts, 'tags' | 'fuelType'> {
  return defined({ tags: known?.tags && [...known.tags], fuelType: known?.fuelType });
}

/** What `provisioning.json` says of a certificate. */
export async function factsOf(
  request: AboutVehicle & Pick<ProvisionRequest, 'vin' | 'templateName'>,
  certificate: CloudCertificate,
  claim: ProvisioningFacts['claim'],
  { connection, deployment }: ProvisionDeps,
  work: Work,
): Promise<ProvisioningFacts> {
  const { vin, templateName } = request;
  const { accountId } = await connection.identity(work.signal);
  return {
    certificateId: certificate.id,
    certificateArn: certificate.arn,
    thingName: deployment.thingNameOf(vin),
    templateName,
    stackName: deployment.stack.name,
    accountId,
    region: connection.region,
    provisionedAt: new Date(work.clock.now()).toISOString(),
    claim,
    ...described(request),
  };
}

import { byOwnCa } from '../cms/contract/provisioner.ts';
import type { CloudCertificate } from '../aws/iot/certificates.ts';
import { defined } from '../core/defined.ts';
import { vehicleRefOf } from '../core/vehicleRef.ts';
import type { Work } from '../core/work.ts';
import type { ProvisioningFacts } from './certificates.ts';
import type { AboutVehicle, ProvisionDeps, ProvisionRequest } from './contract.ts';

/** What is known of the vehicle itself, which a new certificate does not change. */
export function described(known: AboutVehicle | undefined): Pick<ProvisioningFacts, 'tags' | 'fuelType'> {
  return defined({ tags: known?.tags && [...known.tags], fuelType: known?.fuelType });
}

/** What `provisioning.json` says of a certificate. */
export async function factsOf(
  request: AboutVehicle & Pick<ProvisionRequest, 'vehicle' | 'templateName' | 'way'>,
  certificate: CloudCertificate,
  claim: ProvisioningFacts['claim'],
  { connection, provisioner, ca }: ProvisionDeps,
  work: Work,
): Promise<ProvisioningFacts> {
  const { vehicle, templateName, way } = request;
  const byCa = byOwnCa(way);
  const { accountId } = await connection.identity(work.signal);
  const { generation, name } = provisioner.deployment;
  return {
    ...vehicleRefOf(vehicle),
    generation,
    certificateId: certificate.id,
    certificateArn: certificate.arn,
    ...(byCa ? defined({ way, caCertificateId: (await ca?.())?.signing.id }) : {}),
    ...(provisioner.kind === 'claim' && !byCa ? { templateName } : {}),
    stackName: name,
    accountId,
    region: connection.region,
    provisionedAt: new Date(work.clock.now()).toISOString(),
    ...defined({ claim }),
    ...described(request),
  };
}

import { AwsError } from '../../../kernel/http.ts';
import { requireFields, requireText } from '../rest/arguments.ts';
import type { Json } from '../../../kit/json.ts';
import { present } from '../../../kit/present.ts';
import { type FacadeDeployment, templates } from './deployment.ts';
import { FacadeError, inner, InnerError } from './errors.ts';
import { tcuProvisioningTemplate } from './provisioningTemplate.ts';
import { beforeStep } from './stepFaults.ts';

const PROVISIONING_POLICY_TYPE = 'ProvisioningTemplate';

export interface Registration {
  certificatePem: string;
  thingArn: string;
  /** Actually an ARN: CMS misnamed the field. */
  certificateId: string;
}

/**
 * POST /suppliers/{externalId}/devices/{deviceId}/register, in five steps without rollback: what was done
 * before a failure remains, and a second attempt fails at step b with 409.
 */
export async function registerDevice(
  deployment: FacadeDeployment,
  externalId: string,
  deviceId: string,
  request: Json,
): Promise<Registration> {
  const { library, faults } = deployment;
  requireFields(request);
  requireText(deviceId);
  requireText(request.templateId);
  requireText(request.certificateId);

  await beforeStep(faults, 'register:a');
  const supplierPath = findSupplier(deployment, externalId);

  await beforeStep(faults, 'register:b');
  inner(() =>
    library.devices.create({
      deviceId,
      templateId: request.templateId,
      groups: { manufactured_by: [supplierPath] },
      attributes: { status: 'whitelisted', ...((request.attributes ?? {}) as Json) },
      state: 'active',
    }),
  );

  await beforeStep(faults, 'register:c');
  const policies = inner(() => library.policies.inheritedByDevice(deviceId, PROVISIONING_POLICY_TYPE));
  if (!policies?.[0]) throw new FacadeError('NO_PROVISIONING_TEMPLATE_CONFIGURED');
  const { template } = JSON.parse(policies[0].document) as { template?: unknown };

  await beforeStep(faults, 'register:d');
  const thing = await provision(deployment, template, {
    ThingName: deviceId,
    CertificateId: request.certificateId,
    Status: 'ACTIVE',
  });

  await beforeStep(faults, 'register:e');
  const thingArn = present(thing.resourceArns.thing, 'The ARN of the thing');
  inner(() =>
    library.devices.update(deviceId, { attributes: { status: 'assembled' }, awsIotThingArn: thingArn }),
  );
  return {
    certificatePem: thing.certificatePem,
    thingArn,
    certificateId: present(thing.resourceArns.certificate, 'The ARN of the certificate'),
  };
}

/** Path of the first supplier with this external id. CMS does not enforce that external ids are unique. */
function findSupplier({ library }: FacadeDeployment, externalId: string): string {
  requireText(externalId);
  const { results } = inner(() =>
    library.search.find({
      types: [templates.supplier],
      ancestorPath: undefined,
      filters: [{ comparison: 'eq', filter: { path: [], field: 'externalId', value: externalId } }],
      exist: [],
      nexist: [],
      facet: undefined,
      summarize: false,
      offset: undefined,
      count: undefined,
      sort: [],
    }),
  );
  const path = results[0]?.groupPath;
  if (typeof path !== 'string') throw new FacadeError('SUPPLIER_NOT_FOUND');
  return path;
}

/** CDF Provisioning `POST /things`: IoT RegisterThing with a template from the artifacts bucket. */
async function provision(
  { registry }: FacadeDeployment,
  template: unknown,
  parameters: Record<string, string>,
): ReturnType<FacadeDeployment['registry']['registerThing']> {
  if (template !== 'tcu') throw new InnerError(500, 'The specified key does not exist.');
  try {
    return await registry.registerThing(tcuProvisioningTemplate, parameters);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof AwsError) throw new InnerError(400, `REGISTRATION_FAILED: ${text}`);
    throw new InnerError(500, text);
  }
}

import type { AccountRate } from '../../kernel/rates.ts';

const rate = (source: string, perSecond: number, ...operations: string[]): AccountRate => ({
  perSecond,
  operations,
  shareRate: false,
  source,
});

// prettier-ignore
export const iotRates: readonly AccountRate[] = [
  rate('Service Quotas', 350, 'DescribeThing'),
  rate('Service Quotas', 100, 'CreateThing', 'UpdateThing', 'DeleteThing', 'AttachThingPrincipal',
    'DetachThingPrincipal', 'DescribeThingType'),
  rate('Service Quotas', 15, 'CreateThingType', 'DeprecateThingType', 'DeleteThingType'),
  rate('Service Quotas', 10, 'ListThings', 'ListThingTypes', 'ListThingPrincipals', 'ListPrincipalThings'),
  rate('AWS IoT Throttling Limits', 15, 'AttachPolicy', 'DetachPolicy', 'ListAttachedPolicies', 'GetPolicyVersion',
    'AttachPrincipalPolicy', 'DetachPrincipalPolicy', 'ListPrincipalPolicies', 'CreateCertificateFromCsr'),
  rate('AWS IoT Throttling Limits', 10, 'CreatePolicy', 'GetPolicy', 'DeletePolicy', 'ListPolicies',
    'CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions', 'SetDefaultPolicyVersion',
    'ListTargetsForPolicy', 'ListPolicyPrincipals', 'RegisterCertificate', 'RegisterCertificateWithoutCA',
    'DescribeCertificate', 'UpdateCertificate', 'DeleteCertificate', 'ListCertificates', 'ListCertificatesByCA',
    'GetRegistrationCode', 'DeleteRegistrationCode', 'RegisterCACertificate', 'DescribeCACertificate',
    'UpdateCACertificate', 'DeleteCACertificate', 'ListCACertificates', 'RegisterThing'),
  rate('assumed', 10, 'CreateKeysAndCertificate', 'CreateProvisioningTemplate', 'DescribeProvisioningTemplate',
    'UpdateProvisioningTemplate', 'DeleteProvisioningTemplate', 'ListProvisioningTemplates',
    'CreateProvisioningTemplateVersion', 'DescribeProvisioningTemplateVersion',
    'DeleteProvisioningTemplateVersion', 'ListProvisioningTemplateVersions', 'CreateProvisioningClaim',
    'DescribeEndpoint', 'CreateJob', 'DescribeJob', 'GetJobDocument', 'ListJobs', 'CancelJob', 'DeleteJob',
    'DescribeJobExecution', 'ListJobExecutionsForThing', 'ListJobExecutionsForJob', 'CancelJobExecution'),
];

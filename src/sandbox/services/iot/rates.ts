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
  rate('Service Quotas', 10, 'ListThings', 'ListThingTypes', 'ListPrincipalThings'),
  rate('AWS General Reference', 20, 'ListThingPrincipals'),
  rate('AWS IoT Throttling Limits', 15, 'AttachPolicy', 'DetachPolicy', 'ListAttachedPolicies', 'GetPolicyVersion',
    'AttachPrincipalPolicy', 'DetachPrincipalPolicy', 'ListPrincipalPolicies', 'CreateCertificateFromCsr'),
  rate('AWS IoT Throttling Limits', 10, 'CreatePolicy', 'GetPolicy', 'DeletePolicy', 'ListPolicies',
    'CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions', 'SetDefaultPolicyVersion',
    'ListTargetsForPolicy', 'ListPolicyPrincipals', 'RegisterCertificate', 'RegisterCertificateWithoutCA',
    'DescribeCertificate', 'UpdateCertificate', 'DeleteCertificate', 'ListCertificates', 'ListCertificatesByCA',
    'GetRegistrationCode', 'DeleteRegistrationCode', 'RegisterCACertificate', 'DescribeCACertificate',
    'UpdateCACertificate', 'DeleteCACertificate', 'ListCACertificates', 'RegisterThing'),
  rate('AWS General Reference', 10, 'CreateKeysAndCertificate', 'CreateProvisioningTemplate',
    'DescribeProvisioningTemplate', 'UpdateProvisioningTemplate', 'DeleteProvisioningTemplate',
    'ListProvisioningTemplates', 'CreateProvisioningTemplateVersion', 'DescribeProvisioningTemplateVersion',
    'DeleteProvisioningTemplateVersion', 'ListProvisioningTemplateVersions', 'CreateProvisioningClaim',
    'DescribeEndpoint'),
  rate('AWS IoT Device Management quotas', 10, 'CreateJob', 'DescribeJob', 'GetJobDocument', 'ListJobs', 'CancelJob',
    'DeleteJob', 'DescribeJobExecution', 'ListJobExecutionsForThing', 'ListJobExecutionsForJob',
    'CancelJobExecution'),
];

/** Of the requests of devices, a second: "AWS IoT Device Management" and "AWS IoT Core" endpoints and quotas. */
export const DEVICE_RATES = {
  /** Of the account: DescribeJobExecution and GetPendingJobExecutions together. */
  jobReads: 200,
  /** Of the account: StartNextPendingJobExecution and UpdateJobExecution together. */
  jobWrites: 200,
  /** Of the account; 400 in small regions. */
  shadows: 4000,
  shadowsOfThing: 20,
} as const;

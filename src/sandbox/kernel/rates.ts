import type { Clock } from './clock.ts';
import { type Bucket, createBucket } from '../kit/bucket.ts';

/** How often an account may call some operations; docs/sandbox.md has a row for each. */
export interface AccountRate {
  service: 'iot' | 'cognito-idp';
  perSecond: number;
  operations: readonly string[];
  /** Whether the operations share the rate (a Cognito category); otherwise each has its own. */
  shareRate: boolean;
  /** Where AWS documents the number; `assumed` if its value is not published in any of these places. */
  source: 'Service Quotas' | 'AWS IoT Throttling Limits' | 'Quotas in Amazon Cognito' | 'assumed';
}

const iot = (source: AccountRate['source'], perSecond: number, ...operations: string[]): AccountRate => ({
  service: 'iot',
  perSecond,
  operations,
  shareRate: false,
  source,
});

const category = (perSecond: number, ...operations: string[]): AccountRate => ({
  service: 'cognito-idp',
  perSecond,
  operations,
  shareRate: true,
  source: 'Quotas in Amazon Cognito',
});

// prettier-ignore
export const accountRates: readonly AccountRate[] = [
  iot('Service Quotas', 350, 'DescribeThing'),
  iot('Service Quotas', 100, 'CreateThing', 'UpdateThing', 'DeleteThing', 'AttachThingPrincipal',
    'DetachThingPrincipal', 'DescribeThingType'),
  iot('Service Quotas', 15, 'CreateThingType', 'DeprecateThingType', 'DeleteThingType'),
  iot('Service Quotas', 10, 'ListThings', 'ListThingTypes', 'ListThingPrincipals', 'ListPrincipalThings'),
  iot('AWS IoT Throttling Limits', 15, 'AttachPolicy', 'DetachPolicy', 'ListAttachedPolicies', 'GetPolicyVersion',
    'AttachPrincipalPolicy', 'DetachPrincipalPolicy', 'ListPrincipalPolicies', 'CreateCertificateFromCsr'),
  iot('AWS IoT Throttling Limits', 10, 'CreatePolicy', 'GetPolicy', 'DeletePolicy', 'ListPolicies',
    'CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions', 'SetDefaultPolicyVersion',
    'ListTargetsForPolicy', 'ListPolicyPrincipals', 'RegisterCertificate', 'RegisterCertificateWithoutCA',
    'DescribeCertificate', 'UpdateCertificate', 'DeleteCertificate', 'ListCertificates', 'ListCertificatesByCA',
    'GetRegistrationCode', 'DeleteRegistrationCode', 'RegisterCACertificate', 'DescribeCACertificate',
    'UpdateCACertificate', 'DeleteCACertificate', 'ListCACertificates', 'RegisterThing'),
  iot('assumed', 10, 'CreateKeysAndCertificate', 'CreateProvisioningTemplate', 'DescribeProvisioningTemplate',
    'UpdateProvisioningTemplate', 'DeleteProvisioningTemplate', 'ListProvisioningTemplates',
    'CreateProvisioningTemplateVersion', 'DescribeProvisioningTemplateVersion',
    'DeleteProvisioningTemplateVersion', 'ListProvisioningTemplateVersions', 'CreateProvisioningClaim',
    'DescribeEndpoint', 'CreateJob', 'DescribeJob', 'GetJobDocument', 'ListJobs', 'CancelJob', 'DeleteJob',
    'DescribeJobExecution', 'ListJobExecutionsForThing', 'ListJobExecutionsForJob', 'CancelJobExecution'),
  // The categories UserAuthentication (challenge responses have three times its rate), UserCreation,
  // UserAccountRecovery, UserRead, UserUpdate, UserToken, UserList, UserPoolRead and -Update, UserPoolClientRead
  // and -Update.
  category(120, 'InitiateAuth', 'AdminInitiateAuth'),
  category(360, 'RespondToAuthChallenge', 'AdminRespondToAuthChallenge'),
  category(50, 'SignUp', 'ConfirmSignUp', 'AdminCreateUser', 'AdminConfirmSignUp'),
  category(30, 'AdminSetUserPassword', 'AdminResetUserPassword', 'ForgotPassword', 'ConfirmForgotPassword'),
  category(120, 'GetUser', 'AdminGetUser'),
  category(25, 'AdminUpdateUserAttributes', 'AdminDeleteUser', 'AdminDisableUser', 'AdminEnableUser'),
  category(120, 'RevokeToken'),
  category(30, 'ListUsers'),
  category(15, 'DescribeUserPool', 'ListUserPools'),
  category(15, 'UpdateUserPool'),
  category(15, 'DescribeUserPoolClient', 'ListUserPoolClients'),
  category(15, 'CreateUserPoolClient', 'UpdateUserPoolClient', 'DeleteUserPoolClient'),
];

export interface Rates {
  /** Counts one call of `<service>:<operation>`. False if the account's rate is exceeded. */
  take(operation: string): boolean;
}

/** Operations without a rate are not limited. The others may use one second's worth of their rate at once. */
export function createRates(clock: Clock): Rates {
  const buckets = new Map<string, Bucket>();
  for (const { service, perSecond, operations, shareRate } of accountRates) {
    const newBucket = (): Bucket => createBucket(() => clock.now(), perSecond);
    const sharedBucket = newBucket();
    for (const operation of operations) {
      buckets.set(`${service}:${operation}`, shareRate ? sharedBucket : newBucket());
    }
  }
  return { take: (operation) => buckets.get(operation)?.take() ?? true };
}

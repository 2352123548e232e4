import type { Clock } from './contracts.ts';

/**
 * Calls a second an account may make, by `<service>:<operation>` or by the name of a shared bucket.
 * IoT: Service Quotas of AWS IoT Core ("CreateThing API TPS", …) and, for what is not listed there,
 * "AWS IoT Throttling Limits". Cognito: "Quotas in Amazon Cognito", request rate by category.
 */
const iotRates: Record<string, number> = {
  CreateThing: 100,
  UpdateThing: 100,
  DeleteThing: 100,
  DescribeThing: 350,
  ListThings: 10,
  CreateThingType: 15,
  DeprecateThingType: 15,
  DeleteThingType: 15,
  DescribeThingType: 100,
  ListThingTypes: 10,
  AttachThingPrincipal: 100,
  DetachThingPrincipal: 100,
  ListThingPrincipals: 10,
  ListPrincipalThings: 10,
  CreateThingGroup: 25,
  DescribeThingGroup: 100,
  DeleteThingGroup: 15,
  ListThingGroups: 10,
  AddThingToThingGroup: 100,
  AttachPolicy: 15,
  DetachPolicy: 15,
  ListAttachedPolicies: 15,
  ListTargetsForPolicy: 10,
  CreatePolicy: 10,
  GetPolicy: 10,
  DeletePolicy: 10,
  ListPolicies: 10,
  CreatePolicyVersion: 10,
  DeletePolicyVersion: 10,
  GetPolicyVersion: 15,
  ListPolicyVersions: 10,
  SetDefaultPolicyVersion: 10,
  CreateKeysAndCertificate: 10,
  CreateCertificateFromCsr: 15,
  RegisterCertificate: 10,
  DescribeCertificate: 10,
  UpdateCertificate: 10,
  DeleteCertificate: 10,
  ListCertificates: 10,
  GetRegistrationCode: 10,
  DeleteRegistrationCode: 10,
  RegisterCACertificate: 10,
  DescribeCACertificate: 10,
  UpdateCACertificate: 10,
  DeleteCACertificate: 10,
  ListCACertificates: 10,
  CreateProvisioningTemplate: 10,
  DescribeProvisioningTemplate: 10,
  UpdateProvisioningTemplate: 10,
  DeleteProvisioningTemplate: 10,
  ListProvisioningTemplates: 10,
  CreateProvisioningTemplateVersion: 10,
  CreateProvisioningClaim: 10,
  RegisterThing: 10,
  DescribeEndpoint: 10,
};

/** Cognito counts the operations of a category together. */
const cognitoCategories: [perSecond: number, operations: string[]][] = [
  [120, ['AdminInitiateAuth', 'AdminRespondToAuthChallenge', 'InitiateAuth', 'RespondToAuthChallenge']],
  [50, ['AdminConfirmSignUp', 'AdminCreateUser', 'AdminSetUserPassword', 'ConfirmSignUp', 'SignUp']],
  [120, ['AdminGetUser', 'GetUser']],
  [25, ['AdminDeleteUser', 'AdminDisableUser', 'AdminEnableUser', 'AdminUpdateUserAttributes', 'DeleteUser']],
  [30, ['ListUsers']],
  [15, ['DescribeUserPool', 'ListUserPools']],
  [15, ['UpdateUserPool']],
  [15, ['DescribeUserPoolClient', 'ListUserPoolClients']],
  [15, ['CreateUserPoolClient', 'DeleteUserPoolClient', 'UpdateUserPoolClient']],
];

export interface Rates {
  /** Spends one call of `<service>:<operation>`; false = the account's rate is exceeded. */
  take(operation: string): boolean;
}

interface Bucket {
  perSecond: number;
  tokens: number;
  filledAt: number;
}

/** Token buckets of one second's burst. Operations without a documented rate are not limited. */
export function createRates(clock: Clock): Rates {
  const buckets = new Map<string, Bucket>();
  const add = (perSecond: number, operations: string[]): void => {
    const bucket = { perSecond, tokens: perSecond, filledAt: clock.now() };
    for (const operation of operations) buckets.set(operation, bucket);
  };
  for (const [operation, perSecond] of Object.entries(iotRates)) add(perSecond, [`iot:${operation}`]);
  for (const [perSecond, operations] of cognitoCategories) {
    add(
      perSecond,
      operations.map((operation) => `cognito-idp:${operation}`),
    );
  }

  return {
    take(operation) {
      const bucket = buckets.get(operation);
      if (!bucket) return true;
      const now = clock.now();
      const gained = (Math.max(0, now - bucket.filledAt) / 1000) * bucket.perSecond;
      bucket.tokens = Math.min(bucket.perSecond, bucket.tokens + gained);
      bucket.filledAt = now;
      if (bucket.tokens < 1) return false;
      bucket.tokens--;
      return true;
    },
  };
}

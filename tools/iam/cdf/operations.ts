import type { Condition, Grant } from '../contract.ts';
import {
  CLAIM_POLICY as claimPolicyName,
  DEVICE_POLICY as devicePolicy,
  JITP_TEMPLATE as jitpTemplateName,
  ROLE as roleName,
  TEMPLATE as defaultTemplateName,
} from '../../../src/cms/cdf/provisioner.ts';

/** The kinds of resources that a statement can be limited to. */
const RESOURCES = {
  anything: ['*'],
  'user pool': ['arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID'],
  role: [`arn:aws:iam::ACCOUNT_ID:role/${roleName}`],
  'claim policy': [`arn:aws:iot:REGION:ACCOUNT_ID:policy/${claimPolicyName}`],
  // The second one is the policy that CMS attaches to devices.
  policies: [
    `arn:aws:iot:REGION:ACCOUNT_ID:policy/${claimPolicyName}`,
    `arn:aws:iot:REGION:ACCOUNT_ID:policy/${devicePolicy}`,
  ],
  template: [
    `arn:aws:iot:REGION:ACCOUNT_ID:provisioningtemplate/${defaultTemplateName}`,
    `arn:aws:iot:REGION:ACCOUNT_ID:provisioningtemplate/${jitpTemplateName}`,
  ],
  CAs: ['arn:aws:iot:REGION:ACCOUNT_ID:cacert/*'],
  certificates: ['arn:aws:iot:REGION:ACCOUNT_ID:cert/*'],
  things: ['arn:aws:iot:REGION:ACCOUNT_ID:thing/*'],
  jobs: ['arn:aws:iot:REGION:ACCOUNT_ID:job/*'],
  maps: ['arn:aws:geo-maps:REGION::provider/default'],
  'client of watch': ['arn:aws:iot:REGION:ACCOUNT_ID:client/cms-enablement-watch-*'],
  // The second one is where registrations of vehicles of an own CA are announced.
  filters: [
    'arn:aws:iot:REGION:ACCOUNT_ID:topicfilter/dt/cvra/*',
    'arn:aws:iot:REGION:ACCOUNT_ID:topicfilter/$aws/events/certificates/registered/*',
  ],
  topics: [
    'arn:aws:iot:REGION:ACCOUNT_ID:topic/dt/cvra/*',
    'arn:aws:iot:REGION:ACCOUNT_ID:topic/$aws/events/certificates/registered/*',
  ],
} as const;

const on = (resource: keyof typeof RESOURCES, ...names: string[]): [string, Grant[]][] =>
  names.map((name) => [name, [{ action: name, resources: RESOURCES[resource] }]]);

/** AWS allows these calls for everybody; no policy can allow or deny them. */
const unrestricted = (...names: string[]): [string, Grant[]][] => names.map((name) => [name, []]);

const registration: Condition = {
  ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration' },
};

const passRole: Grant = {
  action: 'iam:PassRole',
  resources: RESOURCES.role,
  condition: { StringEquals: { 'iam:PassedToService': 'iot.amazonaws.com' } },
};

/**
 * What IAM must allow for each call, as narrowly as AWS supports.
 * Source: Service Authorization Reference, the pages of CloudFormation, Cognito user pools, IAM and AWS IoT. If an
 * operation has no resource there, or only an optional one that the call does not name, the resource is `*`.
 */
export const OPERATIONS: ReadonlyMap<string, readonly Grant[]> = new Map([
  // Without a stack name it lists all stacks, so it needs access to all of them.
  ...on('anything', 'cloudformation:DescribeStacks'),
  ...unrestricted('sts:GetCallerIdentity'),
  // Amazon Cognito does not evaluate IAM policies for calls of its users.
  ...unrestricted('cognito-idp:InitiateAuth', 'cognito-idp:RespondToAuthChallenge', 'cognito-idp:SignUp'),
  ...on(
    'user pool',
    'cognito-idp:AdminConfirmSignUp',
    'cognito-idp:AdminCreateUser',
    'cognito-idp:AdminDeleteUser',
    'cognito-idp:AdminGetUser',
    'cognito-idp:AdminSetUserPassword',
    'cognito-idp:DescribeUserPool',
    'cognito-idp:UpdateUserPool',
  ),
  ...on('role', 'iam:CreateRole', 'iam:GetRole', 'iam:ListAttachedRolePolicies'),
  [
    'iam:AttachRolePolicy',
    [{ action: 'iam:AttachRolePolicy', resources: RESOURCES.role, condition: registration }],
  ],
  ...on('anything', 'iot:CreateCertificateFromCsr', 'iot:DescribeEndpoint', 'iot:ListAttachedPolicies'),
  ...on(
    'claim policy',
    'iot:CreatePolicy',
    'iot:CreatePolicyVersion',
    'iot:DeletePolicyVersion',
    'iot:GetPolicyVersion',
    'iot:ListPolicyVersions',
  ),
  ...on('policies', 'iot:GetPolicy'),
  ...on(
    'template',
    'iot:CreateProvisioningClaim',
    'iot:DescribeProvisioningTemplate',
    'iot:UpdateProvisioningTemplate',
  ),
  [
    'iot:CreateProvisioningTemplate',
    [{ action: 'iot:CreateProvisioningTemplate', resources: RESOURCES.template }, passRole],
  ],
  ...on(
    'certificates',
    'iot:AttachPolicy',
    'iot:AttachThingPrincipal',
    'iot:DeleteCertificate',
    'iot:DescribeCertificate',
    'iot:DetachPolicy',
    'iot:DetachThingPrincipal',
    'iot:ListPrincipalThings',
    'iot:UpdateCertificate',
  ),
  ...on('CAs', 'iot:DeleteCACertificate', 'iot:DescribeCACertificate'),
  ...on(
    'anything',
    'iot:GetRegistrationCode',
    'iot:ListCACertificates',
    'iot:ListCertificatesByCA',
    'iot:RegisterCertificateWithoutCA',
  ),
  // A template is handed over with its role.
  ...(
    [
      ['iot:RegisterCACertificate', RESOURCES.anything],
      ['iot:UpdateCACertificate', RESOURCES.CAs],
    ] as const
  ).map(([name, resources]): [string, Grant[]] => [name, [{ action: name, resources }, passRole]]),
  ...on('things', 'iot:CreateThing', 'iot:DeleteThing', 'iot:DescribeThing', 'iot:ListThingPrincipals'),
  // Both the job and its target thing.
  ...['iot:CreateJob', 'iot:DescribeJobExecution'].map((name): [string, Grant[]] => [
    name,
    [
      { action: name, resources: RESOURCES.jobs },
      { action: name, resources: RESOURCES.things },
    ],
  ]),
  // Street tiles. Styles, glyphs and sprites are answered to everybody.
  ...on('maps', 'geo-maps:GetTile'),
  // MQTT over WebSocket, signed with the credentials. Vehicles use certificates and need none of these permissions.
  ...on('client of watch', 'iot:Connect'),
  ...on('filters', 'iot:Subscribe'),
  ...on('topics', 'iot:Receive'),
]);

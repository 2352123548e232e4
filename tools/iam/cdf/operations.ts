import type { Condition, Grant } from '../contract.ts';
import {
  CLAIM_POLICY as claimPolicyName,
  DEVICE_POLICY as devicePolicy,
  JITP_TEMPLATE as jitpTemplateName,
  ROLE as roleName,
  TEMPLATE as defaultTemplateName,
} from '../../../src/cms/cdf/provisioner.ts';
import { BY_KEY, SCALE_OPERATIONS } from './scale.ts';

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
  // What CloudFormation names after the stack of the function that lets vehicles in.
  'function stack': ['arn:aws:cloudformation:REGION:ACCOUNT_ID:stack/cms-enablement-registrations-*/*'],
  'function role': ['arn:aws:iam::ACCOUNT_ID:role/cms-enablement-registrations-*'],
  'function table': ['arn:aws:dynamodb:REGION:ACCOUNT_ID:table/cms-enablement-registrations-*'],
  'function itself': ['arn:aws:lambda:REGION:ACCOUNT_ID:function:cms-enablement-registrations-*'],
  'function log': ['arn:aws:logs:REGION:ACCOUNT_ID:log-group:cms-enablement-registrations-*'],
  // A rule's name has no hyphens.
  'function rule': ['arn:aws:iot:REGION:ACCOUNT_ID:rule/*'],
  jobs: ['arn:aws:iot:REGION:ACCOUNT_ID:job/*'],
  maps: ['arn:aws:geo-maps:REGION::provider/default'],
  'clients of runs': ['arn:aws:iot:REGION:ACCOUNT_ID:client/scale-*'],
  'run channel': ['arn:aws:iot:REGION:ACCOUNT_ID:topic/cms-enablement/scale/*'],
  'filters of runs': ['arn:aws:iot:REGION:ACCOUNT_ID:topicfilter/cms-enablement/scale/*'],
  'queue and definition of runs': [
    'arn:aws:batch:REGION:ACCOUNT_ID:job-queue/cms-enablement-scale',
    'arn:aws:batch:REGION:ACCOUNT_ID:job-definition/cms-enablement-scale*',
  ],
  'jobs of runs': ['arn:aws:batch:REGION:ACCOUNT_ID:job/*'],
  'store of runs': ['arn:aws:s3:::BUCKET', 'arn:aws:s3:::BUCKET/*'],
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

/** Calls whose action has another resource elsewhere: `scale:Connect` is `iot:Connect` of a worker. */
const runChannel = (resource: keyof typeof RESOURCES, ...names: string[]): [string, Grant[]][] =>
  names.map((name) => [`scale:${name}`, [{ action: `iot:${name}`, resources: RESOURCES[resource] }]]);

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

const grants = (resource: keyof typeof RESOURCES, ...actions: string[]): Grant[] =>
  actions.map((action) => ({ action, resources: RESOURCES[resource] }));

/** CloudFormation makes what stands in a template with the rights of whoever asks for the stack. */
const MAKES_FUNCTION: readonly Grant[] = [
  ...grants(
    'function role',
    ...['iam:CreateRole', 'iam:GetRole', 'iam:PutRolePolicy', 'iam:GetRolePolicy'],
    'iam:DeleteRolePolicy',
  ),
  {
    action: 'iam:PassRole',
    resources: RESOURCES['function role'],
    condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
  },
  ...grants(
    'function itself',
    ...['lambda:CreateFunction', 'lambda:GetFunction', 'lambda:UpdateFunctionCode'],
    ...['lambda:UpdateFunctionConfiguration', 'lambda:AddPermission', 'lambda:RemovePermission'],
  ),
  ...grants('function table', 'dynamodb:CreateTable', 'dynamodb:DescribeTable'),
  ...grants('function log', 'logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:DescribeLogGroups'),
  ...grants('function rule', 'iot:CreateTopicRule', 'iot:GetTopicRule', 'iot:ReplaceTopicRule'),
];
const REMOVES_FUNCTION: readonly Grant[] = [
  ...grants('function role', 'iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:GetRole'),
  ...grants('function itself', 'lambda:DeleteFunction', 'lambda:RemovePermission', 'lambda:GetFunction'),
  ...grants('function table', 'dynamodb:DeleteTable', 'dynamodb:DescribeTable'),
  ...grants('function log', 'logs:DeleteLogGroup'),
  ...grants('function rule', 'iot:DeleteTopicRule', 'iot:GetTopicRule'),
];

/**
 * What IAM must allow for each call, as narrowly as AWS supports.
 * Source: Service Authorization Reference, the pages of CloudFormation, Cognito user pools, IAM and AWS IoT. If an
 * operation has no resource there, or only an optional one that the call does not name, the resource is `*`.
 */
export const OPERATIONS: ReadonlyMap<string, readonly Grant[]> = new Map([
  // Without a stack name it lists all stacks, so it needs access to all of them.
  ...on('anything', 'cloudformation:DescribeStacks'),
  ...on('function stack', 'cloudformation:DescribeStackEvents'),
  ...(
    [
      ['cloudformation:CreateStack', MAKES_FUNCTION],
      ['cloudformation:UpdateStack', MAKES_FUNCTION],
      ['cloudformation:DeleteStack', REMOVES_FUNCTION],
    ] as const
  ).map(([name, does]): [string, Grant[]] => [name, [...grants('function stack', name), ...does]]),
  ...on('function table', 'dynamodb:DeleteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem'),
  ...on('function log', 'logs:FilterLogEvents'),
  ...on('function rule', 'iot:EnableTopicRule', 'iot:GetTopicRule'),
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
  // The same, for the run channel of several workers.
  ...runChannel('clients of runs', 'Connect'),
  ...runChannel('run channel', 'Publish', 'RetainPublish', 'Receive'),
  ...runChannel('filters of runs', 'Subscribe'),
  ...on('store of runs', 's3:DeleteObject'),
  ['s3:GetObject', [...grants('store of runs', 's3:GetObject'), ...BY_KEY.reads]],
  ['s3:PutObject', [...grants('store of runs', 's3:PutObject'), ...BY_KEY.writes]],
  ...SCALE_OPERATIONS,
  ...on('queue and definition of runs', 'batch:SubmitJob'),
  ...on('jobs of runs', 'batch:TerminateJob'),
  // AWS knows no resource for these.
  ...on('anything', 'batch:DescribeJobs', 'servicequotas:ListServiceQuotas'),
  ['s3:ListObjectsV2', [{ action: 's3:ListBucket', resources: RESOURCES['store of runs'].slice(0, 1) }]],
  ...on('client of watch', 'iot:Connect'),
  ...on('filters', 'iot:Subscribe'),
  ...on('topics', 'iot:Receive'),
]);

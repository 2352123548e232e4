import { namesOf } from '../../../src/cms/cmGuidance/names.ts';
import type { Grant } from '../contract.ts';

/** Of the stage that stands for all. */
const names = namesOf('STAGE');
const { tables } = names;
const iot = (resource: string): string => `arn:aws:iot:REGION:ACCOUNT_ID:${resource}`;
const backup = `arn:aws:s3:::${names.prefix}-telemetry-backup-REGION-ACCOUNT_ID`;
const cluster = `${names.prefix}-ws-fanout`;
const ecs = (resource: string): string => `arn:aws:ecs:REGION:ACCOUNT_ID:${resource}`;
const kafka = (resource: string): string => `arn:aws:kafka:REGION:ACCOUNT_ID:${resource}`;

/** The kinds of resources that a statement can be limited to. */
const RESOURCES = {
  anything: ['*'],
  pool: ['arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID'],
  backup: [backup],
  rule: [iot(`rule/${names.rule}`)],
  destinations: [iot('ruledestination/*')],
  policies: [iot('policy/*')],
  certificates: [iot('cert/*')],
  things: [iot('thing/*')],
  'rule errors': ['arn:aws:logs:REGION:ACCOUNT_ID:log-group:/aws/iot/rule/errors:*'],
  maps: ['arn:aws:geo-maps:REGION::provider/default'],
  'simulator tasks': [ecs(`task/${names.prefix}-simulation/*`)],
  fanout: [ecs(`service/${cluster}/*`)],
} as const;

const on = (resource: keyof typeof RESOURCES, ...actions: string[]): [string, Grant[]][] =>
  actions.map((action) => [action, [{ action, resources: RESOURCES[resource] }]]);

/** A call on one table, as in `dynamodb:GetItem#certificates`; of an index where it goes by one. */
const table = (name: keyof typeof tables, ...actions: string[]): [string, Grant[]][] =>
  actions.map((action) => [
    `${action}#${name}`,
    [{ action, resources: [`arn:aws:dynamodb:REGION:ACCOUNT_ID:table/${tables[name]}`] }],
  ]);
const index = (name: keyof typeof tables, of: string): [string, Grant[]] => [
  `dynamodb:Query#${name}`,
  [
    {
      action: 'dynamodb:Query',
      resources: [`arn:aws:dynamodb:REGION:ACCOUNT_ID:table/${tables[name]}/index/${of}`],
    },
  ],
];

/**
 * What IAM must allow for each call, as narrowly as AWS supports. Most of the work goes by the API of the CMS, for which
 * somebody signs in: IAM is asked nothing there.
 * Source: Service Authorization Reference.
 */
export const OPERATIONS: ReadonlyMap<string, readonly Grant[]> = new Map([
  // Without a stack name it lists all stacks, so it needs access to all of them.
  ...on('anything', 'cloudformation:DescribeStacks'),
  ['sts:GetCallerIdentity', []],
  // Signing in is authorized by the password.
  ['cognito-idp:InitiateAuth', []],
  ['cognito-idp:RespondToAuthChallenge', []],
  ...on(
    'pool',
    'cognito-idp:AdminAddUserToGroup',
    'cognito-idp:AdminCreateUser',
    'cognito-idp:AdminGetUser',
    'cognito-idp:AdminSetUserPassword',
    'cognito-idp:DescribeUserPool',
  ),
  ...table('certificates', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem'),
  ...table('vehicles', 'dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:UpdateItem'),
  index('vehicles', 'vin-index'),
  ...table('enrollment', 'dynamodb:DeleteItem', 'dynamodb:PutItem'),
  index('enrollment', 'vehicleId-index'),
  ...table('campaigns', 'dynamodb:DeleteItem'),
  index('campaigns', 'targetArn-index'),
  ...table('fleets', 'dynamodb:Scan'),
  ...table('telemetry', 'dynamodb:Query'),
  index('trips', 'vehicleId-startTime-index'),
  ...table('signals', 'dynamodb:Scan'),
  ...table('events', 'dynamodb:Scan'),
  ...table('drivers', 'dynamodb:Scan'),
  ['s3:ListObjectsV2', [{ action: 's3:ListBucket', resources: RESOURCES.backup }]],
  ...on(
    'anything',
    'iot:CreateCertificateFromCsr',
    'iot:DescribeEndpoint',
    'iot:ListAttachedPolicies',
    'kinesisanalytics:ListApplications',
    // AWS cannot limit these to a cluster.
    'ecs:ListServices',
    'ecs:ListTasks',
    'ecs:DescribeTaskDefinition',
  ),
  ...on('simulator tasks', 'ecs:DescribeTasks', 'ecs:StopTask'),
  // Source: Amazon MSK Developer Guide, "Topic operations": the actions are those of Kafka.
  [
    'kafka:ListTopics',
    [
      { action: 'kafka-cluster:Connect', resources: [kafka('cluster/*')] },
      { action: 'kafka-cluster:DescribeTopic', resources: [kafka('topic/*')] },
    ],
  ],
  ...on('fanout', 'ecs:DescribeServices'),
  ...on('maps', 'geo-maps:GetTile'),
  ...on('rule errors', 'logs:FilterLogEvents'),
  ...on('rule', 'iot:GetTopicRule'),
  ...on('destinations', 'iot:GetTopicRuleDestination'),
  ...on('policies', 'iot:GetPolicy'),
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
  ...on('things', 'iot:CreateThing', 'iot:DeleteThing', 'iot:DescribeThing', 'iot:ListThingPrincipals'),
]);

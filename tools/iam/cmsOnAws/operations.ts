import type { Grant } from '../contract.ts';
import { namesOf } from '../../../src/cms/cmsOnAws/names.ts';
import { accessName } from '../../../src/cms/cmsOnAws/telemetryAccess.ts';
import { THING_PREFIX } from '../../../src/cms/cmsOnAws/thingName.ts';

/** Of the app whose id stands for all. */
const names = namesOf('APP_ID');
const iot = (resource: string): string => `arn:aws:iot:REGION:ACCOUNT_ID:${resource}`;
const AUTHORIZED = 'arn:aws:dynamodb:REGION:ACCOUNT_ID:table/AUTHORIZED_TABLE';
const PROVISIONED = 'arn:aws:dynamodb:REGION:ACCOUNT_ID:table/PROVISIONED_TABLE';
const KEYS = 'arn:aws:kms:REGION:ACCOUNT_ID:key/TABLE_KEY_ID';

/** The kinds of resources that a statement can be limited to. */
const RESOURCES = {
  anything: ['*'],
  'stacks with tables': [
    'arn:aws:cloudformation:REGION:ACCOUNT_ID:stack/PROVISIONING_STACK/*',
    'arn:aws:cloudformation:REGION:ACCOUNT_ID:stack/ALERTS_STACK/*',
  ],
  registry: [`arn:aws:ssm:REGION:ACCOUNT_ID:parameter${names.registry}`],
  'claim secret': [`arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:${names.claimSecret}-*`],
  'provider parameters': ['arn:aws:ssm:REGION:ACCOUNT_ID:parameter/solution/auth/IDENTITY_PROVIDER_ID/*'],
  'provider secrets': [
    'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:/solution/auth/IDENTITY_PROVIDER_ID/*',
  ],
  notifications: ['arn:aws:dynamodb:REGION:ACCOUNT_ID:table/NOTIFICATIONS_TABLE'],
  bucket: ['arn:aws:s3:::TELEMETRY_BUCKET'],
  objects: ['arn:aws:s3:::TELEMETRY_BUCKET/cms/data/*'],
  hook: [`arn:aws:lambda:REGION:ACCOUNT_ID:function:${names.hookFunction}`],
  template: [iot(`provisioningtemplate/${names.template}`)],
  policies: [iot('policy/*')],
  'our policy': [iot(`policy/${accessName(names)}`)],
  'our group': [iot(`thinggroup/${accessName(names)}`)],
  rules: names.storageRules.map((name) => iot(`rule/${name}`)),
  certificates: [iot('cert/*')],
  things: [iot(`thing/${THING_PREFIX}*`)],
  maps: ['arn:aws:geo-maps:REGION::provider/default'],
  'client of watch': [iot('client/cms-enablement-watch-*')],
  'telemetry filters': [iot('topicfilter/cms/data/*')],
  'telemetry topics': [iot('topic/cms/data/*')],
} as const;

const on = (resource: keyof typeof RESOURCES, ...actions: string[]): [string, Grant[]][] =>
  actions.map((action) => [action, [{ action, resources: RESOURCES[resource] }]]);

const TABLES = {
  authorized: AUTHORIZED,
  provisioned: PROVISIONED,
  notifications: RESOURCES.notifications[0],
} as const;

/**
 * A call on one table, by the call and the table, as in `dynamodb:Query#provisioned`. The tables are encrypted with keys
 * of their own, which DynamoDB uses with the rights of who asks.
 */
const table = (
  name: keyof typeof TABLES,
  keyActions: readonly string[],
  ...actions: string[]
): [string, Grant[]][] =>
  actions.map((action) => [
    `${action}#${name}`,
    [{ action, resources: [TABLES[name]] }, ...keyActions.map((key) => ({ action: key, resources: [KEYS] }))],
  ]);
const READS = ['kms:Decrypt'];
const WRITES = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'];

/**
 * What IAM must allow for each call, as narrowly as AWS supports.
 * Source: Service Authorization Reference; the roles of the solution's own functions, for the keys of its tables.
 */
export const OPERATIONS: ReadonlyMap<string, readonly Grant[]> = new Map([
  // Without a stack name it lists all stacks, so it needs access to all of them.
  ...on('anything', 'cloudformation:DescribeStacks'),
  ['sts:GetCallerIdentity', []],
  ...on('stacks with tables', 'cloudformation:ListStackResources'),
  ...on('registry', 'ssm:GetParametersByPath'),
  ...on('provider parameters', 'ssm:GetParameters'),
  ...on('claim secret', 'secretsmanager:GetSecretValue', 'secretsmanager:RotateSecret'),
  [
    'secretsmanager:GetSecretValue#provider',
    [{ action: 'secretsmanager:GetSecretValue', resources: RESOURCES['provider secrets'] }],
  ],
  ['s3:ListObjectsV2', [{ action: 's3:ListBucket', resources: RESOURCES.bucket }]],
  ...on('objects', 's3:DeleteObject', 's3:GetObject'),
  ...table('authorized', READS, 'dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Scan'),
  ...table('provisioned', READS, 'dynamodb:Query', 'dynamodb:Scan'),
  ...table('notifications', READS, 'dynamodb:Scan'),
  ...table('authorized', WRITES, 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'),
  ...table('provisioned', WRITES, 'dynamodb:DeleteItem', 'dynamodb:UpdateItem'),
  ...on(
    'anything',
    'iot:DescribeEndpoint',
    'iot:DescribeEventConfigurations',
    'iot:ListAttachedPolicies',
    'iot:ListThings',
  ),
  ...on(
    'template',
    'iot:CreateProvisioningClaim',
    'iot:DescribeProvisioningTemplate',
    'iot:UpdateProvisioningTemplate',
  ),
  ...on('policies', 'iot:GetPolicy'),
  ...on('our policy', 'iot:CreatePolicy'),
  // Vehicles get their own policy from the template.
  ...on('our group', 'iot:AttachPolicy', 'iot:CreateThingGroup'),
  ...['iot:AddThingToThingGroup', 'iot:RemoveThingFromThingGroup'].map((action): [string, Grant[]] => [
    action,
    [{ action, resources: [...RESOURCES['our group'], ...RESOURCES.things] }],
  ]),
  ...on('rules', 'iot:EnableTopicRule', 'iot:GetTopicRule'),
  ...on('hook', 'lambda:InvokeFunction'),
  ...on(
    'certificates',
    'iot:AttachThingPrincipal',
    'iot:DeleteCertificate',
    'iot:DescribeCertificate',
    'iot:DetachPolicy',
    'iot:DetachThingPrincipal',
    'iot:ListPrincipalThings',
    'iot:UpdateCertificate',
  ),
  ...on(
    'things',
    'iot:DeleteThing',
    'iot:DescribeThing',
    'iot:ListThingGroupsForThing',
    'iot:ListThingPrincipals',
  ),
  // Street tiles. Styles, glyphs and sprites are answered to everybody.
  ...on('maps', 'geo-maps:GetTile'),
  // MQTT over WebSocket, signed with the credentials. Vehicles use certificates and need none of these permissions.
  ...on('client of watch', 'iot:Connect'),
  ...on('telemetry filters', 'iot:Subscribe'),
  ...on('telemetry topics', 'iot:Receive'),
]);

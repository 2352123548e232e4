import type { Task } from '../contract.ts';

/** Finds a deployment and opens it. */
const OPEN = [
  'cloudformation:DescribeStacks',
  'cloudformation:ListStackResources',
  'ssm:GetParametersByPath',
];
/** Reads what the tables know of a vehicle. */
const ROWS = ['dynamodb:GetItem#authorized', 'dynamodb:Query#provisioned'];
/** Reads a vehicle's certificates in AWS IoT. */
const IDENTITY = ['iot:DescribeCertificate', 'iot:ListAttachedPolicies', 'iot:ListThingPrincipals'];
/** What was stored of its telemetry. */
const STORED = {
  's3:GetObject': 'where telemetry was stored',
  's3:ListObjectsV2': 'to know what was stored last',
};
/** Gets a certificate by the template. */
const CERTIFICATE = [
  ...ROWS,
  'iot:CreateProvisioningClaim',
  'iot:DescribeEndpoint',
  'iot:DescribeProvisioningTemplate',
  'iot:DescribeThing',
  'iot:ListPrincipalThings',
  'sts:GetCallerIdentity',
  ...IDENTITY,
];
const CERTIFICATE_SOMETIMES = {
  'dynamodb:UpdateItem#provisioned': 'an earlier attempt that failed, or an offboarding that was interrupted',
  'iot:DeleteCertificate': 'a failed attempt',
  'iot:DetachPolicy': 'a failed attempt',
  'iot:DetachThingPrincipal': 'a failed attempt',
  'iot:UpdateCertificate': 'a certificate that a refused attempt switched off',
  'lambda:InvokeFunction': 'to wake the hook, which has five seconds; without it nothing is lost',
  'secretsmanager:GetSecretValue': 'where a temporary claim is not allowed',
};

export const TASKS: readonly Task[] = [
  {
    name: 'look',
    wish: 'look around',
    purpose: 'see deployments and vehicles: `deployments`, `vehicles`, and the tree',
    calls: [
      ...OPEN,
      ...ROWS,
      'dynamodb:Scan#authorized',
      'dynamodb:Scan#provisioned',
      'iot:DescribeThing',
      'iot:ListThingPrincipals',
      'iot:ListThings',
    ],
    sometimes: {
      'dynamodb:BatchGetItem#authorized': 'vehicles that were provisioned, or have a thing',
      'iot:DescribeCertificate': 'vehicles that have a certificate',
      'iot:DescribeProvisioningTemplate': 'the row *Provisioning* of the tree',
      'iot:GetPolicy': 'the row *Provisioning* of the tree',
      'dynamodb:Scan#notifications':
        'alerts of the module cms-alerts: `alerts`, its row in the tree, the map',
      'secretsmanager:GetSecretValue#provider': 'the vehicles whose telemetry GraphQL has: `stored`, its row',
      'ssm:GetParameters': 'the same',
      'sts:GetCallerIdentity': 'a connection that is added',
      ...STORED,
    },
  },
  {
    name: 'setup',
    wish: 'give vehicles the right to send telemetry',
    besides: 'onboard',
    purpose:
      'in addition to `onboard`, with `--telemetry-access group`: creates the thing group and its policy once, and adds vehicles to it',
    calls: [
      'iot:AddThingToThingGroup',
      'iot:AttachPolicy',
      'iot:CreatePolicy',
      'iot:CreateThingGroup',
      'iot:GetPolicy',
      'iot:ListThingGroupsForThing',
    ],
  },
  {
    name: 'onboard',
    wish: 'onboard vehicles and fleets',
    purpose: 'onboard vehicles, one or a fleet: `onboard`',
    calls: [
      ...OPEN,
      ...CERTIFICATE,
      'dynamodb:PutItem#authorized',
      'iot:ListThingGroupsForThing',
      's3:GetObject',
      's3:ListObjectsV2',
    ],
    sometimes: {
      ...CERTIFICATE_SOMETIMES,
      'dynamodb:UpdateItem#authorized': 'an authorization that says something else',
      'iot:GetPolicy': 'policies of the vehicle',
    },
  },
  {
    name: 'provision',
    wish: 'get and renew certificates, and nothing else',
    purpose: 'certificates alone: `provision`, `rotate`',
    calls: [...OPEN, ...CERTIFICATE],
    sometimes: CERTIFICATE_SOMETIMES,
  },
  {
    name: 'drive',
    wish: 'drive with the certificates you have',
    purpose: 'act as vehicles with the certificates on this computer: `simulate`, `dtc`',
    calls: [...OPEN, 'iot:DescribeEndpoint'],
    sometimes: {
      'dynamodb:GetItem#authorized': 'where telemetry was stored',
      'dynamodb:Query#provisioned': 'where telemetry was stored',
      'iot:DescribeCertificate':
        'to say before a drive that a vehicle may not send; without it that is left out',
      'iot:GetPolicy': 'the same',
      'iot:ListAttachedPolicies': 'the same',
      'iot:ListThingGroupsForThing': 'the same',
      'sts:GetCallerIdentity': 'the same',
      ...STORED,
    },
  },
  {
    name: 'watch',
    wish: 'watch the telemetry',
    purpose: 'see what reaches AWS IoT from the vehicles: `watch`',
    calls: [...OPEN, 'iot:Connect', 'iot:Receive', 'iot:Subscribe'],
    sometimes: {
      'geo-maps:GetTile': 'street tiles of Amazon Location Service on the map',
      'dynamodb:Scan#notifications': 'alerts of the module cms-alerts',
      'iot:DescribeEndpoint': 'without `--endpoint`',
    },
  },
  {
    name: 'cloud-drive',
    wish: 'have the simulator of CMS send for vehicles',
    purpose:
      'sign in to the simulator of the solution, whose own permissions do the rest: `simulate-in-cloud`',
    calls: [...OPEN, 'sts:GetCallerIdentity'],
    sometimes: {
      'iot:ListThings': 'to see when the last thing of a run has ended; without it, the elapsed time decides',
      's3:ListObjectsV2': 'to see what arrived; without it that is left out',
    },
  },
  {
    name: 'doctor',
    wish: 'find out what is wrong',
    purpose: "find out why a vehicle's data does not arrive; changes nothing: `doctor`",
    calls: [
      ...OPEN,
      ...ROWS,
      ...IDENTITY,
      'iot:DescribeEndpoint',
      'iot:DescribeEventConfigurations',
      'iot:DescribeProvisioningTemplate',
      'iot:DescribeThing',
      'iot:GetPolicy',
      'iot:GetTopicRule',
      'iot:ListThingGroupsForThing',
      's3:GetObject',
      's3:ListObjectsV2',
      'secretsmanager:GetSecretValue',
      'ssm:GetParameters',
      'sts:GetCallerIdentity',
    ],
    sometimes: {
      'lambda:InvokeFunction': 'to see how fast the hook answers; without it that is left out',
      'secretsmanager:GetSecretValue#provider': 'to ask GraphQL; without it that is left out',
    },
  },
  {
    name: 'doctor-fix',
    wish: 'fix what the doctor finds',
    besides: 'doctor',
    purpose: 'in addition to `doctor`, with `--fix`: does what a remedy says, after asking',
    calls: [],
    sometimes: {
      'dynamodb:DeleteItem#provisioned': 'an incomplete row, which keeps a vehicle from being provisioned',
      'dynamodb:UpdateItem#provisioned': 'a row whose certificate is gone, or switched off',
      'iot:AddThingToThingGroup': 'a vehicle that may not send telemetry',
      'iot:AttachPolicy': 'a vehicle that may not send telemetry',
      'iot:AttachThingPrincipal': 'a certificate that is not attached to its thing',
      'iot:CreatePolicy': 'a vehicle that may not send telemetry',
      'iot:CreateThingGroup': 'a vehicle that may not send telemetry',
      'iot:EnableTopicRule': 'a topic rule that is disabled',
      'iot:ListPrincipalThings': 'before it attaches something: whose certificate it is',
      'iot:UpdateCertificate': 'a certificate that is not active',
      'iot:UpdateProvisioningTemplate': 'a template that is disabled',
      's3:DeleteObject': 'a stored message that makes every query fail',
      'secretsmanager:RotateSecret': 'a claim certificate whose rotation was interrupted',
    },
  },
  {
    name: 'offboard',
    wish: 'offboard',
    purpose: 'remove vehicles again: `offboard`',
    calls: [
      ...OPEN,
      ...ROWS,
      ...IDENTITY,
      'dynamodb:DeleteItem#authorized',
      'dynamodb:UpdateItem#provisioned',
      'iot:DeleteCertificate',
      'iot:DeleteThing',
      'iot:DescribeThing',
      'iot:DetachPolicy',
      'iot:DetachThingPrincipal',
      'iot:ListPrincipalThings',
      'iot:ListThingGroupsForThing',
      'iot:UpdateCertificate',
    ],
    sometimes: {
      'dynamodb:DeleteItem#provisioned': 'an incomplete row of the vehicle',
      'iot:RemoveThingFromThingGroup': 'a vehicle that got the right to send telemetry',
    },
  },
];

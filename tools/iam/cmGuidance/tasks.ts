import type { Task } from '../contract.ts';

/** Finds a deployment; it says in its outputs and by its stage all that is needed. */
const OPEN = ['cloudformation:DescribeStacks'];
/** Signs in to the user pool, for the API of the CMS. */
const SIGN_IN = ['cognito-idp:InitiateAuth', 'cognito-idp:RespondToAuthChallenge'];
/** Reads a vehicle's certificates in AWS IoT. */
const IDENTITY = ['iot:DescribeCertificate', 'iot:ListAttachedPolicies', 'iot:ListPrincipalThings'];
/** Fetches the certificate that the CMS keeps. */
const CERTIFICATE = [
  'dynamodb:GetItem#certificates',
  'iot:DescribeEndpoint',
  'iot:ListThingPrincipals',
  'sts:GetCallerIdentity',
  ...IDENTITY,
];
/** Has one made for a key of this computer, in place of the one in the table. */
const OWN_KEY = {
  'dynamodb:PutItem#certificates':
    'a key that is created here: its certificate takes the place of the one in the table',
  'iot:AttachPolicy': 'a key that is created here',
  'iot:AttachThingPrincipal': 'a key that is created here',
  'iot:CreateCertificateFromCsr': 'a key that is created here',
  'iot:CreateThing': 'a key that is created here, for a vehicle whose thing is missing',
  'iot:DescribeThing': 'a key that is created here',
  'iot:GetPolicy': 'a key that is created here',
  'iot:UpdateCertificate': 'a key that is created here',
};
const CLEANING = {
  'iot:DeleteCertificate': 'a failed attempt',
  'iot:DetachPolicy': 'a failed attempt',
  'iot:DetachThingPrincipal': 'a failed attempt',
};
/** The policies of a vehicle, which say where it may send. */
const POLICIES = {
  'iot:DescribeCertificate':
    'to see where a vehicle may send; without it the policy of release 0.4 is assumed',
  'iot:GetPolicy': 'the same',
  'iot:ListAttachedPolicies': 'the same',
  'sts:GetCallerIdentity': 'the same',
};

export const TASKS: readonly Task[] = [
  {
    name: 'look',
    wish: 'look around',
    purpose:
      'see deployments, vehicles, fleets, model manifests and drivers: `deployments`, `vehicles`, and the tree',
    calls: [...OPEN, ...SIGN_IN, 'iot:DescribeCertificate', 'iot:DescribeThing', 'iot:ListThingPrincipals'],
    sometimes: {
      'sts:GetCallerIdentity': 'a connection that is added',
    },
  },
  {
    name: 'onboard',
    wish: 'onboard vehicles and fleets',
    purpose: 'onboard vehicles, one or a fleet: `onboard`',
    calls: [
      ...OPEN,
      ...SIGN_IN,
      ...CERTIFICATE,
      'cognito-idp:AdminGetUser',
      'dynamodb:GetItem#vehicles',
      'dynamodb:Query#enrollment',
      'dynamodb:Query#vehicles',
      'iot:GetPolicy',
    ],
    sometimes: {
      'cognito-idp:AdminAddUserToGroup': 'a user who is missing; not with `--new-user-group none`',
      'cognito-idp:AdminCreateUser': 'the same',
      'cognito-idp:AdminSetUserPassword': 'the same',
      'cognito-idp:DescribeUserPool': 'the same',
      'dynamodb:PutItem#enrollment': 'where the API has no route to enroll, with `--enrollment table`',
      'dynamodb:Scan#fleets':
        'a new fleet, or one that is not yet in the list of the API, which may be five minutes old',
      'dynamodb:UpdateItem#vehicles': 'where the API has no route to enroll, with `--enrollment table`',
      ...OWN_KEY,
      ...CLEANING,
    },
  },
  {
    name: 'provision',
    wish: 'get and renew certificates, and nothing else',
    purpose: 'certificates alone: `provision`, `rotate`',
    calls: [...OPEN, ...CERTIFICATE],
    sometimes: { ...OWN_KEY, ...CLEANING },
  },
  {
    name: 'drive',
    wish: 'drive with the certificates you have',
    purpose: 'act as vehicles with the certificates on this computer: `simulate`, `dtc`',
    calls: [...OPEN, 'iot:DescribeEndpoint'],
    sometimes: POLICIES,
  },
  {
    name: 'cloud-drive',
    wish: 'hand vehicles over to the simulator of the CMS',
    purpose:
      'have the remote simulator of the CMS drive vehicles, and end what it started: `simulate-in-cloud`',
    calls: [...OPEN, ...SIGN_IN, 'dynamodb:Query#trips', 'ecs:DescribeTasks', 'sts:GetCallerIdentity'],
    sometimes: {
      'dynamodb:Scan#drivers': 'where the API has no route to list drivers',
      'ecs:ListTasks': 'a start whose answer was lost',
      'ecs:StopTask': 'a run that the simulator has forgotten, but that is still running',
    },
  },
  {
    name: 'watch',
    wish: 'watch the telemetry',
    purpose: 'see what the CMS passes on from its vehicles: `watch`',
    calls: [...OPEN, ...SIGN_IN],
    sometimes: { 'geo-maps:GetTile': 'street tiles of Amazon Location Service on the map' },
  },
  {
    name: 'command',
    wish: 'send commands to vehicles',
    purpose: 'have the CMS send a command to a vehicle, and follow it: `command`',
    calls: [...OPEN, ...SIGN_IN],
  },
  {
    name: 'doctor',
    wish: 'find out what is wrong',
    purpose: "find out why a vehicle's data does not arrive; changes nothing: `doctor`",
    calls: [
      ...OPEN,
      ...SIGN_IN,
      ...CERTIFICATE,
      'dynamodb:GetItem#vehicles',
      'dynamodb:Query#enrollment',
      'dynamodb:Query#telemetry',
      'dynamodb:Scan#drivers',
      'dynamodb:Scan#events',
      'dynamodb:Scan#signals',
      'ecs:ListServices',
      'iot:DescribeThing',
      'iot:GetPolicy',
      'iot:GetTopicRule',
      'kinesisanalytics:ListApplications',
      'logs:FilterLogEvents',
      's3:ListObjectsV2',
    ],
    sometimes: {
      'ecs:DescribeServices': 'where the stack ws-fanout is deployed',
      'ecs:DescribeTaskDefinition': 'where the stack ws-fanout is deployed',
      'iot:GetTopicRuleDestination': 'where the rule has a destination in a VPC',
      'kafka:ListTopics': 'a vehicle that is enrolled in a fleet',
    },
  },
  {
    name: 'doctor-fix',
    wish: 'fix what the doctor finds',
    besides: 'doctor',
    purpose: 'in addition to `doctor`, with `--fix`: does what a remedy says, after asking',
    calls: [],
    sometimes: {
      'dynamodb:DeleteItem#enrollment': 'a vehicle that is enrolled in another fleet than its row says',
      'dynamodb:PutItem#enrollment': 'a vehicle that is not enrolled',
      'dynamodb:UpdateItem#vehicles': 'a vehicle that is not enrolled',
      'iot:AttachThingPrincipal': 'a certificate that is not attached to its thing',
      'iot:UpdateCertificate': 'a certificate that is not active',
    },
  },
  {
    name: 'offboard',
    wish: 'offboard',
    purpose: 'remove vehicles again: `offboard`',
    calls: [
      ...OPEN,
      ...SIGN_IN,
      ...IDENTITY,
      'dynamodb:DeleteItem#certificates',
      'dynamodb:DeleteItem#enrollment',
      'dynamodb:GetItem#certificates',
      'dynamodb:Query#campaigns',
      'dynamodb:Query#enrollment',
      'dynamodb:Query#vehicles',
      'iot:DeleteCertificate',
      'iot:DeleteThing',
      'iot:DescribeThing',
      'iot:DetachPolicy',
      'iot:DetachThingPrincipal',
      'iot:ListThingPrincipals',
      'iot:UpdateCertificate',
    ],
    sometimes: {
      'dynamodb:DeleteItem#campaigns': 'a campaign of the vehicle',
      'dynamodb:DeleteItem#vehicles': 'where the API has no route to delete a vehicle',
    },
  },
];

import type { Task } from '../contract.ts';

const FIND = 'cloudformation:DescribeStacks';
const SIGN_IN = ['cognito-idp:InitiateAuth', 'cognito-idp:RespondToAuthChallenge'];
/** Reads a vehicle's certificates in AWS IoT. */
const IDENTITY = ['iot:DescribeCertificate', 'iot:ListAttachedPolicies', 'iot:ListThingPrincipals'];
/** Checks that role, claim policy and template exist and are correct. */
const SETUP_LOOKS = [
  'iam:GetRole',
  'iam:ListAttachedRolePolicies',
  'iot:DescribeProvisioningTemplate',
  'iot:GetPolicy',
  'sts:GetCallerIdentity',
];
/** Creates, uses and deactivates a claim for one vehicle, and handles the certificate it is exchanged for. */
const CERTIFICATE = [
  'iot:AttachPolicy',
  'iot:CreateCertificateFromCsr',
  'iot:DeleteCertificate',
  'iot:DescribeEndpoint',
  'iot:DetachPolicy',
  'iot:ListPrincipalThings',
  'iot:UpdateCertificate',
];
const TEMPORARY = { 'iot:CreateProvisioningClaim': 'with a temporary claim' };

export const TASKS: readonly Task[] = [
  {
    name: 'look',
    wish: 'look around',
    purpose:
      'see stacks, vehicles, users and suppliers: `stacks`, `vehicles`, `users`, `suppliers`, and the tree',
    calls: [FIND, ...SIGN_IN, 'iot:DescribeCertificate', 'iot:ListThingPrincipals'],
    sometimes: {
      'iot:DescribeProvisioningTemplate': 'the row *Provisioning* of the tree',
      'iot:GetPolicy': 'the row *Provisioning* of the tree',
      'sts:GetCallerIdentity': 'a connection that is added',
    },
  },
  {
    name: 'setup',
    wish: 'onboard the first vehicle of an account',
    besides: 'onboard',
    purpose:
      'in addition to `onboard` or `provision`, for the first vehicle of an account: creates the IAM role, the claim policy and the provisioning template',
    calls: [
      'iam:AttachRolePolicy',
      'iam:CreateRole',
      'iot:CreatePolicy',
      'iot:CreateProvisioningTemplate',
      'iam:GetRole',
      'iot:DescribeProvisioningTemplate',
      'iot:GetPolicy',
    ],
    sometimes: {
      'iam:ListAttachedRolePolicies': 'a role that is there already',
      'iot:CreatePolicyVersion': 'a claim policy that lacks something',
      'iot:DeletePolicyVersion': 'a claim policy that has five versions',
      'iot:GetPolicyVersion': 'a claim policy that has five versions',
      'iot:ListPolicyVersions': 'a claim policy that has five versions',
    },
  },
  {
    name: 'onboard',
    wish: 'onboard further vehicles and fleets',
    purpose: 'onboard vehicles, one or a fleet: `onboard`',
    calls: [
      FIND,
      ...SIGN_IN,
      ...SETUP_LOOKS,
      ...CERTIFICATE,
      ...IDENTITY,
      'cognito-idp:AdminCreateUser',
      'cognito-idp:AdminGetUser',
      'cognito-idp:AdminSetUserPassword',
      'cognito-idp:DescribeUserPool',
    ],
    sometimes: {
      ...TEMPORARY,
      'cognito-idp:AdminDeleteUser': 'a user made in this run whose password could not be set',
      'iot:AttachThingPrincipal': 'a certificate that is to be attached to its thing again',
      'iot:DetachThingPrincipal': 'a certificate that was registered, but could not be saved, is deleted',
    },
  },
  {
    name: 'self-sign-up',
    wish: 'onboard with `--sign-in-mode self-sign-up`',
    besides: 'onboard',
    purpose:
      'in addition to `onboard`, with `--sign-in-mode self-sign-up`: opens the user pool for the sign-up of the user and closes it again',
    calls: [
      'cognito-idp:AdminConfirmSignUp',
      'cognito-idp:DescribeUserPool',
      'cognito-idp:SignUp',
      'cognito-idp:UpdateUserPool',
    ],
  },
  {
    name: 'provision',
    wish: 'get and renew certificates, and nothing else',
    purpose: 'certificates alone: `provision`, `rotate`',
    calls: [FIND, ...SETUP_LOOKS, ...CERTIFICATE, ...IDENTITY, 'iot:DetachThingPrincipal'],
    sometimes: TEMPORARY,
  },
  {
    name: 'own-ca',
    wish: 'let in vehicles whose certificates your own CA signs',
    besides: 'provision',
    purpose:
      'in addition to `provision`, for a CA of your own: registers, lists, switches and removes it, and lets its vehicles in: `ca`, `provision --provisioner jitp` and `jitr`',
    calls: [
      'iot:AttachThingPrincipal',
      'iot:CreateProvisioningTemplate',
      'iot:CreateThing',
      'iot:DeleteCACertificate',
      'iot:DescribeCACertificate',
      'iot:DescribeThing',
      'iot:GetRegistrationCode',
      'iot:ListCACertificates',
      'iot:ListCertificatesByCA',
      'iot:RegisterCACertificate',
      'iot:UpdateCACertificate',
    ],
    sometimes: {
      'iam:AttachRolePolicy': 'a role that is missing',
      'iam:CreateRole': 'a role that is missing',
      'iot:RegisterCertificateWithoutCA': '`certificates register`',
      'iot:Connect': '`--watch-registrations`',
      'iot:Receive': '`--watch-registrations`',
      'iot:Subscribe': '`--watch-registrations`',
    },
  },
  {
    name: 'own-ca-function',
    wish: 'let vehicles of your own CA in while nobody watches',
    besides: 'own-ca',
    purpose:
      'deploys the function that decides about vehicles of your own CA, gives it its list, and removes it: `ca function`. CloudFormation also creates what is in the stack with these permissions',
    calls: [
      FIND,
      'cloudformation:CreateStack',
      'cloudformation:DeleteStack',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'iot:DescribeCACertificate',
      'iot:ListCertificatesByCA',
      'sts:GetCallerIdentity',
    ],
    sometimes: {
      'cloudformation:DescribeStackEvents': 'a stack that could not be deployed: its reason',
      'cloudformation:UpdateStack': 'a function that is there already, and `--revoke-others`',
      'dynamodb:DeleteItem': 'vehicles that are not in the list anymore',
      'iot:GetTopicRule': 'the row of the function in the editor: its rule',
      'logs:FilterLogEvents': 'the row of the function in the editor: its last error',
    },
  },
  {
    name: 'drive',
    wish: 'drive with the certificates you have',
    purpose: 'act as vehicles with the certificates on this computer: `simulate`, `dtc`',
    calls: [FIND, 'iot:DescribeEndpoint'],
  },
  {
    name: 'scale',
    wish: 'drive with several workers',
    besides: 'drive',
    purpose:
      'in addition to `drive`, for runs of several workers, of any generation: `simulate --shards`, `worker`, `scale`',
    calls: [],
    sometimes: {
      'scale:Connect': 'the run channel: a client of each worker and controller',
      'scale:Publish': 'the run channel',
      'scale:Receive': 'the run channel',
      'scale:RetainPublish': 'the run channel: what later workers need to know',
      'scale:Subscribe': 'the run channel',
      'batch:DescribeJobs': '`--on batch`',
      'batch:SubmitJob': '`--on batch`',
      'batch:TerminateJob': '`--on batch`',
      'servicequotas:ListServiceQuotas': 'the limits of the account, before the start',
      's3:DeleteObject': '`identities push`: the keys that were there before',
      's3:GetObject': 'a store in S3',
      's3:ListObjectsV2': 'a store in S3',
      's3:PutObject': 'a store in S3',
    },
  },
  {
    name: 'scale-setup',
    wish: 'set up what workers on AWS Batch need',
    besides: 'scale',
    purpose:
      'creates queue, job definition, roles, network, repository, logs, bucket and key for runs on AWS Batch, and removes them: `scale setup`, `scale remove`. CloudFormation also creates what is in the stacks with these permissions',
    calls: [
      FIND,
      'batch:ListJobs',
      'cloudformation:CreateStack#scale',
      'cloudformation:DeleteStack#scale',
      's3:ListObjectsV2',
      'sts:GetCallerIdentity',
    ],
    sometimes: {
      'cloudformation:DescribeStackEvents#scale': 'a stack that could not be deployed: its reason',
      'cloudformation:UpdateStack#scale': 'stacks that are there already',
      's3:DeleteObject': '`scale remove --delete-results`',
      's3:GetObject': 'how many keys are in the bucket',
    },
  },
  {
    name: 'job',
    wish: 'send jobs to vehicles',
    purpose: 'send jobs to vehicles: `job`',
    calls: [FIND, 'iot:CreateJob', 'iot:DescribeJobExecution', 'iot:DescribeThing'],
  },
  {
    name: 'watch',
    wish: 'watch the telemetry',
    purpose: 'see what reaches AWS IoT from the vehicles: `watch`',
    calls: [FIND, 'iot:Connect', 'iot:Receive', 'iot:Subscribe'],
    sometimes: {
      'geo-maps:GetTile': 'street tiles of Amazon Location Service on the map',
      'iot:DescribeEndpoint': 'without `--endpoint`',
    },
  },
  {
    name: 'doctor',
    wish: 'find out what is wrong',
    purpose: "find out why a vehicle's data does not arrive; changes nothing: `doctor`",
    calls: [
      FIND,
      ...SIGN_IN,
      ...IDENTITY,
      'iot:DescribeEndpoint',
      'iot:DescribeProvisioningTemplate',
      'iot:DescribeThing',
      'iot:GetPolicy',
      'iot:ListCACertificates',
      'sts:GetCallerIdentity',
    ],
    sometimes: {
      'iam:GetRole': 'a CA of your own whose template has the role created here',
      'iot:DescribeCACertificate': 'a CA of your own',
      'dynamodb:Scan': 'a function that lets vehicles of your own CA in: its list',
      'iot:GetTopicRule': 'such a function: its rule',
      'logs:FilterLogEvents': 'such a function: its last error',
    },
  },
  {
    name: 'doctor-fix',
    wish: 'fix what the doctor finds',
    besides: 'doctor',
    purpose: 'in addition to `doctor`, with `--fix`: does what a remedy says, after asking',
    calls: [],
    sometimes: {
      'iot:AttachPolicy': 'a certificate without the device policy',
      'iot:AttachThingPrincipal': 'a certificate that is not attached to its thing',
      'iot:EnableTopicRule': 'a function that lets vehicles of your own CA in, whose rule is disabled',
      'iot:ListPrincipalThings': 'before each of them: whose certificate it is',
      'iot:UpdateCACertificate': 'a CA of your own that is switched off',
      'iot:UpdateCertificate': 'a certificate that is not active',
      'iot:UpdateProvisioningTemplate': 'a template that is disabled',
    },
  },
  {
    name: 'offboard',
    wish: 'offboard',
    purpose: 'remove vehicles again: `offboard`',
    calls: [
      FIND,
      ...SIGN_IN,
      ...IDENTITY,
      'iot:DeleteCertificate',
      'iot:DeleteThing',
      'iot:DescribeThing',
      'iot:DetachPolicy',
      'iot:DetachThingPrincipal',
      'iot:ListPrincipalThings',
      'iot:UpdateCertificate',
    ],
    sometimes: { 'cognito-idp:AdminDeleteUser': 'with `--remove-sign-in-user`' },
  },
];

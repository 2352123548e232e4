import type { Condition, Grant } from '../contract.ts';

const inAccount = (service: string, ...rests: string[]): string[] =>
  rests.map((rest) => `arn:aws:${service}:REGION:ACCOUNT_ID:${rest}`);

const EVERYTHING = ['*'];
const STACKS = inAccount('cloudformation', 'stack/cms-enablement-scale*/*');
const ROLES = ['arn:aws:iam::ACCOUNT_ID:role/cms-enablement-scale-*'];
const BUCKETS = ['arn:aws:s3:::cms-enablement-scale-data-*'];
const KEYS = inAccount('kms', 'key/*');
const LOGS = inAccount('logs', 'log-group:/cms-enablement/scale*');
const REPOSITORY = inAccount('ecr', 'repository/cms-enablement-scale');
const QUEUE = inAccount('batch', 'job-queue/cms-enablement-scale', 'compute-environment/*');
const DEFINITION = inAccount('batch', 'job-definition/cms-enablement-scale*');
/** EC2 names each of them by an id that it makes up. */
const NETWORK = inAccount(
  'ec2',
  ...['vpc/*', 'subnet/*', 'security-group/*', 'internet-gateway/*', 'route-table/*'],
);

const grants = (resources: readonly string[], ...actions: string[]): Grant[] =>
  actions.map((action) => ({ action, resources }));
const under = (condition: Condition, ...all: Grant[]): Grant[] => all.map((one) => ({ ...one, condition }));
const viaS3: Condition = { StringEquals: { 'kms:ViaService': 's3.REGION.amazonaws.com' } };
const execution: Condition = {
  ArnEquals: {
    'iam:PolicyARN': 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy',
  },
};

/** What is read while a stack is made or removed. AWS knows no resource for these. */
const LOOKS: readonly Grant[] = grants(
  EVERYTHING,
  ...['batch:DescribeComputeEnvironments', 'batch:DescribeJobDefinitions', 'batch:DescribeJobQueues'],
  ...['ec2:DescribeAvailabilityZones', 'ec2:DescribeInternetGateways', 'ec2:DescribeRouteTables'],
  ...['ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs', 'logs:DescribeLogGroups'],
);

/** CloudFormation makes what stands in a template with the rights of whoever asks for the stack. */
const MAKES: readonly Grant[] = [
  ...LOOKS,
  ...grants(
    ROLES,
    ...['iam:CreateRole', 'iam:GetRole', 'iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
  ),
  ...grants(ROLES, 'iam:PutRolePermissionsBoundary', 'iam:DeleteRolePermissionsBoundary'),
  ...under(execution, ...grants(ROLES, 'iam:AttachRolePolicy')),
  ...under(
    { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    ...grants(ROLES, 'iam:PassRole'),
  ),
  ...under(
    { StringEquals: { 'iam:AWSServiceName': 'batch.amazonaws.com' } },
    ...grants(
      ['arn:aws:iam::ACCOUNT_ID:role/aws-service-role/batch.amazonaws.com/*'],
      'iam:CreateServiceLinkedRole',
    ),
  ),
  ...grants(
    QUEUE,
    ...['batch:CreateComputeEnvironment', 'batch:UpdateComputeEnvironment'],
    ...['batch:CreateJobQueue', 'batch:UpdateJobQueue'],
  ),
  ...grants(DEFINITION, 'batch:RegisterJobDefinition', 'batch:DeregisterJobDefinition'),
  ...grants(LOGS, 'logs:CreateLogGroup', 'logs:PutRetentionPolicy'),
  ...grants(REPOSITORY, 'ecr:CreateRepository', 'ecr:DescribeRepositories'),
  ...grants(
    BUCKETS,
    ...['s3:CreateBucket', 's3:GetBucketPolicy', 's3:PutBucketPolicy', 's3:PutBucketPublicAccessBlock'],
    ...['s3:PutEncryptionConfiguration', 's3:PutLifecycleConfiguration'],
  ),
  ...grants(EVERYTHING, 'kms:CreateKey'),
  ...grants(KEYS, 'kms:DescribeKey', 'kms:EnableKeyRotation', 'kms:PutKeyPolicy'),
  ...grants(
    NETWORK,
    ...['ec2:CreateVpc', 'ec2:ModifyVpcAttribute', 'ec2:CreateSubnet', 'ec2:CreateInternetGateway'],
    ...['ec2:AttachInternetGateway', 'ec2:CreateRouteTable', 'ec2:CreateRoute', 'ec2:AssociateRouteTable'],
    ...['ec2:CreateSecurityGroup', 'ec2:AuthorizeSecurityGroupEgress', 'ec2:RevokeSecurityGroupEgress'],
    'ec2:CreateTags',
  ),
];
const REMOVES: readonly Grant[] = [
  ...LOOKS,
  ...grants(ROLES, 'iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:DetachRolePolicy', 'iam:GetRole'),
  ...grants(
    QUEUE,
    ...['batch:DeleteComputeEnvironment', 'batch:UpdateComputeEnvironment'],
    ...['batch:DeleteJobQueue', 'batch:UpdateJobQueue'],
  ),
  ...grants(DEFINITION, 'batch:DeregisterJobDefinition'),
  ...grants(LOGS, 'logs:DeleteLogGroup'),
  ...grants(REPOSITORY, 'ecr:DeleteRepository', 'ecr:DescribeRepositories'),
  ...grants(BUCKETS, 's3:DeleteBucket', 's3:DeleteBucketPolicy'),
  ...grants(KEYS, 'kms:DescribeKey', 'kms:ScheduleKeyDeletion'),
  ...grants(
    NETWORK,
    ...['ec2:DeleteVpc', 'ec2:DeleteSubnet', 'ec2:DetachInternetGateway', 'ec2:DeleteInternetGateway'],
    ...['ec2:DeleteRoute', 'ec2:DisassociateRouteTable', 'ec2:DeleteRouteTable', 'ec2:DeleteSecurityGroup'],
  ),
];

/** S3 encrypts and decrypts with the bucket's key in the name of whoever asks it. */
export const BY_KEY = {
  reads: under(viaS3, ...grants(KEYS, 'kms:Decrypt')),
  writes: under(viaS3, ...grants(KEYS, 'kms:Decrypt', 'kms:GenerateDataKey')),
};

/** Calls of `scale setup` and `scale remove`. */
export const SCALE_OPERATIONS: [string, Grant[]][] = [
  ['cloudformation:CreateStack#scale', [...grants(STACKS, 'cloudformation:CreateStack'), ...MAKES]],
  ['cloudformation:UpdateStack#scale', [...grants(STACKS, 'cloudformation:UpdateStack'), ...MAKES]],
  ['cloudformation:DeleteStack#scale', [...grants(STACKS, 'cloudformation:DeleteStack'), ...REMOVES]],
  ['cloudformation:DescribeStackEvents#scale', grants(STACKS, 'cloudformation:DescribeStackEvents')],
  ['batch:ListJobs', grants(EVERYTHING, 'batch:ListJobs')],
];

import { FINAL_EXITS } from '../engines/batch.ts';
import { type Architecture, WORKER } from '../price.ts';
import { allow, attributeOf, isEmpty, policyOf, ref, sub, when } from './functions.ts';
import { FLEET, LOG_GROUP, RUNS, STACK } from './names.ts';
import { networkResources, SECURITY_GROUP, SUBNETS } from './network.ts';

/** Names of the template's parameters; a stack shows them. */
export interface WorkerParameters {
  /** Of the stack with the data. */
  Bucket: string;
  KeyArn: string;
  /** In a registry that Fargate reaches; empty for one in a repository of the stack. */
  Image: string;
  /** Tag of the image in the stack's own repository. */
  Tag: string;
  Architecture: Architecture;
  /** Workers that may run at a time; each takes one vCPU. */
  MaxVcpus: string;
  /** Of logs. Days. */
  RetentionDays: string;
  /** Empty for a network of the stack's own. */
  VpcId: string;
  /** Separated by commas. */
  SubnetIds: string;
  /** ENABLED in public subnets. */
  AssignPublicIp: 'ENABLED' | 'DISABLED';
  /** ARN of the policy that bounds the roles; empty for none. */
  RoleBoundary: string;
}

/** A worker that hangs ends after a day. Seconds. */
const LONGEST_RUN = 86_400;
const inIot = (rest: string) => sub(`arn:\${AWS::Partition}:iot:\${AWS::Region}:\${AWS::AccountId}:${rest}`);
const inBucket = (rest: string) => sub(`arn:\${AWS::Partition}:s3:::\${Bucket}${rest}`);

/**
 * The CloudFormation template of workers on AWS Batch and Fargate. Their role may do what a worker does, and nothing else;
 * nothing of it costs anything while no run drives, but for the image that is kept.
 */
export function workerTemplate(): string {
  return JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Workers of CMS Enablement on AWS Batch and Fargate: queue, job definition, roles and logs',
    Parameters: {
      ...{ Bucket: { Type: 'String' }, KeyArn: { Type: 'String' } },
      Image: { Type: 'String', Default: '' },
      Tag: { Type: 'String', Default: 'latest' },
      Architecture: { Type: 'String', Default: 'ARM64', AllowedValues: ['ARM64', 'X86_64'] },
      MaxVcpus: { Type: 'Number', Default: 64 },
      RetentionDays: { Type: 'Number', Default: 14 },
      VpcId: { Type: 'String', Default: '' },
      SubnetIds: { Type: 'String', Default: '' },
      AssignPublicIp: { Type: 'String', Default: 'ENABLED', AllowedValues: ['ENABLED', 'DISABLED'] },
      RoleBoundary: { Type: 'String', Default: '' },
    },
    Conditions: {
      OwnNetwork: isEmpty('VpcId'),
      OwnRepository: isEmpty('Image'),
      Bounded: { 'Fn::Not': [isEmpty('RoleBoundary')] },
    },
    Resources: {
      ...networkResources(),
      Repository: {
        Type: 'AWS::ECR::Repository',
        Condition: 'OwnRepository',
        Properties: { RepositoryName: STACK, EmptyOnDelete: true },
      },
      Logs: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: LOG_GROUP, RetentionInDays: ref('RetentionDays') },
      },
      ...roles(),
      ComputeEnvironment: {
        Type: 'AWS::Batch::ComputeEnvironment',
        Properties: {
          Type: 'MANAGED',
          ComputeResources: {
            ...{ Type: 'FARGATE', MaxvCpus: ref('MaxVcpus') },
            ...{ Subnets: SUBNETS, SecurityGroupIds: [SECURITY_GROUP] },
          },
        },
      },
      Queue: {
        Type: 'AWS::Batch::JobQueue',
        Properties: {
          ...{ JobQueueName: STACK, Priority: 1 },
          ComputeEnvironmentOrder: [{ Order: 1, ComputeEnvironment: ref('ComputeEnvironment') }],
        },
      },
      Definition: jobDefinition(),
    },
    Outputs: {
      Image: { Value: image() },
      QueueName: { Value: STACK },
      DefinitionArn: { Value: ref('Definition') },
    },
  });
}

function image(): object {
  return when('OwnRepository', sub('${Repository.RepositoryUri}:${Tag}'), ref('Image'));
}

function jobDefinition(): object {
  return {
    Type: 'AWS::Batch::JobDefinition',
    Properties: {
      ...{ JobDefinitionName: STACK, Type: 'container', PlatformCapabilities: ['FARGATE'] },
      ...{ PropagateTags: true, Timeout: { AttemptDurationSeconds: LONGEST_RUN } },
      // As each run says it, too.
      RetryStrategy: {
        Attempts: 5,
        EvaluateOnExit: [
          ...FINAL_EXITS.map((code) => ({ OnExitCode: code, Action: 'EXIT' })),
          { OnReason: '*', Action: 'RETRY' },
        ],
      },
      ContainerProperties: {
        Image: image(),
        ExecutionRoleArn: attributeOf('ExecutionRole', 'Arn'),
        JobRoleArn: attributeOf('WorkerRole', 'Arn'),
        User: '10001',
        RuntimePlatform: { OperatingSystemFamily: 'LINUX', CpuArchitecture: ref('Architecture') },
        NetworkConfiguration: { AssignPublicIp: ref('AssignPublicIp') },
        FargatePlatformConfiguration: { PlatformVersion: 'LATEST' },
        ResourceRequirements: [
          { Type: 'VCPU', Value: String(WORKER.vcpus) },
          { Type: 'MEMORY', Value: String(WORKER.gigabytes * 1024) },
        ],
        LogConfiguration: {
          LogDriver: 'awslogs',
          Options: {
            'awslogs-group': ref('Logs'),
            'awslogs-region': ref('AWS::Region'),
            'awslogs-stream-prefix': 'worker',
          },
        },
      },
    },
  };
}

function roles(): Record<string, object> {
  const role = (properties: object) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyOf({
        ...{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
        Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
      }),
      PermissionsBoundary: when('Bounded', ref('RoleBoundary'), ref('AWS::NoValue')),
      ...properties,
    },
  });
  return {
    ExecutionRole: role({
      ManagedPolicyArns: [
        sub('arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'),
      ],
    }),
    WorkerRole: role({
      Policies: [{ PolicyName: 'worker', PolicyDocument: policyOf(...workerStatements()) }],
    }),
  };
}

function workerStatements(): object[] {
  return [
    allow('RunChannel', ['iot:Connect'], inIot('client/scale-*')),
    allow(
      'RunChannelTopics',
      ['iot:Publish', 'iot:RetainPublish', 'iot:Receive'],
      inIot('topic/cms-enablement/scale/*'),
    ),
    allow('RunChannelFilters', ['iot:Subscribe'], inIot('topicfilter/cms-enablement/scale/*')),
    // AWS knows no resource for it.
    allow('Endpoint', ['iot:DescribeEndpoint'], '*'),
    allow('PlansResultsAndKeys', ['s3:GetObject'], [inBucket(`/${RUNS}/*`), inBucket(`/${FLEET}/*`)]),
    allow('Results', ['s3:PutObject'], inBucket(`/${RUNS}/*`)),
    allow('List', ['s3:ListBucket'], inBucket('')),
    allow('BucketKey', ['kms:Decrypt', 'kms:GenerateDataKey'], ref('KeyArn'), {
      StringEquals: { 'kms:ViaService': sub('s3.${AWS::Region}.${AWS::URLSuffix}') },
    }),
  ];
}

import type { Context } from '../kernel/context.ts';
import { AwsError } from '../kernel/http.ts';
import { arnOf, hostEndingOf } from '../kit/partition.ts';
import type { Places } from './batch/places.ts';
import {
  nameIn,
  objectOf,
  type ResourceType,
  type ResourceTypes,
  textOf,
} from './cloudformation/resourceTypes.ts';
import { derived, derivedUuid } from './cloudformation/stack.ts';
import type { Iam } from './iam/iam.ts';
import type { Buckets } from './s3/buckets.ts';

export interface ScaleServices {
  iam: Pick<Iam, 'mayAssume'>;
  places: Places;
  buckets: Buckets;
  /** Ends what runs of a queue. */
  endJobs: (queue: string) => void;
}

type Attributes = (id: string) => Record<string, string>;

/** Resources of stacks with jobs of AWS Batch, and what these need: network, bucket, key, repository. */
export function scaleResources(
  { config }: Context,
  { iam, places, buckets, endJobs }: ScaleServices,
): ResourceTypes {
  const ecr = `${config.accountId}.dkr.ecr.${config.region}.${hostEndingOf(config.region)}`;
  return {
    // There is no network here, and nothing is encrypted: these are named by others, and that is all.
    'AWS::EC2::VPC': named('vpc'),
    'AWS::EC2::Subnet': named('subnet'),
    'AWS::EC2::InternetGateway': named('igw'),
    'AWS::EC2::VPCGatewayAttachment': named('attachment'),
    'AWS::EC2::RouteTable': named('rtb'),
    'AWS::EC2::Route': named('route'),
    'AWS::EC2::SubnetRouteTableAssociation': named('rtbassoc'),
    'AWS::EC2::SecurityGroup': named('sg', (GroupId) => ({ GroupId })),
    'AWS::S3::BucketPolicy': named('policy'),
    'AWS::KMS::Key': {
      put(_, made) {
        const id = /^[0-9a-f-]{36}$/.test(made) ? made : derivedUuid(made);
        return { physicalId: id, attributes: { KeyId: id, Arn: arnOf(config, 'kms', `key/${id}`) } };
      },
      remove: () => undefined,
    },
    'AWS::ECR::Repository': {
      put(properties, made) {
        const name = nameIn(properties, 'RepositoryName', made.toLowerCase());
        const arn = arnOf(config, 'ecr', `repository/${name}`);
        return { physicalId: name, attributes: { Arn: arn, RepositoryUri: `${ecr}/${name}` } };
      },
      remove: () => undefined,
    },
    'AWS::S3::Bucket': {
      put(properties, made) {
        const name = nameIn(properties, 'BucketName', made.toLowerCase());
        buckets.ensure(name);
        return {
          physicalId: name,
          attributes: {
            Arn: `arn:aws:s3:::${name}`,
            DomainName: `${name}.s3.${hostEndingOf(config.region)}`,
          },
        };
      },
      remove: (name) => buckets.removeEmpty(name),
    },
    'AWS::Batch::ComputeEnvironment': {
      put(properties, made) {
        const resources = objectOf(properties, 'ComputeResources');
        if (textOf(resources, 'Type') !== 'FARGATE') {
          throw new AwsError(
            'ValidationError',
            'The sandbox has compute environments of the type FARGATE only',
          );
        }
        const subnets = resources.Subnets;
        if (!Array.isArray(subnets) || subnets.length === 0 || subnets.includes('')) {
          throw new AwsError('ClientException', 'At least one subnet is required');
        }
        const name = nameIn(properties, 'ComputeEnvironmentName', made);
        const arn = name.startsWith('arn:') ? name : arnOf(config, 'batch', `compute-environment/${name}`);
        return { physicalId: arn, attributes: { ComputeEnvironmentArn: arn } };
      },
      remove: () => undefined,
    },
    'AWS::Batch::JobQueue': {
      put(properties, made) {
        const name = nameIn(properties, 'JobQueueName', made);
        const arn = places.putQueue(name.slice(name.lastIndexOf('/') + 1));
        return { physicalId: arn, attributes: { JobQueueArn: arn } };
      },
      remove(arn) {
        endJobs(arn.slice(arn.lastIndexOf('/') + 1));
        places.removeQueue(arn);
      },
    },
    'AWS::Batch::JobDefinition': {
      put(properties, made) {
        const container = objectOf(properties, 'ContainerProperties');
        const { JobRoleArn: roleArn, LogConfiguration: log } = container;
        if (typeof roleArn === 'string' && !iam.mayAssume('ecs-tasks.amazonaws.com', roleArn)) {
          throw new AwsError('ClientException', `ECS was unable to assume the role '${roleArn}'.`);
        }
        const { Options: options = {} } = (log ?? {}) as { Options?: Record<string, string> };
        const arn = places.register({
          name: nameIn(properties, 'JobDefinitionName', made),
          image: textOf(container, 'Image'),
          roleArn: typeof roleArn === 'string' ? roleArn : undefined,
          logGroup: options['awslogs-group'],
        });
        return { physicalId: arn, attributes: {} };
      },
      remove: (arn) => places.deregister(arn),
    },
  };
}

/** @param prefix of the ids that AWS makes up */
function named(prefix: string, attributes: Attributes = () => ({})): ResourceType {
  return {
    put(_, made) {
      // An update names the one that is there.
      const id = made.startsWith(`${prefix}-`) ? made : `${prefix}-${derived(made, 17)}`;
      return { physicalId: id, attributes: attributes(id) };
    },
    remove: () => undefined,
  };
}

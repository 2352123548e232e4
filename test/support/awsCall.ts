import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '../../src/sandbox/kernel/http.ts';
import { createIot } from '../../src/sandbox/services/iot/iot.ts';
import type { Wish } from './iamDocument.ts';
import { createTestContext } from './sandboxContext.ts';

const ACCOUNT = '123456789012';
export const REGION = 'us-west-2';
export const arn = (service: string, rest: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** One request to AWS: what it asks for, and what IAM is asked about it. */
export interface AwsCall {
  /** `service:Operation`; of DynamoDB with the tables, as in `dynamodb:GetItem#TABLE`. */
  readonly operation: string;
  readonly wishes: readonly Wish[];
}

/** Says what requests ask for. IAM does not apply to the calls of Cognito users. */
export function createCallReader(): (message: IncomingMessage, body: Buffer) => AwsCall {
  const iot = createIot(createTestContext(), {} as never).service;
  return (message, body) => {
    const [path = '', query] = (message.url ?? '').split('?');
    const target = String(message.headers['x-amz-target'] ?? '');
    const [, prefix = '', name = ''] = /^(\w+)\.(\w+)$/.exec(target) ?? [];
    const json = () => JSON.parse(body.toString()) as Record<string, unknown>;
    switch (prefix) {
      case 'AWSCognitoIdentityProviderService':
        return cognitoCall(name, json());
      case 'DynamoDB_20120810':
        return dynamoCall(name, json());
      case 'AmazonSSM': {
        const { Names, Path, Name } = json();
        const names = Array.isArray(Names) ? Names : [Path ?? Name];
        const action = `ssm:${name}`;
        const wishes = names.map((each) => ({ action, resource: arn('ssm', `parameter${String(each)}`) }));
        return { operation: action, wishes };
      }
      case 'secretsmanager':
        // AWS adds six characters to the name.
        return secretCall(name, secretArn(String(json().SecretId)));
      case 'AmazonEC2ContainerServiceV20141113':
        return ecsCall(name, json());
      case 'KinesisAnalytics_20180523':
        return plain(`kinesisanalytics:${name}`, '*');
      case 'Logs_20140328':
        return plain(`logs:${name}`, arn('logs', `log-group:${String(json().logGroupName)}:*`));
    }
    const credential = /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(
      String(message.headers.authorization),
    );
    if (credential?.[1] === 's3') return s3Call(message.method, path, new URLSearchParams(query));
    if (credential?.[1] === 'lambda') {
      const [, , , functionName = ''] = path.split('/').map(decodeURIComponent);
      return plain('lambda:InvokeFunction', arn('lambda', `function:${functionName}`));
    }
    if (credential?.[1] === 'kafka') return topicsCall(decodeURIComponent(path.split('/')[3] ?? ''));
    if (path === '/') return queryCall(new URLSearchParams(body.toString()));
    const request: HttpRequest = {
      ...{ method: message.method ?? '', path, query: new URLSearchParams(query), body },
      headers: message.headers as Record<string, string>,
      ...{ requestId: '', region: REGION, signed: true, trusted: false },
    };
    return iotCall(`iot:${iot.operation(request) ?? 'unknown'}`, request);
  };
}

/** Those of the identity provider are told from the others, as tables are. */
function secretCall(name: string, resource: string): AwsCall {
  const action = `secretsmanager:${name}`;
  const operation = resource.includes(':secret:/solution/auth/') ? `${action}#provider` : action;
  return { operation, wishes: [{ action, resource }] };
}

function secretArn(id: string): string {
  return id.startsWith('arn:') ? id : arn('secretsmanager', `secret:${id}-AbCdEf`);
}

function plain(operation: string, resource: string): AwsCall {
  return { operation, wishes: [{ action: operation, resource }] };
}

function cognitoCall(name: string, { UserPoolId: pool }: { UserPoolId?: unknown }): AwsCall {
  const operation = `cognito-idp:${name}`;
  if (typeof pool !== 'string') return { operation, wishes: [] };
  return plain(operation, arn('cognito-idp', `userpool/${pool}`));
}

const READS = ['BatchGetItem', 'GetItem', 'Query', 'Scan'];
/** The key of the tables: DynamoDB uses it with the rights of who asks. */
const TABLE_KEY = arn('kms', 'key/TABLE_KEY_ID');

/** Tables of the Guidance for Connected Mobility, whose keys are AWS's own; no other has two hyphens after its stage. */
const GUIDANCE_TABLE =
  /^cms-[a-z0-9]+-(storage-[a-z-]+|(model|decoder)-manifest|(signal|event)-catalog|campaigns|simulations)$/;

function dynamoCall(
  name: string,
  input: { TableName?: unknown; RequestItems?: unknown; IndexName?: unknown },
): AwsCall {
  const { TableName: table, RequestItems: several, IndexName: index } = input;
  const tables = several === undefined ? [String(table)] : Object.keys(several as object);
  const action = `dynamodb:${name}`;
  // Our own stack has a table with a key of AWS.
  if (tables.every((each) => each.startsWith('cms-enablement-registrations-'))) {
    return plain(action, arn('dynamodb', `table/${tables[0] ?? ''}`));
  }
  if (tables.every((each) => GUIDANCE_TABLE.test(each))) {
    const of = typeof index === 'string' ? `/index/${index}` : '';
    const wishes = tables.map((each) => ({ action, resource: arn('dynamodb', `table/${each}${of}`) }));
    return { operation: `${action}#${tables.join('+')}`, wishes };
  }
  const keyActions = READS.includes(name)
    ? ['kms:Decrypt']
    : ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'];
  return {
    operation: `${action}#${tables.join('+')}`,
    wishes: [
      ...tables.map((each) => ({ action, resource: arn('dynamodb', `table/${each}`) })),
      ...keyActions.map((key) => ({ action: key, resource: TABLE_KEY })),
    ],
  };
}

/** Services and tasks by their names or ARNs. */
function ecsCall(name: string, input: Record<string, unknown>): AwsCall {
  const { services, tasks, task } = input as { services?: string[]; tasks?: string[]; task?: string };
  const resources = services ?? tasks ?? (task === undefined ? ['*'] : [task]);
  const action = `ecs:${name}`;
  return { operation: action, wishes: resources.map((resource) => ({ action, resource })) };
}

/** The rights are those of a client of Kafka. */
function topicsCall(cluster: string): AwsCall {
  return {
    operation: 'kafka:ListTopics',
    wishes: [
      { action: 'kafka-cluster:Connect', resource: cluster },
      { action: 'kafka-cluster:DescribeTopic', resource: `${cluster.replace(':cluster/', ':topic/')}/*` },
    ],
  };
}

/** Path style. */
function s3Call(method: string | undefined, path: string, query: URLSearchParams): AwsCall {
  const [, bucket = '', ...key] = path.split('/').map(decodeURIComponent);
  if (query.has('list-type')) {
    const wish = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` };
    return { operation: 's3:ListObjectsV2', wishes: [wish] };
  }
  return plain(
    method === 'DELETE' ? 's3:DeleteObject' : 's3:GetObject',
    `arn:aws:s3:::${bucket}/${key.join('/')}`,
  );
}

/** CloudFormation, IAM and STS. */
function queryCall(form: URLSearchParams): AwsCall {
  const name = form.get('Action') ?? '';
  switch (form.get('Version')) {
    case '2010-05-15': {
      const stack = form.get('StackName');
      return plain(
        `cloudformation:${name}`,
        stack === null ? '*' : arn('cloudformation', `stack/${stack}/id`),
      );
    }
    case '2010-05-08': {
      const resource = `arn:aws:iam::${ACCOUNT}:role/${form.get('RoleName') ?? ''}`;
      const policy = form.get('PolicyArn');
      const facts = policy === null ? {} : { 'iam:PolicyARN': policy };
      return { operation: `iam:${name}`, wishes: [{ action: `iam:${name}`, resource, facts }] };
    }
    default:
      return { operation: `sts:${name}`, wishes: [] };
  }
}

function iotCall(operation: string, request: HttpRequest): AwsCall {
  const json = () => JSON.parse(request.body.toString()) as Record<string, unknown>;
  const wishes: Wish[] = iotResources(request).map((resource) => ({ action: operation, resource }));
  if (operation === 'iot:CreateProvisioningTemplate') {
    const facts = { 'iam:PassedToService': 'iot.amazonaws.com' };
    wishes.push({ action: 'iam:PassRole', resource: String(json().provisioningRoleArn), facts });
  }
  if (operation === 'iot:CreateJob') {
    const targets = json().targets as string[];
    wishes.push(...targets.map((resource) => ({ action: operation, resource })));
  }
  return { operation, wishes };
}

/** The resources of an AWS IoT call, according to the table of actions in the Service Authorization Reference. */
function iotResources({ path, headers, body }: HttpRequest): string[] {
  const [, kind = '', name, ...rest] = path.split('/').map(decodeURIComponent);
  const json = () => JSON.parse(body.toString()) as Record<string, string>;
  if (kind === 'things' && name !== undefined) {
    const principal = headers['x-amzn-principal'];
    return [rest[0] === 'principals' && principal !== undefined ? principal : arn('iot', `thing/${name}`)];
  }
  if (kind === 'thing-groups' && name !== undefined) {
    if (!/^(add|remove)Thing/.test(name)) return [arn('iot', `thinggroup/${name}`)];
    const { thingGroupName = '', thingName = '' } = json();
    return [arn('iot', `thinggroup/${thingGroupName}`), arn('iot', `thing/${thingName}`)];
  }
  if (kind === 'jobs' && name !== undefined) return [arn('iot', `job/${name}`)];
  // Its ARN is the rest of the path.
  if (kind === 'destinations' && name !== undefined) return [[name, ...rest].join('/')];
  if (kind === 'rules' && name !== undefined) return [arn('iot', `rule/${name}`)];
  if (kind === 'principals') return [headers['x-amzn-principal'] ?? '*'];
  if (kind === 'cacertificate' && name !== undefined) return [arn('iot', `cacert/${name}`)];
  if (kind === 'certificates' && name !== undefined) return [arn('iot', `cert/${name}`)];
  if (kind === 'policies' && name !== undefined) return [arn('iot', `policy/${name}`)];
  if (kind === 'target-policies') return [json().target ?? '*'];
  if (kind === 'provisioning-templates') {
    return [arn('iot', `provisioningtemplate/${name ?? json().templateName ?? ''}`)];
  }
  return ['*'];
}

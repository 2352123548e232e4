import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { GENERATIONS } from '../../../src/cms/generations.ts';
import { callOf, operationsOf } from '../../../tools/iam/contract.ts';
import { PERMISSIONS } from '../../../tools/iam/permissions.ts';
import { policyFiles, policyOf } from '../../../tools/iam/policies.ts';

const root = path.join(import.meta.dirname, '../../..');

/** The AWS clients, and what IAM calls their services. */
const CLIENTS: Readonly<Record<string, string>> = {
  'client-cloudformation': 'cloudformation',
  'client-cognito-identity-provider': 'cognito-idp',
  'client-dynamodb': 'dynamodb',
  'client-iam': 'iam',
  'client-iot': 'iot',
  'client-s3': 's3',
  'client-secrets-manager': 'secretsmanager',
  'client-ssm': 'ssm',
  'client-sts': 'sts',
};

/** Every task with its policy. */
const POLICIES = PERMISSIONS.flatMap((permissions) =>
  permissions.tasks.map((task) => ({ task, policy: policyOf(task, permissions) })),
);

/** The source files that the command line and the editor are made of. */
async function productFiles(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: ['src/cli.ts', 'src/extension.ts', 'src/editor/backend.ts', 'src/device/process/main.ts'],
    absWorkingDir: root,
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    packages: 'external',
    external: ['vscode'],
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs).filter((name) => name.startsWith('src/'));
}

/** `service:Operation` of every SDK command and paginator in a source, by the client whose package has it. */
async function callsIn(source: string): Promise<string[]> {
  const names = [
    ...source.matchAll(/\b([A-Z]\w+)Command\(/g),
    ...source.matchAll(/\bpaginate([A-Z]\w+)\(/g),
  ].map(([, name = '']) => name);
  const imported = [...source.matchAll(/@aws-sdk\/(client-[a-z0-9-]+)/g)].map(([, client = '']) => client);
  if (source.includes('callCognito')) imported.push('client-cognito-identity-provider');
  const found = [];
  for (const name of names) {
    const owners = [];
    for (const client of new Set(imported)) {
      const sdk = (await import(`@aws-sdk/${client}`)) as Record<string, unknown>;
      if (`${name}Command` in sdk) owners.push(`${CLIENTS[client] ?? client}:${name}`);
    }
    assert.equal(owners.length, 1, `it is not clear whose ${name} is meant`);
    found.push(...owners);
  }
  return found;
}

describe('docs/iam', () => {
  it('holds the policies that follow from the tasks (else: npm run docs)', () => {
    for (const [name, text] of policyFiles()) {
      assert.equal(readFileSync(path.join(root, name), 'utf8'), text, name);
    }
    assert.deepEqual(
      readdirSync(path.join(root, 'docs/iam'), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .map((name) => `docs/iam/${name.replaceAll(path.sep, '/')}`)
        .sort(),
      [...policyFiles().keys()].sort(),
    );
  });

  it('knows every AWS call that the product makes, and no other @slow', async () => {
    const made = new Set<string>();
    for (const file of await productFiles()) {
      for (const call of await callsIn(readFileSync(path.join(root, file), 'utf8'))) made.add(call);
    }
    assert.ok(made.size > 30);
    // Signing in is not signed: there are no credentials yet, and no policy is asked.
    for (const call of [...made]) if (call.startsWith('client-sso-oidc:')) made.delete(call);
    const overMqtt = [
      ...['iot:Connect', 'iot:Receive', 'iot:Subscribe'],
      ...['Connect', 'Publish', 'Receive', 'RetainPublish', 'Subscribe'].map((name) => `scale:${name}`),
    ];
    // Signed here, without a client of the SDK.
    const signed = [
      ...['geo-maps:GetTile', 'lambda:InvokeFunction', 'servicequotas:ListServiceQuotas'],
      ...['DescribeJobs', 'ListJobs', 'SubmitJob', 'TerminateJob'].map((name) => `batch:${name}`),
      ...[
        'DescribeServices',
        'DescribeTaskDefinition',
        'DescribeTasks',
        'ListServices',
        'ListTasks',
        'StopTask',
      ].map((name) => `ecs:${name}`),
      ...['kafka:ListTopics', 'kinesisanalytics:ListApplications', 'logs:FilterLogEvents'],
    ];
    assert.deepEqual(
      [...made, ...overMqtt, ...signed].sort(),
      [...new Set(PERMISSIONS.flatMap(({ operations }) => [...operations.keys()].map(callOf)))].sort(),
    );
  });

  it('gives each call to a task', () => {
    for (const { generation, tasks, operations } of PERMISSIONS) {
      const given = new Set(tasks.flatMap(operationsOf));
      assert.deepEqual(
        [...operations.keys()].filter((operation) => !given.has(operation)),
        [],
        generation,
      );
    }
  });

  it('are there for each generation whose deployments can be opened', () => {
    assert.deepEqual(
      PERMISSIONS.map(({ generation }) => generation),
      GENERATIONS.filter((generation) => generation.open !== undefined).map(({ id }) => id),
    );
  });

  it('allows whole services to nobody, and everything of a kind only where AWS knows no narrower resource', () => {
    const unbounded = new Set<string>();
    for (const { Action, Resource } of POLICIES.flatMap(({ policy }) => policy.Statement)) {
      for (const action of Action) assert.match(action, /^[a-z0-9-]+:[A-Z]\w+$/);
      if (Resource.includes('*')) for (const action of Action) unbounded.add(action);
    }
    assert.deepEqual([...unbounded].sort(), [
      'batch:DescribeComputeEnvironments',
      'batch:DescribeJobDefinitions',
      'batch:DescribeJobQueues',
      'batch:DescribeJobs',
      'batch:ListJobs',
      'cloudformation:DescribeStacks',
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInternetGateways',
      'ec2:DescribeRouteTables',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'ecs:DescribeTaskDefinition',
      'ecs:ListServices',
      'ecs:ListTasks',
      'iot:CreateCertificateFromCsr',
      'iot:DescribeEndpoint',
      'iot:DescribeEventConfigurations',
      'iot:GetRegistrationCode',
      'iot:ListAttachedPolicies',
      'iot:ListCACertificates',
      'iot:ListCertificatesByCA',
      'iot:ListThings',
      'iot:RegisterCACertificate',
      'iot:RegisterCertificateWithoutCA',
      'kinesisanalytics:ListApplications',
      'kms:CreateKey',
      'logs:DescribeLogGroups',
      'servicequotas:ListServiceQuotas',
    ]);
  });

  it('lets a role be passed to AWS IoT only, that of the function to Lambda, those of workers to ECS, and only AWS’s own policy be attached to it', () => {
    for (const { Action, Resource, Condition } of POLICIES.flatMap(({ policy }) => policy.Statement)) {
      if (Action.includes('iam:PassRole')) {
        const service = Resource.some((arn) => arn.includes('/cms-enablement-registrations-'))
          ? 'lambda.amazonaws.com'
          : Resource.some((arn) => arn.includes('/cms-enablement-scale-'))
            ? 'ecs-tasks.amazonaws.com'
            : 'iot.amazonaws.com';
        assert.deepEqual(Condition, { StringEquals: { 'iam:PassedToService': service } });
      }
      if (Action.includes('iam:AttachRolePolicy'))
        assert.ok(JSON.stringify(Condition).includes('"iam:PolicyARN":"arn:aws:iam::aws:policy/'));
    }
  });

  it('fits into a managed policy, which may have 6,144 characters', () => {
    for (const { task, policy } of POLICIES) assert.ok(JSON.stringify(policy).length < 6144, task.name);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { type ScaleFlags, withScale } from '../../../src/cli/scale/options.ts';
import { kubernetesManifest } from '../../../src/scale/engines/kubernetes.ts';
import { dataTemplate } from '../../../src/scale/stack/dataTemplate.ts';
import { workerTemplate } from '../../../src/scale/stack/template.ts';
import { priceOf } from '../../../src/scale/price.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
}
interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

const workers = JSON.parse(workerTemplate()) as Template;
const data = JSON.parse(dataTemplate()) as Template;
const resources = [...Object.entries(workers.Resources), ...Object.entries(data.Resources)];
const ofType = (type: string) => resources.filter(([, resource]) => resource.Type === type);

describe('Scale-out', () => {
  it('has a template whose workers may do what a worker does, on its own resources', () => {
    const worker = workers.Resources.WorkerRole!.Properties.Policies as {
      PolicyDocument: { Statement: Statement[] };
    }[];
    const statements = worker[0]!.PolicyDocument.Statement;
    const actions = statements.flatMap(({ Action }) => Action).sort();
    assert.deepEqual(actions, [
      ...['iot:Connect', 'iot:DescribeEndpoint', 'iot:Publish', 'iot:Receive', 'iot:RetainPublish'],
      ...[
        'iot:Subscribe',
        'kms:Decrypt',
        'kms:GenerateDataKey',
        's3:GetObject',
        's3:ListBucket',
        's3:PutObject',
      ],
    ]);
    const everywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    assert.deepEqual(everywhere, ['iot:DescribeEndpoint'], 'AWS knows no resource for it');
  });

  it('has logs with an end, a bucket that is closed and encrypted, and nothing that runs while nobody drives', () => {
    for (const [name, { Properties }] of ofType('AWS::Logs::LogGroup'))
      assert.ok(Properties.RetentionInDays, name);
    const bucket = JSON.stringify(data.Resources.Bucket);
    assert.match(bucket, /"SSEAlgorithm":"aws:kms"/);
    assert.match(bucket, /"RestrictPublicBuckets":true/);
    assert.match(bucket, /"ExpirationInDays"/);
    const denied = (data.Resources.BucketPolicy!.Properties.PolicyDocument as { Statement: Statement[] })
      .Statement;
    assert.deepEqual(denied.map(({ Effect }) => Effect), ['Deny', 'Deny', 'Deny', 'Deny']); // prettier-ignore
    assert.match(JSON.stringify(denied), /aws:SecureTransport/);
    assert.deepEqual(
      [...new Set(resources.map(([, { Type }]) => Type))].filter((type) =>
        /Instance|NatGateway|LoadBalancer|Service$/.test(type),
      ),
      [],
    );
  });

  it('takes plans and results as the bucket encrypts them, and nothing by another key', () => {
    const { Statement: statements } = data.Resources.BucketPolicy!.Properties.PolicyDocument as {
      Statement: { Condition: Record<string, Record<string, unknown>> }[];
    };
    // Source: IAM User Guide, condition operators: a negated one is true when the key is absent.
    const fits = (
      operator: string,
      key: string,
      wanted: unknown,
      request: Record<string, unknown>,
    ): boolean => {
      const is = JSON.stringify(request[key]);
      if (operator === 'Null') return Object.hasOwn(request, key) === (wanted === 'false');
      if (operator === 'Bool') return is === JSON.stringify(wanted);
      if (operator === 'StringNotEquals') return is !== JSON.stringify(wanted);
      throw new Error(`This test does not know ${operator}`);
    };
    const denied = (put: Record<string, unknown>): boolean => {
      const request = { 'aws:SecureTransport': 'true', ...put };
      return statements.some(({ Condition }) =>
        Object.entries(Condition).every(([operator, keys]) =>
          Object.entries(keys).every(([key, wanted]) => fits(operator, key, wanted, request)),
        ),
      );
    };
    const [SSE, KEY] = [
      's3:x-amz-server-side-encryption',
      's3:x-amz-server-side-encryption-aws-kms-key-id',
    ] as const;
    const own = { 'Fn::GetAtt': ['Key', 'Arn'] };
    assert.equal(denied({}), false, 'a plan');
    assert.equal(denied({ [SSE]: 'aws:kms', [KEY]: own }), false, 'identities');
    assert.equal(denied({ [SSE]: 'aws:kms', [KEY]: 'arn:aws:kms:us-west-2:1:key/other' }), true);
    assert.equal(denied({ [SSE]: 'AES256' }), true);
    assert.equal(denied({ [SSE]: 'aws:kms' }), true, 'the key of AWS');
    assert.equal(denied({ 'aws:SecureTransport': 'false' }), true);
  });

  it('names the queue and the definition as the command line does', () => {
    const names = [
      workers.Resources.Queue!.Properties.JobQueueName,
      workers.Resources.Definition!.Properties.JobDefinitionName,
    ];
    const command = withScale(new Command());
    for (const name of names) {
      assert.equal(command.opts<ScaleFlags>().jobQueue, name);
      assert.equal(command.opts<ScaleFlags>().jobDefinition, name);
    }
  });

  it('says the prices that the command says', () => {
    const table = read('docs/scale.md');
    for (const [vehicles, shards] of [
      [10_000, 4],
      [100_000, 40],
      [1_000_000, 400],
    ] as const) {
      const { messages, connections, compute } = priceOf({ vehicles, shards, rate: 1, seconds: 3600 });
      const iot = Math.round(messages + connections).toLocaleString('en-US');
      const row = `| ${vehicles.toLocaleString('en-US')} | ${shards} | $${iot} | $${compute.toFixed(2)} |`;
      assert.ok(table.includes(row), row);
    }
  });

  it('has an image that is not root and holds bundles only', () => {
    const lines = read('Dockerfile').split('\n');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('COPY')),
      [
        'COPY dist/cli.js dist/commands.js dist/device.js dist/part-*.js /app/dist/',
        'COPY docs/errors.md /app/docs/',
      ],
    );
    assert.ok(lines.includes('USER 10001:10001'));
    assert.equal(read('.dockerignore').split('\n')[0], '**');
  });

  it('describes a job of Kubernetes that keeps to its numbers', () => {
    const manifest = kubernetesManifest(
      { run: 'run-20261201T101500000Z', shards: 40, attempts: 5, args: ['--run', 'r'] },
      { image: 'i', certificates: 'c', store: 's', folders: { certificates: '/certs', store: '/runs' } },
    );
    const { spec, metadata } = manifest;
    assert.match(metadata.name, /^[a-z0-9-]{1,63}$/);
    assert.deepEqual(
      [
        spec.completions,
        spec.parallelism,
        spec.completionMode,
        spec.backoffLimitPerIndex,
        spec.podReplacementPolicy,
      ],
      [40, 40, 'Indexed', 4, 'Failed'],
    );
    const [worker] = spec.template.spec.containers;
    assert.deepEqual(worker!.args, ['worker', '--run', 'r']);
    assert.ok(worker!.volumeMounts.find(({ name }) => name === 'certificates')?.readOnly);
    assert.equal(spec.template.spec.securityContext.runAsNonRoot, true);
  });
});

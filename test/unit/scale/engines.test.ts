import assert from 'node:assert/strict';
import path from 'node:path';
import { Job } from 'kubernetes-models/batch/v1';
import type { Connection } from '../../../src/aws/connection.ts';
import { workerArgs } from '../../../src/scale/workerArgs.ts';
import { kubernetesManifest } from '../../../src/scale/engines/kubernetes.ts';
import { batchEngine } from '../../../src/scale/engines/batch.ts';

describe('What workers are told', () => {
  const flags = { profile: 'fleet', ca: 'ca.pem', mqttPort: 8883 };
  const valuesOf = (args: readonly string[]) =>
    new Map(args.flatMap((arg, at) => (arg.startsWith('--') ? [[arg, args[at + 1]]] : [])));

  it('names profiles and files of this machine only where nodes have them', () => {
    const slurm = valuesOf(workerArgs('slurm', { run: 'r' }, 'runs', flags, 'eu-central-1'));
    assert.equal(slurm.get('--profile'), 'fleet');
    assert.equal(slurm.get('--ca'), path.resolve('ca.pem'));
    for (const on of ['batch', 'kubernetes'] as const) {
      const told = valuesOf(workerArgs(on, { run: 'r' }, 's3://bucket/runs', flags, 'eu-central-1'));
      assert.deepEqual(
        told,
        new Map([
          ['--run', 'r'],
          ['--store', 's3://bucket/runs'],
          ['--region', 'eu-central-1'],
          ['--mqtt-port', '8883'],
        ]),
      );
    }
  });
});

describe('A job of AWS Batch', () => {
  it('is not started again for wrong options, a replaced worker, a result that cannot be written, or one that gave up', async () => {
    let body = '';
    const config = {
      credentials: () => Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
      systemClockOffset: 0,
    };
    const connection = {
      region: 'us-west-2',
      iot: () => Promise.resolve({ config }),
      http: () => ({
        send(request: { body: string }) {
          ({ body } = request);
          return Promise.resolve({ status: 200, headers: {}, text: '{"jobId":"j"}' });
        },
      }),
    } as unknown as Connection;
    const engine = batchEngine({ connection, queue: 'q', definition: 'd', vcpus: 1 });
    assert.equal(await engine.submit({ run: 'r', shards: 3, attempts: 5, args: [] }), 'j');
    const { retryStrategy } = JSON.parse(body) as {
      retryStrategy: { evaluateOnExit: { onExitCode?: string; onReason?: string; action: string }[] };
    };
    const rules = retryStrategy.evaluateOnExit;
    assert.ok(rules.length <= 5, 'AWS takes no more');
    const actionOf = (code: number) =>
      rules.find(({ onExitCode }) => onExitCode === undefined || onExitCode === String(code))?.action;
    assert.deepEqual([2, 4, 5, 6].map(actionOf), ['EXIT', 'EXIT', 'EXIT', 'EXIT']);
    assert.deepEqual([1, 130, 137].map(actionOf), ['RETRY', 'RETRY', 'RETRY']);
  });
});

describe('A job of Kubernetes', () => {
  const job = { run: 'run-20261201T101500000Z', shards: 40, attempts: 5, args: ['--run', 'r'] };
  const manifestFor = (store: string | undefined) =>
    kubernetesManifest(job, {
      ...{ image: 'registry.example/cms-enablement:1', certificates: 'cms-certificates', store },
      folders: { certificates: '/certs', store: '/runs' },
    });
  /** By the API that Kubernetes publishes (OpenAPI, batch/v1). */
  const check = (manifest: object) => new Job(manifest).validate();

  it('is an Indexed Job as the published API has it, with and without a folder for results', () => {
    for (const store of ['cms-runs', undefined]) {
      const manifest = manifestFor(store);
      assert.doesNotThrow(() => check(manifest));
      assert.equal(Job.is(manifest), true);
      assert.equal(manifest.spec.completionMode, 'Indexed');
    }
  });

  it('would be refused with a word, a type or a part that the API does not have', () => {
    const { spec, ...rest } = manifestFor('cms-runs');
    const refused = (changed: object, words: RegExp) =>
      assert.throws(() => check({ ...rest, spec: { ...spec, ...changed } }), words);
    refused({ podReplacementPolicy: 'Sometimes' }, /podReplacementPolicy/);
    refused({ completions: '40' }, /completions/);
    refused({ podFailurePolicy: { rules: [{ onExitCodes: { operator: 'In', values: [4] } }] } }, /action/);
    refused({ template: { spec: { restartPolicy: 'Never' } } }, /containers/);
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createEdge, type Edge } from '../../src/sandbox/kernel/edge/edge.ts';
import { createSsm, type Ssm } from '../../src/sandbox/services/ssm/ssm.ts';
import { unclaimed } from '../../src/sandbox/services/unclaimed.ts';
import { createTestContext } from '../support/sandboxContext.ts';

const run = promisify(execFile);

/** No CMS v1 has parameters: here they are put in as an installation would, and read by the AWS CLI. */
describe('Parameter Store as the AWS CLI sees it', () => {
  let edge: Edge;
  let ssm: Ssm;
  let home: string;
  let endpoint: string;

  before(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'ssm-'));
    const context = createTestContext();
    ssm = createSsm(context);
    edge = createEdge(context, [ssm.service], { secret: 's'.repeat(43), unclaimed });
    endpoint = `http://127.0.0.1:${await edge.listen(0)}`;
    ssm.parameters.put({ name: '/solution/cms', value: 'cms' });
    for (let i = 0; i < 23; i++)
      ssm.parameters.put({ name: `/solution/cms/module/${i}`, value: `value ${i}` });
  });
  after(async () => {
    await edge.close();
    await rm(home, { recursive: true, force: true });
  });

  async function aws(...args: string[]): Promise<unknown> {
    const env = {
      HOME: home,
      // The distribution's programs, whatever else stands in the path.
      PATH: `/usr/bin:${process.env.PATH}`,
      AWS_ACCESS_KEY_ID: 'sandbox',
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_DEFAULT_REGION: 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    };
    const options = ['--endpoint-url', endpoint, '--output', 'json'];
    const { stdout } = await run('aws', ['ssm', ...args, ...options], { env });
    return JSON.parse(stdout);
  }

  it('gets a parameter', async () => {
    const { Parameter } = (await aws('get-parameter', '--name', '/solution/cms')) as {
      Parameter: Record<string, unknown>;
    };
    assert.deepEqual(
      [Parameter.Name, Parameter.Type, Parameter.Value, Parameter.Version, Parameter.ARN],
      ['/solution/cms', 'String', 'cms', 1, 'arn:aws:ssm:us-west-2:123456789012:parameter/solution/cms'],
    );
  });

  it('walks through the pages of a path', async () => {
    const { Parameters } = (await aws(
      'get-parameters-by-path',
      '--path',
      '/solution/cms',
      '--recursive',
    )) as {
      Parameters: { Value: string }[];
    };
    assert.equal(new Set(Parameters.map(({ Value }) => Value)).size, 23);
    assert.equal(Parameters.length, 23);
  });

  it('names the error of a parameter that is not there', async () => {
    await assert.rejects(aws('get-parameter', '--name', '/nowhere'), /\(ParameterNotFound\)/);
  });

  it('is told that an operation does not exist', async () => {
    await assert.rejects(
      aws('put-parameter', '--name', '/a', '--value', 'b', '--type', 'String'),
      /\(UnknownOperationException\)/,
    );
  });
});

import assert from 'node:assert/strict';
import { createBatch } from '../../../src/sandbox/services/batch/batch.ts';
import { createPlaces } from '../../../src/sandbox/services/batch/places.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const open = () => ({ accessKeyId: 'ASIATEST', secretAccessKey: 's', sessionToken: 't' });

function setUp() {
  const context = createTestContext();
  const places = createPlaces(context);
  places.putQueue('q');
  for (const image of ['first', 'second'])
    places.register({ name: 'd', image, roleArn: undefined, logGroup: undefined });
  const { service } = createBatch(context, { places, sessions: { open }, logs: { put: () => undefined } });
  return async (operation: string, body: object) => {
    const request = {
      method: 'POST',
      path: `/v1/${operation.toLowerCase()}`,
      query: new URLSearchParams(),
      headers: {},
      body: Buffer.from(JSON.stringify(body)),
      requestId: 'r',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    assert.equal(service.operation(request), operation);
    const reply = await answered(service, operation, request);
    return { status: reply.status, json: JSON.parse(String(reply.body)) as Record<string, unknown> };
  };
}
const JOB = {
  jobName: 'run-1',
  jobQueue: 'q',
  jobDefinition: 'd',
  containerOverrides: { command: ['worker'] },
};

describe('AWS Batch of the sandbox', () => {
  it('starts no processes unless the sandbox was told to', async () => {
    const { status, json } = await setUp()('SubmitJob', JOB);
    assert.equal(status, 400);
    assert.match(String(json.message), /--run-jobs/);
  });

  it('knows the queues and definitions that were made, by name or ARN, and no others', async () => {
    const call = setUp();
    const said = async (more: object) => String((await call('SubmitJob', { ...JOB, ...more })).json.message);
    assert.equal(await said({ jobQueue: 'other' }), 'JobQueue other not found.');
    assert.equal(await said({ jobDefinition: 'd:3' }), 'JobDefinition d:3 not found.');
    const arn = (rest: string) => `arn:aws:batch:us-west-2:123456789012:${rest}`;
    for (const jobDefinition of ['d', 'd:1', arn('job-definition/d:2')])
      assert.match(await said({ jobQueue: arn('job-queue/q'), jobDefinition }), /--run-jobs/, jobDefinition);
  });

  it('gives no container what makes its process another program', async () => {
    const call = setUp();
    const answerTo = async (name: string) => {
      const environment = [{ name: 'LOG_LEVEL', value: 'x' }, { name, value: 'x' }]; // prettier-ignore
      const overrides = { ...JOB.containerOverrides, environment };
      const { status, json } = await call('SubmitJob', { ...JOB, containerOverrides: overrides });
      assert.equal(status, 400);
      return String(json.message);
    };
    const refused = ['NODE_OPTIONS', 'node_options', 'NODE_EXTRA_CA_CERTS', 'LD_PRELOAD', 'PATH', 'HOME'];
    for (const name of [...refused, 'DYLD_INSERT_LIBRARIES'])
      assert.match(await answerTo(name), new RegExp(`no container the variable ${name}`));
    for (const name of ['PATHS', 'MY_NODE_OPTIONS', 'HOMEPAGE'])
      assert.match(await answerTo(name), /--run-jobs/, name);
  });

  it('checks the size of arrays and names as AWS does', async () => {
    const call = setUp();
    for (const wrong of [
      { arrayProperties: { size: 1 } },
      { arrayProperties: { size: 10_001 } },
      { jobName: '-' },
    ])
      assert.equal((await call('SubmitJob', { ...JOB, ...wrong })).status, 400);
  });

  it('leaves out jobs that there are not', async () => {
    assert.deepEqual((await setUp()('DescribeJobs', { jobs: ['none', 'none:3'] })).json, { jobs: [] });
  });

  it('ends a job that there is not without an error, as AWS does', async () => {
    assert.equal((await setUp()('TerminateJob', { jobId: 'none', reason: 'r' })).status, 200);
  });

  it('lists jobs of a queue or children of an array, not both', async () => {
    const call = setUp();
    assert.deepEqual((await call('ListJobs', { jobQueue: 'q' })).json, { jobSummaryList: [] });
    const other = await call('ListJobs', { jobQueue: 'other' });
    assert.deepEqual([other.status, other.json.message], [400, 'JobQueue other not found.']);
    assert.equal((await call('ListJobs', { jobQueue: 'q', arrayJobId: 'a' })).status, 400);
    assert.equal((await call('ListJobs', {})).status, 400);
  });
});

import assert from 'node:assert/strict';
import { createTestIot, names, type TestIot } from './harness.ts';

const arnOf = (thing: string): string => `arn:aws:iot:us-west-2:123456789012:thing/${thing}`;
const DOCUMENT = JSON.stringify({ operation: 'OtaUpdate', desiredVersion: '2.0' });

describe('IoT jobs', () => {
  let test: TestIot;
  beforeEach(async () => {
    test = await createTestIot({ config: { limits: false } });
    for (const thing of ['car-1', 'car-2']) await test.ok('POST', `/things/${thing}`, {});
  });

  const create = (jobId: string, more: object = {}) =>
    test.ok('PUT', `/jobs/${jobId}`, { targets: [arnOf('car-1')], document: DOCUMENT, ...more });
  const job = async (jobId: string) =>
    (await test.ok('GET', `/jobs/${jobId}`)).job as Record<string, unknown> & {
      jobProcessDetails: Record<string, number>;
    };
  const execution = async (jobId: string, thing = 'car-1') =>
    (await test.ok('GET', `/things/${thing}/jobs/${jobId}`)).execution as Record<string, unknown>;
  /** As the device. */
  const report = (jobId: string, body: object, thing = 'car-1') =>
    test.iot.thingServices[0]?.handle(thing, `${jobId}/update`, Buffer.from(JSON.stringify(body)));

  it('CreateJob queues an execution for each thing, and DescribeJob counts them', async () => {
    const made = await create('job-1', {
      targets: [arnOf('car-1'), arnOf('car-2'), arnOf('car-1')],
      description: 'new software',
    });
    assert.deepEqual(made, {
      jobArn: 'arn:aws:iot:us-west-2:123456789012:job/job-1',
      jobId: 'job-1',
      description: 'new software',
    });
    const described = await job('job-1');
    assert.deepEqual(
      [described.status, described.targetSelection, described.description],
      ['IN_PROGRESS', 'SNAPSHOT', 'new software'],
    );
    assert.equal(described.jobProcessDetails.numberOfQueuedThings, 2);
    assert.equal((await execution('job-1', 'car-2')).status, 'QUEUED');
  });

  // As in the examples of the AWS CLI.
  it('DescribeJob and DescribeJobExecution show what is empty as empty structures', async () => {
    await create('job-1');
    const { presignedUrlConfig, jobExecutionsRolloutConfig, timeoutConfig } = await job('job-1');
    assert.deepEqual([presignedUrlConfig, jobExecutionsRolloutConfig, timeoutConfig], [{}, {}, {}]);
    assert.deepEqual((await execution('job-1')).statusDetails, {});
    await create('job-2', {
      presignedUrlConfig: { expiresInSec: 60 },
      timeoutConfig: { inProgressTimeoutInMinutes: 5 },
    });
    const other = await job('job-2');
    assert.deepEqual(other.presignedUrlConfig, { expiresInSec: 60 });
    assert.deepEqual(other.timeoutConfig, { inProgressTimeoutInMinutes: 5 });
  });

  it('GetJobDocument gives the text it was made with', async () => {
    await create('job-1');
    assert.equal((await test.ok('GET', '/jobs/job-1/job-document')).document, DOCUMENT);
  });

  const target = { targets: [arnOf('car-1')] };
  for (const [what, code, status, body] of [
    ['a document that is no JSON', 'InvalidRequestException', 400, { ...target, document: 'reboot' }],
    ['no document', 'InvalidRequestException', 400, target],
    ['no target', 'InvalidRequestException', 400, { targets: [], document: '{}' }],
    ['a target that is no ARN', 'InvalidRequestException', 400, { targets: ['car-1'], document: '{}' }],
    ['an unknown thing', 'ResourceNotFoundException', 404, { targets: [arnOf('none')], document: '{}' }],
    [
      'a timeout of nothing',
      'InvalidRequestException',
      400,
      {
        ...target,
        document: '{}',
        timeoutConfig: { inProgressTimeoutInMinutes: 0 },
      },
    ],
    [
      'an address of S3 that is good for less than a minute',
      'InvalidRequestException',
      400,
      { ...target, document: '{}', presignedUrlConfig: { expiresInSec: 59 } },
    ],
    ['a document in S3', 'InvalidRequestException', 400, { ...target, documentSource: 'https://s3/x' }],
    ['a schedule', 'InvalidRequestException', 400, { ...target, document: '{}', schedulingConfig: {} }],
  ] as const) {
    it(`CreateJob refuses ${what}`, async () => {
      await test.refused(code, status, 'PUT', '/jobs/job-1', body);
      await test.refused('ResourceNotFoundException', 404, 'GET', '/jobs/job-1');
    });
  }

  it('CreateJob refuses an id that is taken, and one of forbidden characters', async () => {
    await create('job-1');
    const body = { targets: [arnOf('car-1')], document: '{}' };
    await test.refused('ResourceAlreadyExistsException', 409, 'PUT', '/jobs/job-1', body);
    await test.refused('InvalidRequestException', 400, 'PUT', '/jobs/job%2E1', body);
  });

  it('ListJobs lists the newest first, page by page, by status and selection', async () => {
    for (const id of ['a', 'b', 'c']) await create(id);
    await create('d', { targetSelection: 'CONTINUOUS' });
    const first = await test.ok('GET', '/jobs?maxResults=2');
    assert.deepEqual(names(first.jobs, 'jobId'), ['d', 'c']);
    const second = await test.ok('GET', `/jobs?maxResults=2&nextToken=${String(first.nextToken)}`);
    assert.deepEqual([names(second.jobs, 'jobId'), second.nextToken], [['b', 'a'], undefined]);
    await test.ok('PUT', '/jobs/b/cancel', {});
    assert.deepEqual(names((await test.ok('GET', '/jobs?status=CANCELED')).jobs, 'jobId'), ['b']);
    assert.deepEqual(names((await test.ok('GET', '/jobs?targetSelection=CONTINUOUS')).jobs, 'jobId'), ['d']);
    await test.refused('ResourceNotFoundException', 404, 'GET', '/jobs?thingGroupName=none');
  });

  it('completes a job when its last execution ends; a continuous one goes on', async () => {
    await create('job-1', { targets: [arnOf('car-1'), arnOf('car-2')] });
    await create('job-2', { targetSelection: 'CONTINUOUS' });
    report('job-1', { status: 'SUCCEEDED' });
    assert.equal((await job('job-1')).status, 'IN_PROGRESS');
    report('job-1', { status: 'FAILED' }, 'car-2');
    report('job-2', { status: 'SUCCEEDED' });
    const done = await job('job-1');
    assert.deepEqual([done.status, typeof done.completedAt], ['COMPLETED', 'number']);
    assert.deepEqual(
      [done.jobProcessDetails.numberOfSucceededThings, done.jobProcessDetails.numberOfFailedThings],
      [1, 1],
    );
    assert.equal((await job('job-2')).status, 'IN_PROGRESS');
  });

  it('ListJobExecutionsForThing and ListJobExecutionsForJob list them from both sides', async () => {
    await create('job-1', { targets: [arnOf('car-1'), arnOf('car-2')] });
    await create('job-2');
    report('job-2', { status: 'IN_PROGRESS' });
    const things = await test.ok('GET', '/jobs/job-1/things');
    assert.deepEqual(names(things.executionSummaries, 'thingArn'), [arnOf('car-1'), arnOf('car-2')]);
    assert.deepEqual(names((await test.ok('GET', '/things/car-1/jobs')).executionSummaries, 'jobId'), [
      'job-1',
      'job-2',
    ]);
    const running = await test.ok('GET', '/things/car-1/jobs?status=IN_PROGRESS');
    assert.deepEqual(names(running.executionSummaries, 'jobId'), ['job-2']);
    const [summary] = running.executionSummaries as { jobExecutionSummary: Record<string, unknown> }[];
    assert.deepEqual(Object.keys(summary?.jobExecutionSummary ?? {}).sort(), [
      ...['executionNumber', 'lastUpdatedAt', 'queuedAt', 'retryAttempt', 'startedAt', 'status'],
    ]);
    await test.refused('ResourceNotFoundException', 404, 'GET', '/things/none/jobs');
    await test.refused('ResourceNotFoundException', 404, 'GET', '/jobs/none/things');
  });

  it('DescribeJobExecution shows what the device reported', async () => {
    await create('job-1', { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    report('job-1', { status: 'IN_PROGRESS', statusDetails: { progress: '50%' } });
    const shown = await execution('job-1');
    assert.deepEqual(
      [shown.status, shown.statusDetails, shown.versionNumber, shown.thingArn],
      ['IN_PROGRESS', { detailsMap: { progress: '50%' } }, 2, arnOf('car-1')],
    );
    assert.equal(shown.approximateSecondsBeforeTimedOut, 300);
    await test.refused('ResourceNotFoundException', 404, 'GET', '/things/car-2/jobs/job-1');
    await test.refused('ResourceNotFoundException', 404, 'GET', '/things/car-1/jobs/job-1?executionNumber=2');
  });

  it('CancelJob ends what is queued, and by force what is under way', async () => {
    await create('job-1', { targets: [arnOf('car-1'), arnOf('car-2')] });
    report('job-1', { status: 'IN_PROGRESS' });
    await test.ok('PUT', '/jobs/job-1/cancel', { reasonCode: 'NOT_NEEDED', comment: 'no' });
    assert.equal((await execution('job-1')).status, 'IN_PROGRESS');
    assert.equal((await execution('job-1', 'car-2')).status, 'CANCELED');
    await test.ok('PUT', '/jobs/job-1/cancel?force=true', {});
    const canceled = await execution('job-1');
    assert.deepEqual([canceled.status, canceled.forceCanceled], ['CANCELED', true]);
    const described = await job('job-1');
    assert.deepEqual(
      [described.status, described.reasonCode, described.comment],
      ['CANCELED', 'NOT_NEEDED', 'no'],
    );
  });

  it('CancelJob refuses a job that is completed', async () => {
    await create('job-1');
    report('job-1', { status: 'SUCCEEDED' });
    await test.refused('InvalidRequestException', 400, 'PUT', '/jobs/job-1/cancel', {});
  });

  it('DeleteJob deletes what is over, and by force what is not', async () => {
    await create('job-1');
    await test.refused('InvalidStateTransitionException', 409, 'DELETE', '/jobs/job-1');
    await test.ok('DELETE', '/jobs/job-1?force=true');
    await test.refused('ResourceNotFoundException', 404, 'GET', '/things/car-1/jobs/job-1');
    await create('job-1');
    report('job-1', { status: 'REJECTED' });
    await test.ok('DELETE', '/jobs/job-1');
    await test.refused('ResourceNotFoundException', 404, 'GET', '/jobs/job-1');
  });

  it('CancelJobExecution cancels one, of the version expected, a running one by force only', async () => {
    await create('job-1', { targets: [arnOf('car-1'), arnOf('car-2')] });
    const at = '/things/car-1/jobs/job-1/cancel';
    await test.refused('VersionConflictException', 409, 'PUT', at, { expectedVersion: 7 });
    report('job-1', { status: 'IN_PROGRESS' });
    await test.refused('InvalidStateTransitionException', 409, 'PUT', at, {});
    await test.ok('PUT', `${at}?force=true`, { expectedVersion: 2, statusDetails: { why: 'late' } });
    assert.deepEqual((await execution('job-1')).statusDetails, { detailsMap: { why: 'late' } });
    assert.equal((await execution('job-1', 'car-2')).status, 'QUEUED');
    await test.refused('InvalidStateTransitionException', 409, 'PUT', `${at}?force=true`, {});
  });

  it('times an execution out when the device takes longer than the job allows', async () => {
    await create('job-1', { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    test.context.clock.advance(3_600_000);
    assert.equal((await execution('job-1')).status, 'QUEUED', 'it counts from the start');
    report('job-1', { status: 'IN_PROGRESS' });
    test.context.clock.advance(299_000);
    assert.equal((await execution('job-1')).status, 'IN_PROGRESS');
    test.context.clock.advance(1_000);
    assert.equal((await execution('job-1')).status, 'TIMED_OUT');
    assert.equal((await job('job-1')).status, 'COMPLETED');
  });

  it('times an execution out by the step timer, which each report can set anew or take away', async () => {
    await create('job-1');
    report('job-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
    test.context.clock.advance(59_000);
    report('job-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
    test.context.clock.advance(59_000);
    report('job-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: -1 });
    test.context.clock.advance(3_600_000);
    assert.equal((await execution('job-1')).status, 'IN_PROGRESS');
    report('job-1', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
    test.context.clock.advance(60_000);
    assert.equal((await execution('job-1')).status, 'TIMED_OUT');
  });

  it('removes the executions of a thing that is deleted', async () => {
    await create('job-1');
    await test.ok('DELETE', '/things/car-1');
    assert.equal((await job('job-1')).jobProcessDetails.numberOfRemovedThings, 1);
  });

  it('keeps jobs over a restart, their timers too, and forgets them with a reset', async () => {
    await create('job-1', { timeoutConfig: { inProgressTimeoutInMinutes: 5 } });
    report('job-1', { status: 'IN_PROGRESS' });
    const { store, clock } = test.context;
    test = await createTestIot({ store, clock, config: { limits: false } });
    assert.equal((await execution('job-1')).status, 'IN_PROGRESS');
    clock.advance(300_000);
    assert.equal((await execution('job-1')).status, 'TIMED_OUT');
    store.reset();
    assert.deepEqual((await test.ok('GET', '/jobs')).jobs, []);
  });
});

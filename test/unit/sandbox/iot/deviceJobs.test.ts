import assert from 'node:assert/strict';
import { createTestIot, type TestIot } from './harness.ts';

type Body = Record<string, unknown>;

describe('jobs, as a device sees them', () => {
  let test: TestIot;
  beforeEach(async () => {
    test = await createTestIot({ config: { limits: false } });
    await test.ok('POST', '/things/car', {});
  });

  const create = (jobId: string, document: object = { operation: jobId }) =>
    test.ok('PUT', `/jobs/${jobId}`, {
      targets: ['arn:aws:iot:us-west-2:123456789012:thing/car'],
      document: JSON.stringify(document),
    });
  /** One request, and its answer: `accepted` or `rejected`, and the body. */
  function ask(rest: string, body: unknown = {}, thing = 'car'): [outcome: string, body: Body] {
    const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answers = test.iot.thingServices[0]?.handle(thing, rest, payload) ?? [];
    const [answer] = answers;
    assert.ok(answer !== undefined && answers.length === 1);
    assert.ok(answer.rest.startsWith(`${rest}/`));
    assert.equal(answer.to, 'client');
    return [answer.rest.slice(rest.length + 1), JSON.parse(JSON.stringify(answer.body)) as Body];
  }
  const accepted = (rest: string, body?: unknown): Body => {
    const [outcome, answer] = ask(rest, body);
    assert.equal(outcome, 'accepted', JSON.stringify(answer));
    return answer;
  };
  const refused = (rest: string, body?: unknown, thing?: string): Body => {
    const [outcome, answer] = ask(rest, body, thing);
    assert.equal(outcome, 'rejected', JSON.stringify(answer));
    return answer;
  };
  const published = (topic: string) => test.published.filter((each) => each.topic === topic);
  const seconds = () => Math.floor(test.context.clock.now() / 1000);

  it('lists what is pending, with the token that was sent', async () => {
    await create('a');
    await create('b');
    accepted('b/update', { status: 'IN_PROGRESS' });
    const { inProgressJobs, queuedJobs, ...rest } = accepted('get', { clientToken: 't' });
    assert.deepEqual(rest, { clientToken: 't', timestamp: seconds() });
    assert.deepEqual(queuedJobs, [
      { jobId: 'a', queuedAt: seconds(), lastUpdatedAt: seconds(), executionNumber: 1, versionNumber: 1 },
    ]);
    assert.equal((inProgressJobs as Body[])[0]?.jobId, 'b');
  });

  it('starts the next with its document, and gives the same until it is done', async () => {
    await create('a', { operation: 'OtaUpdate', desiredVersion: '2' });
    await create('b');
    const { execution } = accepted('start-next', { statusDetails: { step: 'one' } }) as { execution: Body };
    assert.deepEqual(execution, {
      jobId: 'a',
      thingName: 'car',
      status: 'IN_PROGRESS',
      statusDetails: { step: 'one' },
      queuedAt: seconds(),
      startedAt: seconds(),
      lastUpdatedAt: seconds(),
      versionNumber: 2,
      executionNumber: 1,
      jobDocument: { operation: 'OtaUpdate', desiredVersion: '2' },
    });
    const again = accepted('start-next', { statusDetails: { step: 'two' } }) as { execution: Body };
    assert.deepEqual(again.execution, execution);
    accepted('a/update', { status: 'SUCCEEDED' });
    assert.equal((accepted('start-next').execution as Body).jobId, 'b');
    accepted('b/update', { status: 'SUCCEEDED' });
    assert.deepEqual(accepted('start-next'), { timestamp: seconds() });
  });

  it('describes an execution, by its id and as the next', async () => {
    await create('a');
    assert.deepEqual(accepted('$next/get').execution, accepted('a/get').execution);
    const without = accepted('a/get', { includeJobDocument: false }).execution as Body;
    assert.deepEqual([without.status, 'jobDocument' in without], ['QUEUED', false]);
    accepted('a/update', { status: 'SUCCEEDED' });
    assert.equal(refused('a/get').code, 'TerminalStateReached');
    assert.deepEqual(accepted('$next/get'), { timestamp: seconds() });
  });

  it('takes reports, and tells the state and the document when asked to', async () => {
    await create('a');
    assert.deepEqual(accepted('a/update', { status: 'IN_PROGRESS' }), { timestamp: seconds() });
    const wanted = { includeJobExecutionState: true, includeJobDocument: true };
    assert.deepEqual(accepted('a/update', { status: 'SUCCEEDED', expectedVersion: '2', ...wanted }), {
      executionState: { status: 'SUCCEEDED', versionNumber: 3 },
      jobDocument: { operation: 'a' },
      timestamp: seconds(),
    });
  });

  it('refuses another version and a change of what is over, and tells the state', async () => {
    await create('a');
    assert.deepEqual(refused('a/update', { status: 'FAILED', expectedVersion: 3, clientToken: 'x' }), {
      code: 'VersionMismatch',
      message: 'The execution has version 1, not 3.',
      executionState: { status: 'QUEUED', versionNumber: 1 },
      clientToken: 'x',
      timestamp: seconds(),
    });
    accepted('a/update', { status: 'REJECTED', statusDetails: { reason: 'no' } });
    const { code, executionState } = refused('a/update', { status: 'SUCCEEDED' });
    assert.equal(code, 'InvalidStateTransition');
    assert.deepEqual(executionState, {
      status: 'REJECTED',
      statusDetails: { reason: 'no' },
      versionNumber: 2,
    });
  });

  for (const [what, rest, body, code] of [
    ['no JSON', 'a/update', '{', 'InvalidJson'],
    ['an empty payload', 'get', '', 'InvalidJson'],
    ['a list', 'get', [], 'InvalidRequest'],
    ['no status', 'a/update', {}, 'InvalidRequest'],
    ['an unknown status', 'a/update', { status: 'DONE' }, 'InvalidRequest'],
    ['a status that devices do not report', 'a/update', { status: 'CANCELED' }, 'InvalidRequest'],
    ['details that are no text', 'a/update', { status: 'FAILED', statusDetails: { a: 1 } }, 'InvalidRequest'],
    [
      'eleven details',
      'a/update',
      {
        status: 'FAILED',
        statusDetails: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`k${n}`, 'v'])),
      },
      'InvalidRequest',
    ],
    ['a step timer of nothing', 'start-next', { stepTimeoutInMinutes: 0 }, 'InvalidRequest'],
    ['an unknown job', 'none/update', { status: 'FAILED' }, 'ResourceNotFound'],
    ['another execution', 'a/get', { executionNumber: 2 }, 'ResourceNotFound'],
    ['an unknown request', 'a/finish', {}, 'InvalidTopic'],
    ['a report on the next', '$next/update', { status: 'FAILED' }, 'InvalidTopic'],
  ] as const) {
    it(`refuses ${what}: ${code}`, async () => {
      await create('a');
      const answer = refused(rest, body);
      assert.equal(answer.code, code);
      assert.doesNotMatch(String(answer.message), /Invalid (input|option)|expected|received/);
    });
  }

  it('answers 200 requests a second that read and 200 that write, and throttles more', async () => {
    test = await createTestIot();
    await test.ok('POST', '/things/car', {});
    await create('a');
    for (let n = 0; n < 200; n++) accepted('get', {});
    assert.equal(refused('a/get', {}).code, 'RequestThrottled');
    for (let n = 0; n < 200; n++) accepted('start-next', {});
    assert.equal(refused('a/update', { status: 'SUCCEEDED' }).code, 'RequestThrottled');
    test.context.clock.advance(1000);
    accepted('get', {});
    accepted('a/update', { status: 'SUCCEEDED' });
  });

  it('knows nothing of a thing that does not exist', () => {
    assert.equal(refused('get', {}, 'none').code, 'ResourceNotFound');
  });

  // The sequence of "Jobs notifications" in the AWS IoT Developer Guide.
  it('notifies of what is added and removed, and of each change of the next', async () => {
    const topic = '$aws/things/car/jobs';
    const notified = () => {
      const told = test.published
        .filter((each) => each.topic.startsWith(topic))
        .map((each) => [each.topic.slice(topic.length + 1), each.payload] as const);
      test.published.length = 0;
      return told.map(([what, { jobs, execution }]) =>
        what === 'notify'
          ? [
              what,
              ...Object.entries(jobs as Record<string, Body[]>).map(([s, l]) => [s, l.map((j) => j.jobId)]),
            ]
          : [what, (execution as Body | undefined)?.jobId],
      );
    };
    await create('job1');
    assert.deepEqual(notified(), [
      ['notify', ['QUEUED', ['job1']]],
      ['notify-next', 'job1'],
    ]);
    await create('job2');
    assert.deepEqual(notified(), [['notify', ['QUEUED', ['job1', 'job2']]]]);
    accepted('job1/update', { status: 'IN_PROGRESS' });
    assert.deepEqual(notified(), []);
    await create('job3');
    assert.deepEqual(notified(), [['notify', ['IN_PROGRESS', ['job1']], ['QUEUED', ['job2', 'job3']]]]);
    accepted('job1/update', { status: 'SUCCEEDED' });
    assert.deepEqual(notified(), [
      ['notify', ['QUEUED', ['job2', 'job3']]],
      ['notify-next', 'job2'],
    ]);
    accepted('job3/update', { status: 'IN_PROGRESS' });
    assert.deepEqual(notified(), [['notify-next', 'job3']]);
    accepted('job2/update', { status: 'REJECTED' });
    assert.deepEqual(notified(), [['notify', ['IN_PROGRESS', ['job3']]]]);
    await test.ok('DELETE', '/jobs/job3?force=true');
    assert.deepEqual(notified(), [['notify'], ['notify-next', undefined]]);
  });

  it('publishes the next with its document and without the name of the thing', async () => {
    await create('a', { c: 'd' });
    const [{ payload } = { payload: {} }] = published('$aws/things/car/jobs/notify-next');
    assert.deepEqual(payload, {
      timestamp: seconds(),
      execution: {
        jobId: 'a',
        status: 'QUEUED',
        queuedAt: seconds(),
        lastUpdatedAt: seconds(),
        versionNumber: 1,
        executionNumber: 1,
        jobDocument: { c: 'd' },
      },
    });
  });

  it('publishes events of executions and jobs that end', async () => {
    await create('a');
    accepted('a/update', { status: 'SUCCEEDED', statusDetails: { v: '2' } });
    const [event] = published('$aws/events/jobExecution/a/succeeded');
    const { eventId, ...rest } = event?.payload ?? {};
    assert.match(String(eventId), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      eventType: 'JOB_EXECUTION',
      timestamp: seconds(),
      operation: 'succeeded',
      jobId: 'a',
      thingArn: 'arn:aws:iot:us-west-2:123456789012:thing/car',
      status: 'SUCCEEDED',
      statusDetails: { v: '2' },
    });
    assert.equal(published('$aws/events/job/a/completed').length, 1);
  });

  it('ends what has timed out without being asked', async () => {
    await create('a');
    accepted('start-next', { stepTimeoutInMinutes: 1 });
    test.context.clock.advance(60_000);
    test.iot.thingServices[0]?.tick();
    assert.equal(published('$aws/events/jobExecution/a/timed_out').length, 1);
  });
});

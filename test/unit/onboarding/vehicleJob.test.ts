import assert from 'node:assert/strict';
import { codecOf } from '../../../src/cms/codecs.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { CmsError, isCancelled } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import {
  createJob,
  followJob,
  newJobId,
  readJobDocument,
  type JobProgress,
} from '../../../src/onboarding/vehicleJob.ts';
import { testWork } from '../../support/works.ts';

type Answer = object | Error;
const request = { vin: 'VIN', thingName: 'VIN', jobId: 'job-1', document: '{}' };
const execution = (status: string, versionNumber: number, detailsMap: object = {}) => ({
  execution: { status, versionNumber, statusDetails: { detailsMap } },
});
const missing = () => Object.assign(new Error('no'), { name: 'ResourceNotFoundException', $metadata: {} });

describe('A job for a vehicle', () => {
  let sent: { command: string; input: Record<string, unknown> }[];
  let answers: Answer[];
  let connection: Connection;
  beforeEach(() => {
    sent = [];
    answers = [];
    const iot = {
      send(command: { constructor: { name: string }; input: Record<string, unknown> }) {
        sent.push({ command: command.constructor.name, input: command.input });
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
    };
    connection = { label: l10n.verbatim('test'), iot: () => Promise.resolve(iot) } as unknown as Connection;
  });

  /** Time that passes only by sleeping. */
  function quickWork() {
    let now = 0;
    const clock = {
      now: () => now,
      sleep: (ms: number) => {
        now += ms;
        return Promise.resolve();
      },
    };
    return { ...testWork(), clock };
  }
  const errorOf = async (work: Promise<unknown>): Promise<CmsError> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CmsError, String(error));
    return error;
  };

  it('is made for the thing that AWS IoT has', async () => {
    answers = [{ thingArn: 'arn:thing' }, {}];
    await createJob(connection, request, quickWork());
    assert.deepEqual(sent.at(-1), {
      command: 'CreateJobCommand',
      input: { jobId: 'job-1', targets: ['arn:thing'], document: '{}', targetSelection: 'SNAPSHOT' },
    });
  });

  it('is not made for a thing that is not there', async () => {
    answers = [missing()];
    assert.equal((await errorOf(createJob(connection, request, quickWork()))).code, 'VEHICLE_NOT_FOUND');
    assert.equal(sent.length, 1);
  });

  it('is followed to its end, each change told once; AWS may take a moment to queue it', async () => {
    answers = [
      missing(),
      execution('QUEUED', 1),
      execution('QUEUED', 1),
      execution('IN_PROGRESS', 2, { step: 'one' }),
      execution('IN_PROGRESS', 3, { step: 'two' }),
      execution('SUCCEEDED', 4),
    ];
    const told: JobProgress[] = [];
    await followJob(connection, request, { changed: (it) => told.push(it) }, quickWork());
    assert.deepEqual(
      told.map(({ status, details }) => [status, details.step]),
      [
        ['QUEUED', undefined],
        ['QUEUED', undefined],
        ['IN_PROGRESS', 'one'],
        ['IN_PROGRESS', 'two'],
        ['SUCCEEDED', undefined],
      ],
    );
  });

  for (const status of ['REJECTED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'REMOVED']) {
    it(`fails when it ends ${status}, with what the vehicle said`, async () => {
      answers = [execution(status, 2, { reason: 'no' })];
      const error = await errorOf(followJob(connection, request, { changed: () => undefined }, quickWork()));
      assert.deepEqual([error.code, error.details.status], ['JOB_FAILED', status]);
      assert.match(error.message, /reason: no/);
    });
  }

  it('that fails without a reason sends nobody to look for one in parentheses', async () => {
    answers = [execution('TIMED_OUT', 2)];
    const error = await errorOf(followJob(connection, request, { changed: () => undefined }, quickWork()));
    assert.match(error.message, /ended TIMED_OUT\.$/);
    assert.match(english(error.remedy ?? ''), /gave no reason/);
  });

  it('is followed for as long as was said', async () => {
    answers = [execution('QUEUED', 1)];
    const following = { changed: () => undefined, timeoutMs: 2500 };
    const error = await errorOf(followJob(connection, request, following, quickWork()));
    assert.equal(error.code, 'JOB_FAILED');
    assert.match(error.message, /still QUEUED after 2.5 s/);
    assert.equal(sent.length, 4);
  });

  it('is left alone when nobody wants to follow it any more', async () => {
    answers = [execution('QUEUED', 1)];
    const work = testWork();
    const following = followJob(connection, request, { changed: () => work.cancel() }, work);
    await assert.rejects(following, isCancelled);
  });

  it('has a document of JSON that AWS IoT takes', () => {
    assert.equal(readJobDocument('{ "a": [1, 2] }\n'), '{"a":[1,2]}');
    assert.throws(() => readJobDocument('reboot'), { code: 'REQUEST_INVALID' });
    assert.throws(() => readJobDocument(JSON.stringify('x'.repeat(40_000))), /has 40002 characters/);
    assert.deepEqual(codecOf('cdf').jobs?.updateTo('2.0'), { operation: 'OtaUpdate', desiredVersion: '2.0' });
  });

  it('has an id of its own', () => {
    const now = Date.parse('2026-01-05T10:00:00.123Z');
    assert.equal(
      newJobId(now, () => 0.5),
      'cms-20260105100000123-i00000',
    );
    assert.match(
      newJobId(now, () => 0.999_999),
      /^[a-zA-Z0-9_-]{1,64}$/,
    );
  });
});

import assert from 'node:assert/strict';
import { createJobAccess } from '../../../src/device/process/simulation/jobAccess.ts';
import { VehicleJobs } from '../../../src/device/process/simulation/vehicleJobs.ts';
import type { VehicleCommand } from '../../../src/protocol/simulation.ts';
import { textOf } from '../../support/bytes.ts';
import { jobs as codec } from '../../../src/cms/cdf/codec/jobs.ts';
import { createFakeTimers, settled, type FakeTimers } from './simulationWorld.ts';

const PREFIX = '$aws/things/THING/jobs/';
const UPDATE = { operation: 'OtaUpdate', desiredVersion: '2.0', commandId: 'x' };

describe("A vehicle's jobs", () => {
  let timers: FakeTimers;
  let commands: VehicleCommand[];
  let crashes: unknown[];
  let sent: { topic: string; body: Record<string, unknown> }[];
  let jobs: VehicleJobs;
  /** Whether what is sent is acknowledged. */
  let acknowledges: boolean;

  beforeEach(() => {
    timers = createFakeTimers();
    commands = [];
    crashes = [];
    sent = [];
    acknowledges = true;
    const vehicle = { vin: 'VIN', id: 'ID', thingName: 'THING' };
    const access = createJobAccess(true, () => undefined);
    const report = (command: VehicleCommand) => commands.push(command);
    const crashed = (error: unknown) => crashes.push(error);
    jobs = new VehicleJobs({ vehicle, codec, timers, random: () => 0, access, report, crashed });
    listen();
  });

  function listen(): void {
    jobs.listening((topic, payload) => {
      sent.push({ topic, body: JSON.parse(textOf(payload)) as Record<string, unknown> });
      return acknowledges ? Promise.resolve() : new Promise(() => undefined);
    });
  }
  async function hear(rest: string, body: unknown): Promise<void> {
    jobs.message(PREFIX + rest, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    await settled();
  }
  const execution = (jobId: string, jobDocument: unknown = UPDATE, status = 'QUEUED') => ({
    timestamp: 1,
    execution: { jobId, status, jobDocument, versionNumber: 1 },
  });
  const statuses = () => commands.map(({ jobId, status }) => `${jobId} ${status}`);
  /** Reports to the cloud, in order. */
  const reports = () =>
    sent.filter(({ topic }) => topic.endsWith('/update') && topic.startsWith(PREFIX)).map(({ body }) => body);

  it('subscribes to notices of the next, and asks for what waits already', () => {
    assert.equal(jobs.filter, `${PREFIX}notify-next`);
    assert.deepEqual(sent, [{ topic: `${PREFIX}$next/get`, body: {} }]);
  });

  it('reports that it is at work, works, and reports success; CMS is notified, too', async () => {
    await hear('notify-next', execution('job-1'));
    assert.deepEqual(statuses(), ['job-1 QUEUED', 'job-1 IN_PROGRESS']);
    await timers.advance(5000);
    assert.deepEqual(statuses().slice(2), ['job-1 SUCCEEDED']);
    assert.deepEqual(reports(), [
      { status: 'IN_PROGRESS', statusDetails: { desiredVersion: '2.0' } },
      { status: 'SUCCEEDED', statusDetails: { installedVersion: '2.0' } },
    ]);
    const toCms = sent.filter(({ topic }) => topic === 'dt/cvra/THING/job/job-1/update');
    assert.deepEqual(
      toCms.map(({ body }) => body.status),
      ['queued', 'inProgress', 'success'],
    );
    assert.deepEqual(toCms.at(-1)?.body, {
      operation: 'OtaUpdate',
      reportedVersion: '2.0',
      jobId: 'job-1',
      status: 'success',
      vin: 'VIN',
      deviceId: 'THING',
      timestamp: '2026-01-05T10:00:05.000Z',
    });
    const { operation, document, details } = commands.at(-1)!;
    assert.deepEqual(
      [operation, JSON.parse(document), details],
      ['OtaUpdate', UPDATE, { installedVersion: '2.0' }],
    );
  });

  for (const [what, document, reason] of [
    ['an operation it does not know', { operation: 'openDoors' }, 'unknown operation "openDoors"'],
    ['an update to no version', { operation: 'OtaUpdate' }, 'desiredVersion is missing'],
    ['a document without an operation', { a: 1 }, 'the document names no operation'],
    ['a document that is no object', 'reboot', 'the document is not a JSON object'],
  ] as const) {
    it(`rejects ${what}, and says why`, async () => {
      await hear('notify-next', execution('job-1', document));
      assert.deepEqual(reports(), [{ status: 'REJECTED', statusDetails: { reason } }]);
      assert.deepEqual(statuses(), ['job-1 QUEUED', 'job-1 REJECTED']);
      assert.deepEqual(commands.at(-1)?.details, { reason });
      assert.ok(!sent.some(({ topic }) => topic.startsWith('dt/')));
    });
  }

  it('takes a job that was there before it connected', async () => {
    await hear(
      '$next/get/accepted',
      execution('job-1', { operation: 'updateFirmware', desiredVersion: '3' }),
    );
    await timers.advance(5000);
    assert.equal(statuses().at(-1), 'job-1 SUCCEEDED');
  });

  it('does a job once, however often it is announced', async () => {
    await hear('notify-next', execution('job-1'));
    await hear('$next/get/accepted', execution('job-1'));
    await timers.advance(5000);
    await hear('notify-next', execution('job-1', UPDATE, 'IN_PROGRESS'));
    await timers.advance(5000);
    assert.equal(reports().length, 2);
  });

  it('does the next one after it', async () => {
    await hear('notify-next', execution('job-1'));
    await timers.advance(5000);
    await hear('notify-next', execution('job-2'));
    await timers.advance(5000);
    assert.deepEqual(statuses().slice(-3), ['job-2 QUEUED', 'job-2 IN_PROGRESS', 'job-2 SUCCEEDED']);
    await hear('notify-next', { timestamp: 1 });
    assert.equal(statuses().at(-1), 'job-2 SUCCEEDED');
  });

  it('stops work that was canceled', async () => {
    await hear('notify-next', execution('job-1'));
    await hear('notify-next', { timestamp: 1 });
    await timers.advance(5000);
    assert.equal(statuses().at(-1), 'job-1 CANCELED');
    assert.equal(reports().length, 1);
  });

  it('is not misled by an answer that says less than a notice that came before it', async () => {
    await hear('notify-next', execution('job-1'));
    await hear('$next/get/accepted', { timestamp: 1 });
    await timers.advance(5000);
    assert.equal(statuses().at(-1), 'job-1 SUCCEEDED');
  });

  it('gives up a job whose report is rejected, reports what became of it, and asks for the next', async () => {
    await hear('notify-next', execution('job-1'));
    await hear('job-1/update/rejected', {
      code: 'InvalidStateTransition',
      executionState: { status: 'TIMED_OUT', versionNumber: 3 },
    });
    assert.equal(statuses().at(-1), 'job-1 TIMED_OUT');
    assert.equal(sent.at(-1)?.topic, `${PREFIX}$next/get`);
    await timers.advance(5000);
    assert.equal(reports().length, 1);
  });

  // AWS IoT takes 200 reports of the devices of an account a second; a fleet that gets a job makes more.
  it('reports again, later each time, when AWS IoT had too much to do', async () => {
    const throttled = { code: 'RequestThrottled', message: 'too many' };
    await hear('notify-next', execution('job-1'));
    await hear('job-1/update/rejected', throttled);
    assert.deepEqual(statuses(), ['job-1 QUEUED', 'job-1 IN_PROGRESS'], 'it goes on working');
    await timers.advance(1000);
    assert.deepEqual(
      reports().map(({ status }) => status),
      ['IN_PROGRESS', 'IN_PROGRESS'],
    );
    await timers.advance(4000);
    assert.equal(reports().at(-1)?.status, 'SUCCEEDED');
    for (let n = 0; n < 3; n++) {
      const before = reports().length;
      await hear('job-1/update/rejected', throttled);
      assert.equal(reports().length, before, 'not at once');
      await timers.advance(60_000);
      assert.equal(reports().length, before + 1);
      assert.deepEqual(reports().at(-1), { status: 'SUCCEEDED', statusDetails: { installedVersion: '2.0' } });
    }
    await hear('job-1/update/accepted', {});
    assert.deepEqual(statuses().slice(2), ['job-1 SUCCEEDED']);
  });

  it('asks for the next again when AWS IoT had too much to do, and not on a connection that is gone', async () => {
    await hear('$next/get/rejected', { code: 'RequestThrottled' });
    assert.equal(sent.length, 1);
    await timers.advance(1000);
    assert.deepEqual(sent[1], { topic: `${PREFIX}$next/get`, body: {} });
    await hear('$next/get/rejected', { code: 'RequestThrottled' });
    jobs.closed();
    await timers.advance(60_000);
    assert.equal(sent.length, 2);
  });

  it('begins again what it was at when the connection ended', async () => {
    await hear('notify-next', execution('job-1'));
    jobs.closed();
    await timers.advance(5000);
    assert.equal(reports().length, 1, 'nothing is sent on a connection that is gone');
    listen();
    assert.equal(sent.at(-1)?.topic, `${PREFIX}$next/get`);
    await hear('$next/get/accepted', execution('job-1', UPDATE, 'IN_PROGRESS'));
    await timers.advance(5000);
    assert.deepEqual(statuses().slice(-2), ['job-1 IN_PROGRESS', 'job-1 SUCCEEDED']);
    assert.equal(reports().filter(({ status }) => status === 'IN_PROGRESS').length, 1);
  });

  it('sends its last report again on the next connection when it was not heard', async () => {
    await hear('notify-next', execution('job-1'));
    acknowledges = false;
    await timers.advance(5000);
    assert.equal(statuses().at(-1), 'job-1 IN_PROGRESS', 'nobody has heard that it is done');
    jobs.closed();
    acknowledges = true;
    listen();
    await hear('$next/get/accepted', execution('job-1', UPDATE, 'IN_PROGRESS'));
    await timers.advance(5000);
    assert.equal(statuses().at(-1), 'job-1 SUCCEEDED');
  });

  it('hands on that a message could not be sent at all', async () => {
    const failure = new Error('no');
    jobs.listening(() => Promise.reject(failure));
    await settled();
    assert.deepEqual(crashes, [failure]);
  });

  it('ignores what is no JSON, of another shape, or about something else', async () => {
    for (const body of ['{', '[]', '{"execution":{"jobId":7}}', '{"execution":{}}']) {
      await hear('notify-next', body);
    }
    await hear('other/update/rejected', { code: 'VersionMismatch' });
    jobs.message('$aws/things/OTHER/jobs/notify-next', Buffer.from(JSON.stringify(execution('job-1'))));
    await settled();
    assert.deepEqual([commands, sent.length], [[], 1]);
  });
});

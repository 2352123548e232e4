import assert from 'node:assert/strict';
import { cancelled, CmsError } from '../../../../src/core/errors.ts';
import type { Recording } from '../../../../src/device/client/recording.ts';
import type { AcknowledgedMessage } from '../../../../src/protocol/simulation.ts';
import { l10n } from '../../../../src/core/message.ts';
import { crash, fakeRun, message, totalsOf, vehicle } from './fakeEngine.ts';

function fakeRecording(): Recording & {
  got: AcknowledgedMessage[];
  closed: boolean;
  problem: CmsError | undefined;
} {
  const got: AcknowledgedMessage[] = [];
  return {
    file: 'run.jsonl',
    got,
    closed: false,
    problem: undefined,
    missed: 0,
    get written() {
      return got.length;
    },
    add: (messages) => void got.push(...messages),
    close() {
      this.closed = true;
      return Promise.resolve();
    },
  };
}

describe('A run of the editor', () => {
  it('is starting until a vehicle has set off, then running', () => {
    const { run, update } = fakeRun(['A', 'B']);
    update([vehicle('A', { phase: 'waiting', link: 'connecting' })]);
    assert.equal(run.state, 'starting');
    update([vehicle('A')]);
    assert.equal(run.state, 'running');
  });

  it('is paused when nobody drives any more, and running again when somebody does', () => {
    const { run, update } = fakeRun(['A', 'B']);
    update([vehicle('A'), vehicle('B')]);
    update([vehicle('A', { phase: 'paused' })]);
    assert.deepEqual([run.state, run.canPause, run.canResume], ['running', true, true]);
    update([vehicle('B', { phase: 'paused' })]);
    assert.deepEqual([run.state, run.canPause, run.canResume], ['paused', false, true]);
    update([vehicle('A')]);
    assert.equal(run.state, 'running');
  });

  it('is finishing while the last messages of all are on their way', () => {
    const { run, update } = fakeRun(['A', 'B']);
    update([vehicle('A', { phase: 'ending' }), vehicle('B', { phase: 'ended' })]);
    assert.ok(run.isFinishing);
  });

  it('ends with its totals, and is not steered any more', async () => {
    const it = fakeRun(['A']);
    it.update([vehicle('A')]);
    await it.end([vehicle('A', { phase: 'ended' })], { acknowledged: 40, ended: 1 });
    assert.deepEqual([it.run.state, it.run.totals?.acknowledged, it.run.isOver], ['ended', 40, true]);
    assert.deepEqual(it.told.slice(-2), ['changed ended', 'over ended']);
    it.run.control({ do: 'pause' });
    assert.deepEqual(it.controls, []);
  });

  it('has failed when all its vehicles have', async () => {
    const it = fakeRun(['A']);
    await it.end([vehicle('A', { phase: 'failed' })], { failed: 1 });
    assert.equal(it.run.state, 'failed');
  });

  it('has ended, not failed, when it was ended at once', async () => {
    const it = fakeRun(['A']);
    await it.fail(cancelled());
    assert.deepEqual([it.run.state, it.run.problem], ['ended', undefined]);
  });

  it('that crashed can be resumed once, at the speed it had', async () => {
    const it = fakeRun(['A'], { request: { speed: 2 } });
    it.update([vehicle('A')]);
    it.run.control({ do: 'speed', factor: 5 });
    await it.fail(crash());
    assert.deepEqual([it.run.state, it.run.isResumable], ['crashed', true]);
    assert.deepEqual([it.run.resumption()?.speed, it.run.resumption()?.simulationId], [5, 'run-1-r2']);
    it.run.resumedBy = it.run;
    assert.equal(it.run.isResumable, false);
  });

  it('that crashed before its first update is said to have, and can be resumed', async () => {
    const it = fakeRun(['A']);
    await it.fail(crash());
    assert.deepEqual([it.run.state, it.run.isResumable], ['crashed', true]);
    assert.deepEqual(it.told, ['changed crashed', 'over crashed']);
  });

  it('that crashed after the last vehicle had ended has nothing to resume', async () => {
    const it = fakeRun(['A'], { left: false });
    await it.fail(crash());
    assert.equal(it.run.isResumable, false);
  });

  it('waits for acknowledgements when it is stopped, and not when it is stopped again', () => {
    const { run, controls, signal } = fakeRun(['A']);
    run.control({ do: 'stop' });
    assert.deepEqual([run.isStopping, signal.aborted, controls], [true, false, [{ do: 'stop' }]]);
    run.control({ do: 'stop' });
    assert.equal(signal.aborted, true);
  });

  it('simulates a vehicle until that one has ended or failed', async () => {
    const it = fakeRun(['A', 'B', 'C']);
    assert.deepEqual([it.run.simulates('A'), it.run.simulates('X')], [true, false]);
    it.update([vehicle('A', { phase: 'ended' }), vehicle('B', { phase: 'failed' }), vehicle('C')]);
    assert.deepEqual(
      ['A', 'B', 'C'].map((vin) => it.run.simulates(vin)),
      [false, false, true],
    );
    await it.end([]);
    assert.equal(it.run.simulates('C'), false);
  });

  it('tells once of each vehicle that failed', () => {
    const { update, told } = fakeRun(['A', 'B']);
    update([vehicle('A', { phase: 'failed' }), vehicle('B')]);
    update([vehicle('A', { phase: 'failed' }), vehicle('B')]);
    assert.equal(told.filter((each) => each === 'failed A').length, 1);
  });

  it('tells of a change only when something has changed', () => {
    const { update, told } = fakeRun(['A']);
    update([vehicle('A')]);
    const before = told.filter((each) => each.startsWith('changed')).length;
    update([vehicle('A', { metres: 4000 })]);
    assert.equal(told.filter((each) => each.startsWith('changed')).length, before);
  });

  it('keeps the last payloads of a small run', async () => {
    const { run, update, controls } = fakeRun(['A'], { request: { payloads: true } });
    update([vehicle('A')], {
      messages: [message('A', 1, { payload: '{"a":1}' }), message('A', 2, { payload: '{"a":2}' })],
    });
    assert.equal((await run.lastMessage('A'))?.payload, '{"a":2}');
    assert.deepEqual(controls, []);
  });

  it('tells vehicles with one VIN apart, and finds each however it is named', async () => {
    const twin = (id: string) => ({
      ...{ vin: 'A', id, thingName: `thing-${id}`, seed: 1 },
      identity: { certificatePem: '', privateKeyPem: '' },
    });
    const it = fakeRun([], { request: { vehicles: [twin('1'), twin('2')] } });
    it.update([vehicle('A', { id: '1' }), vehicle('A', { id: '2', phase: 'ended' })]);
    assert.deepEqual([it.run.simulates('1'), it.run.simulates('2')], [true, false]);
    assert.equal(it.run.names.idOf({ vin: 'A', id: '2' }), '2');
    assert.equal(it.run.names.idOf({ vin: '1' }), '1', 'by its id alone, as somebody typed it');
    assert.equal(it.run.names.idOf({ vin: 'A', id: '3' }), undefined);
    assert.deepEqual(it.run.names.of(['2']), [{ vin: 'A', id: '2' }]);
    const asked = it.run.lastMessage('2');
    const told = { vin: 'A', id: '2', serial: 1, topic: 't', time: 1, payload: '{}' };
    it.update([], { told: [{ ...told, id: '1', payload: '[]' }, told] });
    assert.deepEqual(await asked, told);
  });

  it('asks for the last payload of a vehicle of a large one', async () => {
    const { run, update, controls } = fakeRun(['A', 'B']);
    const asked = run.lastMessage('B');
    assert.deepEqual(controls, [{ do: 'tell', ids: ['B'] }]);
    const told = { vin: 'B', id: 'B', serial: 3, topic: 't', time: 1, payload: '{}' };
    update([], { told: [told] });
    assert.deepEqual(await asked, told);
  });

  it('answers that there is no payload when it ends meanwhile', async () => {
    const it = fakeRun(['A']);
    const asked = it.run.lastMessage('A');
    await it.end([]);
    assert.equal(await asked, undefined);
  });

  it('records what is acknowledged, and closes the recording at its end', async () => {
    const recording = fakeRecording();
    const it = fakeRun(['A'], { recording });
    it.update([vehicle('A')], { messages: [message('A', 1), message('A', 2)] });
    await it.end([]);
    assert.deepEqual([recording.got.map(({ serial }) => serial), recording.closed], [[1, 2], true]);
  });

  it('records from any moment to any other, with payloads in between', async () => {
    const recording = fakeRecording();
    const { run, update, controls } = fakeRun(['A']);
    update([vehicle('A')], { messages: [message('A', 1)] });
    run.record(recording);
    update([vehicle('A')], { messages: [message('A', 2)] });
    assert.equal(await run.stopRecording(), recording);
    update([vehicle('A')], { messages: [message('A', 3)] });
    assert.deepEqual(
      recording.got.map(({ serial }) => serial),
      [2],
    );
    assert.deepEqual(controls, [
      { do: 'payloads', on: true },
      { do: 'payloads', on: false },
    ]);
    assert.ok(recording.closed);
  });

  it('takes no second recording, and none when it is over', async () => {
    const [first, second] = [fakeRecording(), fakeRecording()];
    const it = fakeRun(['A']);
    assert.equal(it.run.record(first), true);
    assert.equal(it.run.record(second), false);
    assert.equal(it.run.recording, first);
    await it.end([]);
    assert.equal(fakeRun(['A'], { recording: first }).run.record(second), false);
    await it.run.stopRecording();
    assert.equal(it.run.record(second), false);
  });

  it('goes on without its recording when the disk is full, and says so once', () => {
    const recording = fakeRecording();
    const it = fakeRun(['A'], { recording });
    recording.problem = new CmsError('RECORDING_FAILED', l10n.verbatim('The disk is full.'));
    it.update([vehicle('A')], { messages: [message('A', 1)] });
    it.update([vehicle('A')], { messages: [message('A', 2)] });
    assert.equal(it.told.filter((each) => each === 'recording RECORDING_FAILED').length, 1);
    assert.equal(it.run.state, 'running');
  });

  it('takes ten thousand vehicles in an update', () => {
    const vins = Array.from({ length: 10_000 }, (_, i) => `V${i}`);
    const { run, update } = fakeRun(vins);
    update(
      vins.map((vin) => vehicle(vin)),
      { totals: totalsOf(10_000) },
    );
    assert.deepEqual([run.vehicles.size, run.state, run.simulates('V9999')], [10_000, 'running', true]);
  });
});

describe('A run that is kept in the background', () => {
  it('says so before anything else of it changes', async () => {
    const { run, told } = fakeRun(['A']);
    await run.keep(() => assert.fail('the engine asks for it'));
    assert.deepEqual([run.isKept, ...told], [true, 'kept', 'changed starting']);
  });
});

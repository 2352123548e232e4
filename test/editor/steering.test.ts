import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { isCancelled } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import type { Recording } from '../../src/device/client/recording.ts';
import type { Driving } from '../../src/editor/base/driving.ts';
import type { RowChanges } from '../../src/editor/base/rowChanges.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import type { VehicleOfStack } from '../../src/editor/base/stackRef.ts';
import type { VehicleAccess } from '../../src/editor/certificates/vehicleAccess.ts';
import { ConnectionNode } from '../../src/editor/connections/connectionNode.ts';
import type { SavedConnection } from '../../src/editor/connections/connections.ts';
import { startRecorded } from '../../src/editor/simulations/recordings.ts';
import { RunNews } from '../../src/editor/simulations/runNews.ts';
import type { SimulationRun } from '../../src/editor/simulations/run.ts';
import { registerSteering } from '../../src/editor/simulations/steering.ts';
import { RunTargets } from '../../src/editor/simulations/targets.ts';
import type { BackgroundRuns } from '../../src/editor/simulations/backgroundRuns.ts';
import { CloudRuns } from '../../src/editor/simulations/cloudRuns.ts';
import type { PastDrives } from '../../src/editor/simulations/pastDrives.ts';
import type { RunMaps } from '../../src/editor/simulations/runMaps.ts';
import type { Targets } from '../../src/editor/stacks/targets.ts';
import { registerTelemetry } from '../../src/editor/vehicles/telemetry.ts';
import { encodeCarData } from '../../src/cms/cdf/codec/encode.ts';
import { restingSample } from '../../src/telemetry/restingSample.ts';
import type { ScaleRun } from '../../src/editor/simulations/scaleRun.ts';
import { askTroubleCode } from '../../src/editor/vehicles/troubleCode.ts';
import { commandsOf } from '../support/editor/commandsOf.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { REF, simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { until } from '../support/until.ts';
import { crash, vehicle } from '../unit/editor/simulations/fakeEngine.ts';

const person = new Person();
const tasks = new Tasks(silentLog, vscode.Uri.file('/'));
const A = { ref: REF, vin: 'A' };

describe('What is done with simulations', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  function world() {
    const it = simulatedWindow();
    const drives: unknown[] = [];
    const runTargets = new RunTargets(it.simulations, () => Promise.resolve());
    const maps = { show: () => undefined } as unknown as RunMaps;
    const cloudRuns = new CloudRuns();
    const background = {} as unknown as BackgroundRuns;
    const scaled: ScaleRun[] = [];
    const scaleRuns = { active: scaled, clearEnded: () => undefined };
    const shown: ScaleRun[] = [];
    const showScaleRun = (it: ScaleRun): void => void shown.push(it);
    const resume = (): Promise<void> => Promise.resolve();
    const past = { find: () => undefined, clear: () => (drives.length = 0), drives } as unknown as PastDrives;
    const { simulations, tree } = it;
    const run = commandsOf(() =>
      registerSteering(tasks, {
        ...{ simulations, runTargets, maps, past, cloudRuns, scaleRuns, showScaleRun, background, resume },
      }),
    );
    return {
      ...it,
      drives,
      runTargets,
      scaled,
      shown,
      run,
      rowOf: (id: string) => tree.row(simulations.run(id)!),
    };
  }

  it('on a vehicle whose simulation has ended touches no other simulation', async () => {
    const { start, engine, run, simulations } = world();
    const first = start('run-1', ['A']);
    start('run-2', ['B']);
    engine('run-1').end();
    await first.finished;
    await run('simulationStop', A, undefined);
    assert.equal(await person.told('has ended or changed'), person.notices[0]?.message);
    assert.equal(engine('run-2').stops, 0);
    assert.equal(simulations.active.length, 1);
  });

  it('in the menu of one of several vehicles that are selected on the map is about all of them', async () => {
    const { start, engine, run } = world();
    start('run-1', ['A', 'B', 'C']);
    engine('run-1').update([vehicle('A'), vehicle('B'), vehicle('C')]);
    await run('simulationPause', { ...A, others: [{ ref: REF, vin: 'B' }] });
    assert.deepEqual(engine('run-1').controls, [{ do: 'pause', ids: ['A', 'B'] }]);
  });

  it('without a row is about the only simulation there is', async () => {
    const { start, engine, run } = world();
    start('run-1', ['A']);
    await run('simulationStop');
    assert.equal(engine('run-1').stops, 1);
  });

  it('stops all, of several workers, too, and pauses those that have begun', async () => {
    const { start, engine, run, scaled } = world();
    start('run-1', ['A']);
    const told: string[] = [];
    const scaledRun = (hasBegun: boolean) =>
      ({
        hasBegun,
        control: (it: { do: string }) => told.push(`${it.do} ${hasBegun}`),
      }) as unknown as ScaleRun;
    scaled.push(scaledRun(true), scaledRun(false));
    await run('simulationPauseAll');
    await run('simulationStopAll');
    assert.equal(engine('run-1').stops, 1);
    assert.deepEqual(told, ['pause true', 'stop true', 'stop false']);
  });

  it('can pause as long as one vehicle drives', () => {
    const { start, engine, simulations } = world();
    start('run-1', ['A', 'B']);
    engine('run-1').update([vehicle('A', { phase: 'paused' }), vehicle('B')]);
    assert.equal(simulations.canPause, true);
    engine('run-1').update([vehicle('B', { phase: 'paused' })]);
    assert.equal(simulations.canPause, false);
  });

  it('shows a run of several workers where nothing drives here', async () => {
    const { run, scaled, shown, start } = world();
    scaled.push({ id: 'elsewhere' } as unknown as ScaleRun);
    await run('simulationShowMap');
    assert.deepEqual(shown, scaled);
    start('run-1', ['A']);
    await run('simulationShowMap');
    assert.equal(shown.length, 1);
  });

  it('on a row that is being drawn again does nothing, and says so', async () => {
    const { start, engine, run, simulations } = world();
    const first = start('run-1', ['A']);
    start('run-2', ['B']);
    engine('run-1').end();
    await first.finished;
    for (const id of ['simulationStop', 'simulationClear']) {
      await run(id, undefined, undefined);
      await person.press('The list was just updated.');
    }
    assert.equal(simulations.runs.length, 2);
    assert.equal(engine('run-2').stops, 0);
  });

  it('clears the simulation of the row, or all that are over, whichever row has the focus', async () => {
    const { start, engine, run, rowOf, simulations } = world();
    const runs = ['run-1', 'run-2', 'run-3'].map((id) => start(id, [id]));
    start('run-4', ['A']);
    for (const { id } of runs) engine(id).end();
    await Promise.all(runs.map(({ finished }) => finished));
    await run('simulationClear', rowOf('run-2'), undefined);
    assert.deepEqual(
      simulations.runs.map(({ id }) => id),
      ['run-1', 'run-3', 'run-4'],
    );
    // The title of the view passes the row that has the focus.
    await run('simulationClearEnded', rowOf('run-4'), undefined);
    assert.deepEqual(
      simulations.runs.map(({ id }) => id),
      ['run-4'],
    );
  });

  it('asks before the results of drives are deleted, and keeps them without an answer', async () => {
    const { drives, run } = world();
    drives.push({}, {});
    const leaving = run('simulationClearEnded');
    await person.press('The results of 2 drives are deleted.');
    await leaving;
    assert.equal(drives.length, 2);
    const agreeing = run('simulationClearEnded');
    await person.press('The results of 2 drives are deleted.', 'Clear');
    await agreeing;
    assert.equal(drives.length, 0);
  });

  it('pauses and resumes only what can be paused and resumed', async () => {
    const { start, engine, run } = world();
    start('run-1', ['A']);
    start('run-2', ['B']);
    start('run-3', ['C']);
    for (const [id, vin] of [
      ['run-1', 'A'],
      ['run-2', 'B'],
      ['run-3', 'C'],
    ] as const)
      engine(id).update([vehicle(vin)]);
    engine('run-3').update([vehicle('C', { phase: 'paused' })]);
    const pausing = run('simulationPause');
    const asked = await person.question('Simulation to pause');
    assert.deepEqual(
      asked.rows.map(({ label }) => label.replace(/^\S+ /, '').slice(0, 17)),
      ['All 2 Simulations', 'B · Ring', 'A · Ring'],
    );
    asked.leave();
    await pausing;
    await run('simulationResume');
    assert.ok(!person.isAsked('Simulation to resume'));
  });

  it('stops all at once, for which there is no command of its own in the palette', async () => {
    const { start, engine, run } = world();
    start('run-1', ['A']);
    start('run-2', ['B']);
    const stopping = run('simulationStop');
    await person.pick('Simulation to stop', 'All 2 Simulations');
    await stopping;
    assert.deepEqual([engine('run-1').stops, engine('run-2').stops], [1, 1]);
  });

  it('ends the trips of vehicles, and is cancelled as everything else is', async () => {
    const { start, engine, simulations } = world();
    const only = start('run-1', ['A', 'B']);
    engine('run-1').update([vehicle('A'), vehicle('B')]);
    await assert.rejects(simulations.endTrips(REF, [{ vin: 'A' }], AbortSignal.abort()), isCancelled);
    assert.equal(engine('run-1').stops, 0);
    await simulations.endTrips(REF, [{ vin: 'A' }], new AbortController().signal);
    assert.ok(only.isOver);
  });

  it('knows which vehicle of a larger simulation is paused', () => {
    const { start, engine, simulations } = world();
    start('run-1', ['A', 'B']);
    engine('run-1').update([vehicle('A', { phase: 'paused' }), vehicle('B')]);
    const states = ['A', 'B'].map((vin) => simulations.driveOf({ ref: REF, vin }));
    assert.deepEqual(states, ['paused', 'driving']);
  });
});

describe('A recording of a simulation', () => {
  const file = vscode.Uri.file(`${process.env.CMS_STORAGE ?? '/tmp'}/recording.jsonl`);
  let closed = 0;
  const recording = {
    file: file.fsPath,
    close: () =>
      Promise.resolve().then(() => {
        closed += 1;
      }),
  } as unknown as Recording;
  const backend = () => ({ openRecording: () => Promise.resolve(recording) });
  beforeEach(() => (closed = 0));

  it('stays open while what it is of goes on', async () => {
    assert.equal(await startRecorded(backend, { file, generation: 'cdf' }, (given) => given), recording);
    assert.equal(closed, 0);
  });

  it('is closed when nothing was started, or the start failed', async () => {
    assert.equal(
      await startRecorded<Recording>(backend, { file, generation: 'cdf' }, () => undefined),
      undefined,
    );
    assert.equal(closed, 1);
    const failing = startRecorded(backend, { file, generation: 'cdf' }, (): Recording | undefined => {
      throw new Error('no device process');
    });
    await assert.rejects(failing, /no device process/);
    assert.equal(closed, 2);
  });
});

describe('The news of a simulation', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  function world() {
    const it = simulatedWindow();
    const done: string[] = [];
    const act =
      (what: string) =>
      (...vehicles: VehicleOfStack[]): Promise<void> =>
        Promise.resolve().then(() => {
          done.push(`${what} ${vehicles.map(({ vin }) => vin).join()}`);
        });
    const memory = new MemoryMemento();
    const background = new vscode.EventEmitter<SimulationRun>();
    const news = new RunNews(tasks, it.simulations, { onDidEnd: background.event }, memory, {
      provision: act('provision'),
      diagnose: act('diagnose'),
      simulateAgain: (vehicles = []) => act('again')(...vehicles),
      startSandbox: () => Promise.resolve(undefined),
      resume: () => Promise.resolve(),
      showTelemetry: () => undefined,
      exportDrive: () => Promise.resolve(),
      compareDrive: () => Promise.resolve(),
      hasEarlier: () => false,
    });
    const fail = (code: string, ...vins: string[]): void => {
      it.start('run-1', vins);
      const problem = { code, sentence: l10n.verbatim('It does not work.') };
      it.engine('run-1').update(vins.map((vin) => vehicle(vin, { phase: 'failed', problem })));
    };
    return { ...it, fail, done, news, memory, background };
  }

  it('is none for the next window when it is kept in the background', async () => {
    const { start, memory, news } = world();
    const run = start('run-1', ['A']);
    assert.deepEqual(memory.get('drivesUnderWay'), ['A · Ring']);
    await run.keep(() => assert.fail('the engine asks for it'));
    assert.equal(memory.get('drivesUnderWay'), undefined);
    news.dispose();
  });

  it('says that nothing arrived, and why, with the way to find out', async () => {
    const { start, engine, done, news } = world();
    const run = start('run-1', ['A']);
    engine('run-1').update([vehicle('A', { acknowledged: 0 })]);
    engine('run-1').end({ acknowledged: 0, lost: 3 });
    await run.finished;
    await person.press(
      'no message arrived. 3 messages were sent, and none was acknowledged.',
      'Diagnose Vehicle',
    );
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['diagnose A']);
    news.dispose();
  });

  it('says which of several vehicles has the problem, and diagnoses that one', async () => {
    const { start, engine, done, news } = world();
    const run = start('run-1', ['A', 'B']);
    const problem = { code: 'MQTT_CONNECT_REFUSED', sentence: l10n.verbatim('It does not work.') };
    engine('run-1').end({ acknowledged: 0, lost: 3 }, [
      vehicle('A', { phase: 'ended', lost: 3 }),
      vehicle('B', { phase: 'ended', problem }),
    ]);
    await run.finished;
    await person.press('no message arrived. B: It does not work.', 'Diagnose B');
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['diagnose B']);
    news.dispose();
  });

  it('diagnoses a vehicle whose messages were lost', async () => {
    const { start, engine, done, news } = world();
    const run = start('run-1', ['A', 'B']);
    engine('run-1').end({ acknowledged: 0, lost: 1 }, [
      vehicle('A', { phase: 'ended' }),
      vehicle('B', { phase: 'ended', lost: 1 }),
    ]);
    await run.finished;
    await person.press('never acknowledged', 'Diagnose B');
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['diagnose B']);
    news.dispose();
  });

  it('says a failure once, also when nothing else came of the drive', async () => {
    const { fail, start, engine, simulations, news } = world();
    fail('MQTT_CONNECT_REFUSED', 'A', 'B');
    const run = simulations.run('run-1');
    engine('run-1').end({ acknowledged: 0, failed: 1 });
    await run?.finished;
    // Its end is told, if at all, before that of the next one.
    const next = start('run-2', ['C']);
    engine('run-2').end({ acknowledged: 0 });
    await next.finished;
    await person.told('Nothing was sent before its end');
    await person.told('2 vehicles of');
    assert.equal(person.notices.length, 2);
    news.dispose();
  });

  it('says of a drive that was stopped only that, also when a message was under way', async () => {
    const { start, engine, news } = world();
    const run = start('run-1', ['A']);
    engine('run-1').stopped = { acknowledged: 0, lost: 1 };
    run.control({ do: 'stop' });
    await run.finished;
    assert.equal(await person.told('stopped before'), 'A · Ring was stopped before a message arrived.');
    assert.equal(person.notices.length, 1);
    news.dispose();
  });

  it('says of a drive that was stopped at once only that', async () => {
    const { start, engine, news } = world();
    const run = start('run-1', ['A']);
    engine('run-1').stopped = { acknowledged: 0 };
    run.control({ do: 'stop' });
    await run.finished;
    assert.equal(await person.told('stopped before'), 'A · Ring was stopped before a message arrived.');
    news.dispose();
  });

  it('of a run in the background waits until its end is certain', async () => {
    const { start, engine, news, background } = world();
    const run = start('run-1', ['A']);
    await run.keep(() => assert.fail('the engine asks for it'));
    engine('run-1').fail(crash());
    await run.finished;
    start('run-2', ['B']);
    engine('run-2').fail(crash());
    assert.match(await person.told('The device process ended'), /and with it B · Ring/);
    background.fire(run);
    await person.told('and with it A · Ring');
    news.dispose();
  });

  it('offers to replace a certificate that cannot be used: rotating needs one that works', async () => {
    const { fail, done, news } = world();
    fail('CERTIFICATE_UNUSABLE', 'A');
    await person.press('It does not work.', 'Provision Certificates');
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['provision A']);
    news.dispose();
  });

  it('simulates all of them again', async () => {
    const { fail, done, news } = world();
    fail('CLIENT_ID_IN_USE', 'A', 'B');
    await person.press('2 vehicles of', 'Simulate Again');
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['again A,B']);
    news.dispose();
  });

  it('says with which of them the rest is done', async () => {
    const { fail, done, news } = world();
    fail('MQTT_CONNECT_REFUSED', 'A', 'B');
    await person.press('2 vehicles of', 'Diagnose A');
    await until('the action', () => done.length > 0);
    assert.deepEqual(done, ['diagnose A']);
    news.dispose();
  });
});

describe('Telemetry of a vehicle', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  it('without a certificate in the workspace is an error of that name', async () => {
    const errors: string[] = [];
    const logging = new Tasks(
      { ...silentLog, error: (text) => errors.push(String(text)) },
      vscode.Uri.file('/'),
    );
    const access = {
      backend: () => ({
        encodeCarData,
        restingSample,
        requestDefaults: () => ({ latitude: '48', longitude: '11' }),
      }),
      forActing: () =>
        Promise.resolve({
          deployment: {},
          certificates: { production: () => Promise.resolve({ kind: 'none' }) },
        }),
      resolve: ({ vin }: { vin: string }) => Promise.resolve({ vin, id: vin, thingName: vin }),
    } as unknown as VehicleAccess;
    const targets = { vehicle: () => Promise.resolve(A) } as unknown as Targets;
    const driving = { driveOf: () => undefined } as unknown as Driving;
    const rows = { refresh: () => undefined } as unknown as RowChanges;
    const run = commandsOf(() => registerTelemetry(logging, targets, { access, driving, rows }));
    await run('sendFirstTelemetry');
    await person.told('There is no production certificate of A');
    assert.match(errors.join(), /^CERTIFICATE_MISSING/);
  });
});

describe('The row of a connection without a profile', () => {
  it('is spoken as it is shown', () => {
    const saved = { id: 'default', profile: undefined, region: 'us-west-2' } as unknown as SavedConnection;
    const item = new ConnectionNode(saved, () => Promise.resolve([]), {
      of: () => ({ kind: 'unknown' }),
      look: () => Promise.resolve(),
    }).item();
    assert.equal(item.label, 'Default credentials');
    assert.equal(item.accessibilityInformation?.label, 'Connection Default credentials, region us-west-2');
  });
});

describe('A trouble code', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  it('that is none is said to be, and Enter waits for another', async () => {
    const answer = askTroubleCode('A');
    const asked = await person.question('Pick a trouble code');
    await asked.type('p99');
    assert.match(asked.rows.at(-1)?.label ?? '', /P99 is not an OBD-II trouble code/);
    asked.choose(asked.rows.slice(-1));
    assert.ok(person.isAsked('Pick a trouble code'));
    await asked.type('p0301');
    asked.choose(asked.rows.slice(-1));
    assert.equal(await answer, 'P0301');
  });
});

// Runs inside the extension host.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { cancelled, CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import { createBackendLoader } from '../../src/editor/base/loadBackend.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { AskedVehicles } from '../../src/editor/simulations/askedVehicles.ts';
import { simulateWords } from '../../src/editor/simulations/driveCommand.ts';
import type { DriveAnswers } from '../../src/editor/simulations/driveSettings.ts';
import { review } from '../../src/editor/simulations/driveReview.ts';
import { enginesFor, misfits, settleWorkers } from '../../src/editor/simulations/scaleFields.ts';
import type { StackRef } from '../../src/editor/base/stackRef.ts';
import { ScaleMaps } from '../../src/editor/simulations/scaleMaps.ts';
import { tellScaleRun } from '../../src/editor/simulations/scaleNews.ts';
import { ScaleRunRow } from '../../src/editor/simulations/scaleRunRow.ts';
import type { ScaleEvents, Steering } from '../../src/editor/simulations/scaleRun.ts';
import { type KeptScaleRun, ScaleRecords } from '../../src/editor/simulations/scaleRecords.ts';
import { ScaleRuns } from '../../src/editor/simulations/scaleRuns.ts';
import { SimulationsTree } from '../../src/editor/simulations/simulationsTree.ts';
import { engineOfEarlier, type ScaleSources, startScaled } from '../../src/editor/simulations/startScale.ts';
import { NO_COUNTS, type RunControl, type ShardStatus } from '../../src/scale/channelMessages.ts';
import type { MergedResult } from '../../src/scale/merge.ts';
import { viewOf } from '../../src/scale/runView.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { REF, simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { type ScaleWorld, scaleWorld } from '../support/scale.ts';
import { until } from '../support/until.ts';

const root = path.resolve(__dirname, '../..');
const backend = createBackendLoader(path.join(root, 'dist'));
const tasks = new Tasks(silentLog, vscode.Uri.file(root));
const person = new Person();

const KEPT: KeptScaleRun = {
  ...{ id: 'run-1', title: '5000 vehicles · Ring', ref: REF, shards: 2, vehicles: 5000, on: 'batch' },
  ...{ store: 's3://runs/a', startedAt: 1 },
};
/** Where windows of one workspace remember their runs. */
let storage = '';
/** Of this test: what they still write is waited for at its end. */
let made: ScaleRecords[] = [];
const records = (workspace = 'file:///fleet', memory = new MemoryMemento()): ScaleRecords => {
  const some = new ScaleRecords({ globalStorage: storage, workspace, memory, log: silentLog });
  made.push(some);
  return some;
};
beforeEach(async () => {
  made = [];
  storage = await mkdtemp(path.join(os.tmpdir(), 'cms-scale-'));
});
afterEach(async () => {
  await Promise.all(made.map((each) => each.settled()));
  await rm(storage, { recursive: true, force: true });
});
const RING = [{ latitude: 48, longitude: 11 }, { latitude: 48.1, longitude: 11 }]; // prettier-ignore
const control = { clock: { factor: 1 }, speed: 1 } as unknown as RunControl;

/** Follows a run as the test says. */
function engine() {
  const told: { events?: ScaleEvents; stops: number; leaves: number; steered: string[] } = {
    ...{ stops: 0, leaves: 0, steered: [] },
  };
  const steered = (word: string) => () => Promise.resolve(void told.steered.push(word));
  const steering = {
    control,
    ...{ pause: steered('pause'), resume: steered('resume') },
    setSpeed: (factor: number) => steered(`×${factor}`)(),
    reportTrouble: (code: string) => steered(code)(),
  } as Steering;
  let settle: { end: (result: MergedResult) => void; fail: (error: unknown) => void };
  return {
    told,
    begin: () => told.events?.opened(steering, [{ name: 'Ring', points: RING }]),
    end: (more: object = {}) =>
      settle.end({
        totals: { acknowledged: 9, lost: 0, failed: 0 },
        gaps: [],
        missing: [],
        ...more,
      } as never),
    fail: (error: unknown) => settle.fail(error),
    start: (events: ScaleEvents, stop: AbortSignal, signal: AbortSignal): Promise<MergedResult> => {
      told.events = events;
      stop.addEventListener('abort', () => told.stops++);
      return new Promise((resolve, reject) => {
        settle = { end: resolve, fail: reject };
        signal.addEventListener('abort', () => {
          told.leaves++;
          reject(new CmsError('CANCELLED', l10n.verbatim('Left.')));
        });
      });
    },
  };
}

const place = { latitude: 48.05, longitude: 11, heading: 0, speed: 10, odometer: 1, fuel: 1 };
const status = (): ShardStatus => ({
  ...{ attempt: 1, time: 0, phase: 'driving', problems: [], keyless: 0 },
  counts: { ...NO_COUNTS, vehicles: 2500, online: 2500, acknowledged: 7, messagesPerSecond: 2500 },
  durations: { lag: { buckets: [], max: 0 }, ack: { buckets: [], max: 0 } },
  sample: [{ vin: 'A', id: 'a', serial: 3, time: 1000, place }],
});
/** The first shard drives, the second one has said nothing. */
const halfway = () =>
  viewOf(
    [1, 2].map((number) => ({
      ...{ number, status: number === 1 ? status() : undefined, goneAt: undefined, done: false, skewMs: 0 },
    })),
    [],
  );

function treeOf(runs: ScaleRuns): SimulationsTree {
  return new SimulationsTree(simulatedWindow().simulations, { drives: [] }, { runs: [] }, runs);
}

describe('A run of several workers in the window', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  it('is one row with its shards below, and says how far they are', async () => {
    const runs = new ScaleRuns(records());
    const { told, start, begin } = engine();
    await runs.start(KEPT, start, []);
    begin();
    told.events?.view(halfway());
    const tree = treeOf(runs);
    const [row] = tree.getChildren();
    assert.ok(row instanceof ScaleRunRow);
    assert.equal(
      row.item().description,
      'running · 1 of 2 shards are driving, 2500/2500 online, 2500 msg/s, lost 0',
    );
    assert.equal(row.item().contextValue, 'scaleRun active steers canPause');
    assert.deepEqual(
      tree.getChildren(row).map((shard) => shard.item().description),
      ['driving · 2500/2500 online · 7 acknowledged · lost 0', 'waiting'],
    );
    assert.equal(tree.getParent(row.shards[1]!), row);
  });

  it('uses its connection until it is over or, once lost, cleared, and before it is followed again', async () => {
    const runs = new ScaleRuns(records());
    const { start, begin, fail } = engine();
    const run = await runs.start(KEPT, start, []);
    begin();
    assert.equal(await runs.isUsing(REF.connectionId), true);
    assert.equal(await runs.isUsing('another'), false);
    assert.equal(await new ScaleRuns(records()).isUsing(REF.connectionId), true);
    fail(new Error('The network is down.'));
    await run.finished;
    assert.equal(await runs.isUsing(REF.connectionId), true);
    runs.clearEnded(run);
    assert.equal(await runs.isUsing(REF.connectionId), false);
  });

  it('is paused, driven faster, and stopped', async () => {
    const runs = new ScaleRuns(records());
    const { told, start, begin } = engine();
    const run = await runs.start(KEPT, start, []);
    assert.equal(runs.canPause, false);
    begin();
    assert.equal(runs.canPause, true);
    run.control({ do: 'pause' });
    run.control({ do: 'speed', factor: 5 });
    run.control({ do: 'dtc', code: 'P0217' });
    run.control({ do: 'resume' });
    assert.deepEqual(told.steered, ['pause', '×5', 'P0217', 'resume']);
    run.control({ do: 'stop' });
    assert.deepEqual([told.stops, run.isStopping, runs.canPause], [1, true, false]);
  });

  it('is left alone when the window closes, and found by the next one until it is over', async () => {
    const first = engine();
    const before = new ScaleRuns(records());
    await before.start(KEPT, first.start, []);
    await before.close();
    assert.deepEqual([first.told.stops, first.told.leaves], [0, 1]);
    const second = engine();
    const after = new ScaleRuns(records());
    await after.restore(() => second.start);
    assert.deepEqual(after.runs.map(({ id }) => id), ['run-1']); // prettier-ignore
    second.end();
    await after.runs[0]!.finished;
    await after.close();
    assert.deepEqual(await records().all(), []);
  });

  it('is left only after its stop was said, when the window closes right after it', async () => {
    const runs = new ScaleRuns(records());
    const { told, start, begin } = engine();
    const run = await runs.start(KEPT, start, []);
    begin();
    run.control({ do: 'stop' });
    const closed = runs.close();
    assert.equal(run.isLeft, false);
    Object.assign(control, { stopAt: 5 });
    told.events?.view(halfway());
    await closed;
    delete control.stopAt;
    assert.deepEqual([run.isLeft, told.stops, told.leaves], [true, 1, 1]);
  });

  it('that could not be followed may still drive: it says so, and is followed again by Resume', async () => {
    const { start, begin, fail, told } = engine();
    const follows = (): boolean => told.events !== undefined;
    const runs = new ScaleRuns(records());
    const run = await runs.start(KEPT, start, []);
    begin();
    fail(new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Nobody answers.')));
    await run.finished;
    const item = new ScaleRunRow(run).item();
    assert.match(String(item.description), /^not followed/);
    assert.equal(item.contextValue, 'scaleRun over canResume');
    await runs.close();
    assert.equal((await records().all()).length, 1);
    delete told.events;
    run.control({ do: 'resume' });
    assert.ok(follows() && !run.isOver);
    runs.dispose();
  });

  it('is not forgotten when a one-time code was not given, nor by Clear Ended, and is followed again', async () => {
    const first = engine();
    const before = new ScaleRuns(records());
    await before.start(KEPT, first.start, []);
    await before.close();
    const { start, fail, told } = engine();
    const runs = new ScaleRuns(records());
    await runs.restore(() => start);
    fail(cancelled());
    const [run] = runs.runs;
    assert.ok(run !== undefined);
    await run.finished;
    runs.clearEnded();
    await runs.close();
    assert.deepEqual([runs.runs.length, (await records().all()).length], [1, 1]);
    delete told.events;
    void tellScaleRun(tasks, run);
    await person.press('5000 vehicles · Ring is not followed, and may still drive.', 'Try Again');
    await until('it is followed again', () => told.events !== undefined);
    fail(cancelled());
    await run.finished;
    runs.clearEnded(run);
    await runs.close();
    assert.deepEqual([runs.runs.length, (await records().all()).length], [0, 0]);
  });

  it('is remembered beside that of another window of the same workspace, and by no other workspace', async () => {
    const [one, other] = [new ScaleRuns(records()), new ScaleRuns(records())];
    await one.start(KEPT, engine().start, []);
    await other.start({ ...KEPT, id: 'run-2', startedAt: 2 }, engine().start, []);
    await Promise.all([one.close(), other.close()]);
    assert.deepEqual((await records().all()).map(({ id }) => id), ['run-1', 'run-2']); // prettier-ignore
    assert.deepEqual(await records('file:///another').all(), []);
  });

  it('is remembered again when another window looked before its job was there', async () => {
    const { start, begin } = engine();
    const runs = new ScaleRuns(records());
    await runs.start(KEPT, start, []);
    await records().forget('run-1');
    begin();
    await runs.close();
    assert.equal((await records().all()).length, 1);
  });

  it('is not forgotten with the dead row of a window that looked before its job was there', async () => {
    const { start, begin } = engine();
    const runs = new ScaleRuns(records());
    await runs.start(KEPT, start, []);
    const early = engine();
    const other = new ScaleRuns(records());
    await other.restore(() => early.start);
    early.fail(new CmsError('REQUEST_INVALID', l10n.verbatim('There is no such run.')));
    const [dead] = other.runs;
    assert.ok(dead !== undefined);
    await dead.finished;
    await other.close();
    assert.deepEqual(await records().all(), []);
    begin();
    other.clearEnded(dead);
    await Promise.all([runs.close(), other.close()]);
    assert.deepEqual([other.runs, await records().all()], [[], [KEPT]]);
  });

  it('is not started when the next window would not find it', async () => {
    await writeFile(path.join(storage, 'scaleRuns'), 'where a folder should be');
    const { start, told } = engine();
    const runs = new ScaleRuns(records());
    await assert.rejects(runs.start(KEPT, start, []), { code: 'PATH_UNSAFE' });
    assert.deepEqual([told.events, runs.runs], [undefined, []]);
  });

  it('that ends while its window closes is forgotten before the window is gone', async () => {
    const { start, begin, end } = engine();
    const runs = new ScaleRuns(records());
    const run = await runs.start(KEPT, start, []);
    begin();
    run.control({ do: 'stop' });
    const closed = runs.close();
    end();
    await closed;
    assert.deepEqual(await readdir(path.join(storage, 'scaleRuns')), []);
  });

  it('stays where an older version remembered it until it can be written', async () => {
    const memory = new MemoryMemento();
    await memory.update('scaleRuns', [KEPT]);
    const folder = path.join(storage, 'scaleRuns');
    await writeFile(folder, 'where a folder should be');
    assert.deepEqual(await records(undefined, memory).all(), []);
    assert.deepEqual(memory.keys(), ['scaleRuns']);
    await rm(folder);
    assert.deepEqual(await records(undefined, memory).all(), [KEPT]);
    assert.deepEqual(memory.keys(), []);
  });

  it('is found where an older version remembered it', async () => {
    const memory = new MemoryMemento();
    await memory.update('scaleRuns', [KEPT]);
    assert.deepEqual(await records(undefined, memory).all(), [KEPT]);
    assert.deepEqual([memory.keys(), await records().all()], [[], [KEPT]]);
  });

  it('that could not be submitted is forgotten, and says that it did not start', async () => {
    const { start, fail } = engine();
    const runs = new ScaleRuns(records());
    const run = await runs.start(KEPT, start, []);
    fail(new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Nobody answers.')));
    await run.finished;
    assert.match(String(new ScaleRunRow(run).item().description), /^not started/);
    await runs.close();
    assert.deepEqual(await records().all(), []);
  });

  it('tells what it came to, and what an attempt took with it', async () => {
    const runs = new ScaleRuns(records());
    const { start, end } = engine();
    const run = await runs.start(KEPT, start, []);
    end({ gaps: [{ shard: 2, attempt: 1, seconds: 60, vehicles: 2500, closed: true }] });
    await run.finished;
    void tellScaleRun(tasks, run);
    assert.equal(
      await person.told('ended.'),
      '5000 vehicles · Ring: ended. 9 messages acknowledged, 0 lost. Shard 2: attempt 1 ended early, a gap of 60 s for 2500 vehicles.',
    );
    assert.match(String(new ScaleRunRow(run).item().description), /^ended with problems/);
  });

  it('has a map of a sample, which says so and steers the run as a whole', async () => {
    const runs = new ScaleRuns(records());
    const { told, start, begin } = engine();
    const run = await runs.start(KEPT, start, []);
    begin();
    const maps = new ScaleMaps(runs, { show: () => undefined });
    const source = maps.sourceOf(run);
    told.events?.view(halfway());
    assert.equal(maps.sourceOf(run), source, 'shown again, it is the same');
    const { vehicles, run: shown } = source.snapshot();
    assert.deepEqual(vehicles.map(({ id, phase, place: at }) => [id, phase, at?.latitude]), [['a', 'driving', 48.05]]); // prettier-ignore
    assert.equal(shown?.note, 'Sample: 1 of 2500 vehicles are shown. running');
    assert.deepEqual(source.scene.routes.map(({ name }) => name), ['Ring']); // prettier-ignore
    source.steer?.({ do: 'pause' });
    source.steer?.({ do: 'pause', ids: ['a'] });
    await person.told('steered as a whole');
    assert.deepEqual(told.steered, ['pause']);
    maps.dispose();
  });
});

describe('A drive of more vehicles than this computer holds', () => {
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  /** The review of a fleet on a machine that holds 400. */
  function asked(vehicles: number, ref: StackRef = { connectionId: 'a@eu', stack: 'cms' }) {
    const answers: DriveAnswers = {
      vehicles: Array.from({ length: vehicles }, (_, i) => `V${i}`).join('\n'),
    };
    const routes = [{ name: 'Ring', points: RING }];
    const choice = { file: { uri: vscode.Uri.file('/ring.csv'), routes, notes: [] } } as never;
    const about = { answers, choice, asked: new AskedVehicles(answers) };
    const step = review(backend, about, 'Simulate', {
      engines: enginesFor(ref),
      holds: () => Promise.resolve(400),
    });
    assert.ok(step.kind === 'pick');
    return { answers, about, step };
  }

  it('is offered to workers, says how many it holds, and needs no other answer with the bucket of the setup', async () => {
    const { about, step } = asked(1000);
    const [, note] = await step.items();
    assert.equal(
      note?.label,
      '$(info) This computer can drive about 400 of the 1000 vehicles at this rate, as just measured.',
    );
    const went = step.onPicked?.('go');
    await person.pick('can drive about 400 of the 1000 vehicles', 'AWS Batch');
    await person.answer('How many workers', '4');
    await person.answer('s3://bucket/prefix; empty for the bucket');
    await person.answer('identities push');
    assert.equal(await went, false, 'what will happen is shown before the start');
    const fields = (await step.items()).map(({ label, description }) => [label, description]);
    assert.deepEqual(fields.find(([label]) => label === 'Shards'), ['Shards', '4 workers']); // prettier-ignore
    assert.ok(fields.every(([label]) => label !== 'Record to a file'));
    assert.equal(await step.onPicked?.('go'), true);
    const words = simulateWords(about);
    assert.deepEqual(words.slice(words.indexOf('--shards')), ['--shards', '4', '--on', 'batch']);
  });

  it('is not offered to Slurm on the sandbox, which nodes do not reach', async () => {
    const offered = async (ref?: StackRef): Promise<string[]> => {
      const { step } = asked(1000, ref);
      await step.items();
      const went = step.onPicked?.('go');
      const labels = (await person.question('can drive about 400')).rows.map(({ label }) => label);
      await person.pick('can drive about 400', 'this computer');
      await went;
      return labels;
    };
    assert.deepEqual(await offered(REF), ['this computer', 'AWS Batch']);
    assert.deepEqual(await offered(), ['this computer', 'AWS Batch', 'Slurm']);
  });

  it('can be started here all the same', async () => {
    const { about, step } = asked(1000);
    await step.items();
    const went = step.onPicked?.('go');
    await person.pick('can drive about 400', 'this computer');
    assert.equal(await went, true);
    assert.ok(!simulateWords(about).includes('--shards'));
  });

  it('is asked for what does not fit: places of another engine, and more workers than vehicles', async () => {
    const { answers, step } = asked(1000);
    Object.assign(answers, { on: 'batch', shards: '2000', store: '/shared/runs' });
    await step.items();
    const went = step.onPicked?.('go');
    await person.answer('How many workers', '4');
    await person.answer('s3://bucket/prefix; empty for the bucket', 's3://runs');
    assert.equal(await went, true);
    assert.deepEqual(misfits(answers, 1000), []);
    assert.deepEqual(misfits({ ...answers, on: 'slurm', store: '' }, 1000), ['store']);
  });

  it('is driven by workers again that reach its stack, but a fleet that fits is driven here', async () => {
    const again = async (vehicles: number, on?: string) => {
      const answers: DriveAnswers = { ...(on === undefined ? {} : { on }), shards: '4' };
      const holds = () => Promise.resolve(400);
      return [await settleWorkers(answers, vehicles, { engines: ['batch'], holds }), answers.on];
    };
    assert.deepEqual(await again(1000, 'batch'), [true, 'batch']);
    assert.deepEqual(await again(400, 'batch'), [true, undefined]);
    assert.deepEqual(await again(3, 'slurm'), [true, undefined]);
    assert.deepEqual((await again(1000, 'slurm'))[0], false, 'nodes that do not reach the stack');
    assert.deepEqual((await again(1000))[0], false, 'nobody said who');
    assert.deepEqual(await again(1000, 'here'), [true, 'here']);
  });

  it('is not measured for a few, and not offered to a fleet that fits', async () => {
    const { step } = asked(350);
    assert.ok((await step.items()).every(({ label }) => label !== 'Drive on'));
    assert.equal(await step.onPicked?.('go'), true);
  });
});

describe('A drive on Slurm', () => {
  it('is not started for the sandbox, which nodes do not reach, and in Restricted Mode not at all', async () => {
    const untrusted = new CmsError('WORKSPACE_UNTRUSTED', l10n.verbatim('Trust it.'));
    const started = (isTrusted: boolean) => {
      const requireTrust = (): void => {
        if (!isTrusted) throw untrusted;
      };
      const sources = { access: { certificates: { requireTrust } } } as unknown as ScaleSources;
      const plan = { ref: REF, scale: { on: 'slurm', shards: 2 } } as Parameters<typeof startScaled>[2];
      return startScaled(tasks, sources, plan, { vehicles: [], title: '' });
    };
    await assert.rejects(started(true), { code: 'REQUEST_INVALID' });
    await assert.rejects(started(false), untrusted);
  });
});

describe('A drive on AWS Batch', function () {
  this.timeout(180_000);
  let world: ScaleWorld;
  before(async () => {
    world = await scaleWorld(4, ['--run-jobs']);
    for (const words of [
      ['scale', 'setup', '--yes'],
      ['identities', 'push', '--yes'],
    ]) {
      const done = world.start([...words, ...world.to]);
      assert.equal(await done.ended, 0, done.output());
    }
  });
  after(() => world.close());
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  it('is started after a yes, steered, left by its window, and stopped by the next one', async () => {
    const sourcesOf = (scaleRuns: ScaleRuns): ScaleSources => ({
      access: {
        backend,
        connections: { open: () => Promise.resolve(world.connection), list: () => [] },
        sessions: { open: () => Promise.resolve({ generation: 'cdf' }) },
        certificates: { forReading: () => ({ folder: '/no-folder' }), requireTrust: () => undefined },
        placeWords: () => Promise.resolve('Account 123456789012, us-west-2, cms-dev1'),
      } as unknown as ScaleSources['access'],
      ...{ scaleRuns, cli: path.join(root, 'dist/cli.js') },
    });
    const first = new ScaleRuns(records());
    const vehicles = world.vins.map((vin) => ({ vin, id: vin, thingName: vin }));
    const started = startScaled(
      tasks,
      sourcesOf(first),
      {
        ...{ ref: REF, vehicles, routes: [{ name: 'Ring', points: RING }], seed: 1, spread: true },
        drive: { rate: 1, speed: 1, pace: 'drive', end: 'loop', events: [], eventRates: {}, jobs: false },
        ...{ record: false, scale: { on: 'batch', shards: 2 } },
      },
      { vehicles, title: '4 vehicles · Ring' },
    );
    const question = await person.notice('Start 2 workers on AWS Batch?');
    assert.equal(question.modal, true);
    assert.match(question.detail, /^Account 123456789012, [^]*Fargate takes about/);
    assert.match(question.detail, /Keep this window open until the vehicles drive/);
    await person.press('Start 2 workers', 'Start');
    const run = await started;
    assert.ok(run !== undefined);
    const online = (of: typeof run, count: number) =>
      until(`${count} online`, () => of.view?.totals.online === count || of.problem !== undefined, {
        ...{ withinMs: 90_000, seen: () => [of.view?.totals, of.problem] },
      });
    await online(run, 4);
    run.control({ do: 'pause' });
    await until('the pause', () => run.isPaused);
    await first.close();
    assert.equal(run.isLeft, true);

    const second = new ScaleRuns(records());
    await second.restore((kept) => engineOfEarlier(tasks, sourcesOf(second), kept));
    const [found] = second.runs;
    assert.ok(found !== undefined);
    await online(found, 4);
    assert.equal(found.isPaused, true, 'as it was left');
    found.control({ do: 'resume' });
    await until('the resumption', () => !found.isPaused);
    found.control({ do: 'stop' });
    await found.finished;
    assert.equal(found.problem, undefined);
    assert.deepEqual([found.result?.totals.ended, found.result?.totals.lost], [4, 0]);
    assert.deepEqual([found.result?.gaps, found.result?.missing], [[], []]);
    await second.close();
    assert.deepEqual(await records().all(), []);
  });
});

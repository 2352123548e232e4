// Runs inside the extension host.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  attachBackgroundRun,
  backgroundFiles,
  backgroundRecords,
  backgroundResult,
  forgetBackgroundRun,
} from '../../src/device/client/backgroundRuns.ts';
import { keptDriveText, readKeptDrive } from '../../src/device/client/keptDrive.ts';
import { BackgroundRuns } from '../../src/editor/simulations/backgroundRuns.ts';
import { PastDrives } from '../../src/editor/simulations/pastDrives.ts';
import type { SimulationRun } from '../../src/editor/simulations/run.ts';
import { SimulationsTree } from '../../src/editor/simulations/simulationsTree.ts';
import { l10n } from '../../src/core/message.ts';
import { systemTimers, type Timers } from '../../src/core/timers.ts';
import { startRunServer } from '../../src/device/process/background/runServer.ts';
import { runFactsText, type RunResult, type RunSoFar } from '../../src/protocol/backgroundRun.ts';
import { backgroundFolder } from '../support/editor/backgroundRuns.ts';
import { VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { REF, simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { until } from '../support/until.ts';
import { crash, totalsOf, vehicle } from '../unit/editor/simulations/fakeEngine.ts';

const backend = () => ({
  ...{ attachBackgroundRun, backgroundFiles, backgroundRecords, backgroundResult, forgetBackgroundRun },
  ...{ runFactsText, keptDriveText, readKeptDrive },
});

/** Time passes when the test says so. */
class ManualTimers implements Timers {
  #waiting: (() => void)[] = [];
  now(): number {
    return 0;
  }
  after(_ms: number, run: () => void): () => void {
    this.#waiting.push(run);
    return () => (this.#waiting = this.#waiting.filter((each) => each !== run));
  }
  pass(): void {
    for (const run of this.#waiting.splice(0)) run();
  }
}

/** Another window of the same user, on another workspace unless it is said. */
function anotherWindow(globalStorage: string, workspace: string, timers = systemTimers) {
  const { simulations, start, engine } = simulatedWindow();
  const storage = vscode.Uri.file(workspace);
  const past = new PastDrives({ memory: new MemoryMemento(), storage, backend, log: silentLog });
  const background = new BackgroundRuns({
    ...{ simulations, past, globalStorage, workspace, backend, timers, log: silentLog },
  });
  return { simulations, start, engine, past, background, tree: new SimulationsTree(simulations, past) };
}

describe('A simulation that is kept in the background', function () {
  const world = useWorld(this, 'fleet');
  const MUNICH = `Simulation ${VIN} · Munich, around the old town`;

  /** Drives, and keeps it. */
  async function kept(): Promise<void> {
    const { person } = world;
    void world.run('simulateDrive', await world.row(`Vehicle ${VIN}`));
    await person.pick('Route to drive', 'Munich');
    await person.pick('Enter to start', 'Start');
    await world.run('simulationKeep', await world.simulation(`${MUNICH}, running`));
    await person.told('keeps running when this window closes');
  }

  it('says so in its row, and is recorded without a key until it ends', async () => {
    await kept();
    await world.simulation(`${MUNICH}, running, in the background`);
    const folder = backgroundFolder(world.sandbox.storage);
    const [name = ''] = await readdir(folder);
    assert.doesNotMatch(await readFile(path.join(folder, name), 'utf8'), /PRIVATE KEY|CERTIFICATE/);
    await world.run('simulationStop', await world.simulation(MUNICH));
    await world.simulation(`${MUNICH}, ended`);
    await until('an empty folder', async () => (await readdir(folder)).length === 0, { everyMs: 50 });
  });

  it('is found by another window that is open, which pauses and stops it, and leaves the result to its own', async () => {
    await kept();
    const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'cms-window-'));
    const other = anotherWindow(world.sandbox.storage, elsewhere);
    try {
      await other.background.find();
      const run = await until('the run', () => other.simulations.runs[0]);
      await until('its vehicle', () => run.simulates(VIN) && run.totals !== undefined);
      assert.match(String(other.tree.row(run).item().description), /in the background/);
      run.control({ do: 'pause' });
      await world.simulation(`${MUNICH}, paused, in the background`);
      await until('the pause', () => run.state === 'paused');
      run.control({ do: 'stop' });
      await run.finished;
      await world.simulation(`${MUNICH}, ended`);
      assert.deepEqual(other.past.drives, []);
      assert.ok((run.figures?.acknowledged ?? 0) > 0);
    } finally {
      other.background.dispose();
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});

/** Nothing of the window writes any more. */
async function over(runs: readonly SimulationRun[], past: PastDrives): Promise<void> {
  await Promise.all(runs.map((run) => run.finished));
  await past.settled();
}

/** What a drive came to. */
function resultOf(more: Partial<RunResult> = {}): RunResult {
  return {
    version: 1,
    endedAt: 9000,
    totals: totalsOf(1, { acknowledged: 2 }),
    vehicles: [vehicle('A', { phase: 'ended', metres: 1500 })],
    meter: { gauges: [], codes: ['P0217'], samples: 2, speeds: 30, top: 20, fuel: 1, charge: 0, omitted: 0 },
    history: [{ id: 'A', vin: 'A', times: [1, 2], columns: { speed: [10, 20] }, codes: [] }],
    ...more,
  };
}

describe('A window that opens', () => {
  const person = new Person();
  let storage: string;
  beforeEach(async () => {
    person.arrive();
    storage = await mkdtemp(path.join(os.tmpdir(), 'cms-window-'));
  });
  afterEach(async () => {
    person.leave();
    await rm(storage, { recursive: true, force: true });
  });

  /** A record of a run whose process is gone, unless it listens there. */
  async function recorded(
    where = { socket: path.join(storage, 'none.sock'), token: 't'.repeat(43) },
  ): Promise<{ resultFile: string; folder: string }> {
    const { start } = simulatedWindow();
    const { request, title } = start('run-1', ['A']);
    const folder = backgroundFolder(storage);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { file, resultFile } = backgroundFiles(folder, 'run-1');
    const facts: unknown = JSON.parse(
      runFactsText({ title, ref: REF, startedAt: 1000, workspace: storage, request }),
    );
    const record = { version: 1, ...where, facts };
    await writeFile(file, JSON.stringify(record), { mode: 0o600 });
    return { resultFile, folder };
  }

  it('takes over what a simulation came to while no window was there, and says so', async () => {
    const { resultFile, folder } = await recorded();
    await writeFile(resultFile, JSON.stringify(resultOf()), { mode: 0o600 });
    const { background, past } = anotherWindow(storage, storage);
    await background.find();
    background.dispose();
    assert.match(await person.told('has ended in the background'), /top speed 72 km/);
    const [drive] = past.drives;
    assert.deepEqual([drive?.id, drive?.figures.topSpeed, drive?.endedAt], ['run-1', 20, 9000]);
    assert.deepEqual((await past.read(drive!)).history[0]?.columns.speed, [10, 20]);
    assert.deepEqual(await readdir(folder), []);
  });

  it('says that a simulation whose process is gone left no result, once', async () => {
    const { folder } = await recorded();
    const { background } = anotherWindow(storage, storage);
    await background.find();
    await person.told('left no result');
    background.dispose();
    assert.deepEqual(await readdir(folder), []);
  });

  it('uses no record that others could have written', async () => {
    const { folder } = await recorded();
    const { file } = backgroundFiles(folder, 'run-1');
    await chmod(file, 0o644);
    const { background, simulations } = anotherWindow(storage, storage);
    await background.find();
    background.dispose();
    assert.deepEqual(simulations.runs, []);
    assert.equal((await readdir(folder)).length, 1);
  });

  it('says why a simulation failed while no window was there', async () => {
    const { resultFile } = await recorded();
    const problem = { code: 'ENDPOINT_UNREACHABLE', sentence: l10n.verbatim('The network is down.') };
    await writeFile(resultFile, JSON.stringify(resultOf({ problem })), { mode: 0o600 });
    const { background } = anotherWindow(storage, storage);
    await background.find();
    background.dispose();
    assert.match(await person.told('failed in the background'), /The network is down\./);
  });

  it('keeps a result that it cannot save, says so once, and saves it when it can', async () => {
    const { resultFile, folder } = await recorded();
    await writeFile(resultFile, JSON.stringify(resultOf()), { mode: 0o600 });
    const drives = path.join(storage, 'drives');
    await writeFile(drives, 'where a folder should be');
    const clock = new ManualTimers();
    const { background, past } = anotherWindow(storage, storage, clock);
    await background.find();
    await person.told('could not be saved');
    assert.equal((await readdir(folder)).length, 2);
    clock.pass();
    await background.find();
    assert.equal((await readdir(folder)).length, 2);
    await rm(drives);
    clock.pass();
    await until('an empty folder', async () => (await readdir(folder)).length === 0, { everyMs: 20 });
    await person.told('has ended in the background');
    background.dispose();
    assert.deepEqual((await past.read(past.drives[0]!)).history[0]?.columns.speed, [10, 20]);
  });

  it('attaches again when the connection is lost, with all that was sent meanwhile', async () => {
    const none = { buckets: [], max: 0 };
    let totals = totalsOf(1, { acknowledged: 3 });
    const soFar = (): RunSoFar => ({ ...resultOf(), totals, vehicles: [vehicle('A')], speed: 1 });
    const server = await startRunServer({ soFar, told: () => undefined, left: () => undefined });
    // In between, so that the connection can be cut.
    const between: Socket[] = [];
    const relay = createServer((socket) => {
      const on = connect(server.socket);
      for (const each of [socket, on]) each.on('error', () => undefined);
      socket.pipe(on).pipe(socket);
      between.push(socket, on);
    });
    const socket = path.join(storage, 'between.sock');
    relay.listen(socket);
    await once(relay, 'listening');
    const { folder } = await recorded({ socket, token: server.token });
    const { background, simulations, past } = anotherWindow(storage, storage);
    const ends: string[] = [];
    background.onDidEnd(({ state }) => ends.push(state));
    let writes = 0;
    past.onDidChange(() => writes++);
    try {
      await background.find();
      await until('the run', () => simulations.runs[0]?.totals?.acknowledged === 3);
      totals = totalsOf(1, { acknowledged: 8 });
      for (const each of between.splice(0)) each.destroy();
      await until('the run again', () => simulations.active[0]?.totals?.acknowledged === 8);
      assert.equal(simulations.runs.length, 1);
      assert.equal((await readdir(folder)).length, 1);
      assert.deepEqual([ends, past.drives], [[], []], 'a lost connection is no end');
      // Its end is heard there, too.
      await writeFile(backgroundFiles(folder, 'run-1').resultFile, JSON.stringify(resultOf({ totals })), {
        mode: 0o600,
      });
      await server.tell({
        kind: 'done',
        result: { totals, vehicles: [vehicle('A', { phase: 'ended' })], durations: { lag: none, ack: none } },
      });
      await until('an empty folder', async () => (await readdir(folder)).length === 0, { everyMs: 20 });
      assert.deepEqual(
        past.drives.map(({ figures }) => figures.acknowledged),
        [8],
      );
      assert.deepEqual([ends, writes], [['ended'], 1], 'told once, and written once');
    } finally {
      background.dispose();
      for (const each of between) each.destroy();
      relay.close();
      await server.close();
      await over(simulations.runs, past);
    }
  });

  it('says that the process of a run that it watched is gone, and keeps what it saw', async () => {
    const soFar = (): RunSoFar => ({ ...resultOf(), vehicles: [vehicle('A')], speed: 1 });
    const server = await startRunServer({ soFar, told: () => undefined, left: () => undefined });
    const { folder } = await recorded({ socket: server.socket, token: server.token });
    const { background, simulations, past } = anotherWindow(storage, storage);
    const ends: string[] = [];
    background.onDidEnd(({ state }) => ends.push(state));
    try {
      await background.find();
      await until('the run', () => simulations.runs[0]?.totals?.acknowledged === 2);
      await server.close();
      await until('an empty folder', async () => (await readdir(folder)).length === 0, { everyMs: 20 });
      await until('its end', () => ends.length > 0);
      assert.deepEqual([ends, past.drives.map(({ id }) => id)], [['crashed'], ['run-1']]);
    } finally {
      background.dispose();
      await server.close();
      await over(simulations.runs, past);
    }
  });

  /** A window whose run drives in the background; its ends are told there. */
  function keeping(workspace = storage) {
    const clock = new ManualTimers();
    const it = anotherWindow(storage, workspace, clock);
    const ends: string[] = [];
    it.background.onDidEnd(({ state }) => ends.push(state));
    const run = it.start('run-1', ['A']);
    it.engine('run-1').update([vehicle('A')], { totals: totalsOf(1, { acknowledged: 1 }) });
    const keep = (): Promise<void> => run.keep(() => assert.fail('the engine asks for it'));
    const fail = async (): Promise<void> => {
      it.engine('run-1').fail(crash());
      await run.finished;
      await it.background.find();
    };
    return { ...it, clock, ends, run, keep, fail };
  }

  it('has the whole drive of a run that ended while the connection was lost, and tells no crash', async () => {
    const { resultFile } = await recorded();
    const { background, past, simulations, ends, keep, fail } = keeping();
    await keep();
    await writeFile(resultFile, JSON.stringify(resultOf()), { mode: 0o600 });
    await fail();
    await background.find();
    background.dispose();
    await person.told('has ended in the background');
    assert.deepEqual(
      past.drives.map(({ id, figures }) => [id, figures.acknowledged]),
      [['run-1', 2]],
    );
    assert.deepEqual([ends, simulations.runs], [[], []]);
  });

  it('leaves such a run to a window of its workspace, and says once that it ended', async () => {
    const { resultFile, folder } = await recorded();
    const { background, past, simulations, ends, keep, fail } = keeping('file:///elsewhere');
    await keep();
    await writeFile(resultFile, JSON.stringify(resultOf()), { mode: 0o600 });
    await fail();
    await background.find();
    background.dispose();
    await person.told('has ended in the background');
    assert.deepEqual(
      person.notices.map(({ message }) => message.includes('has ended in the background')),
      [true],
    );
    assert.deepEqual([ends, past.drives, simulations.runs, (await readdir(folder)).length], [[], [], [], 2]);
  });

  it('tells once that a run ended that ended while it was being kept', async () => {
    const { resultFile, folder } = await recorded();
    const { background, run, engine, ends, keep } = keeping();
    engine('run-1').end();
    await run.finished;
    await keep();
    await writeFile(resultFile, JSON.stringify(resultOf()), { mode: 0o600 });
    await background.find();
    background.dispose();
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual([ends, person.notices], [[], []]);
  });

  it('waits for records that cannot be read just now, and says nothing of a crash', async () => {
    const { background, clock, past, ends, keep, fail } = keeping();
    await keep();
    const folder = backgroundFolder(storage);
    await writeFile(folder, 'where a folder should be');
    await fail();
    assert.deepEqual([ends, past.drives], [[], []]);
    await rm(folder);
    clock.pass();
    await until('its end', () => ends.length > 0);
    background.dispose();
    assert.deepEqual(ends, ['crashed']);
    await past.settled();
  });

  it('tries again to attach to a run that did not answer', async () => {
    const soFar = (): RunSoFar => ({ ...resultOf(), vehicles: [vehicle('A')], speed: 1 });
    const server = await startRunServer({ soFar, told: () => undefined, left: () => undefined });
    const stranger = createServer((socket) => void socket.destroy());
    const socket = path.join(storage, 'between.sock');
    stranger.listen(socket);
    await once(stranger, 'listening');
    await recorded({ socket, token: server.token });
    const clock = new ManualTimers();
    const { background, simulations, past } = anotherWindow(storage, storage, clock);
    try {
      await background.find();
      assert.deepEqual(simulations.runs, []);
      stranger.close();
      await once(stranger, 'close');
      await symlink(server.socket, socket);
      clock.pass();
      await until('the run', () => simulations.runs.length === 1);
    } finally {
      background.dispose();
      await server.close();
      await over(simulations.runs, past);
    }
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from '../../src/aws/connection.ts';
import { jsonLines } from '../../src/core/jsonLines.ts';
import { systemClock } from '../../src/core/work.ts';
import {
  attachBackgroundRun,
  type AttachedRun,
  backgroundFiles,
  backgroundRecords,
  backgroundResult,
} from '../../src/device/client/backgroundRuns.ts';
import { startDevice, type DeviceProcess } from '../../src/device/client/deviceProcess.ts';
import { startSimulation, type RunningSimulation } from '../../src/device/client/startSimulation.ts';
import { runFactsText, type RunRecord } from '../../src/protocol/backgroundRun.ts';
import type { SimulationRequest, SimulationUpdate } from '../../src/protocol/simulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { DriveMeter } from '../../src/text/driveSummary.ts';
import { DriveHistory } from '../../src/text/history/driveHistory.ts';
import { connectTo } from '../support/cms.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { received, shortRoute, simulatedThings } from '../support/simulated.ts';
import { until } from '../support/until.ts';
import { testWork } from '../support/works.ts';

const command = path.join(import.meta.dirname, '../../dist/device.js');

describe('A simulation that outlives its window', () => {
  let folder: string;
  let runs: string;
  let sandbox: SandboxProcess;
  let connection: Connection;
  const attached: AttachedRun[] = [];
  const devices: DeviceProcess[] = [];
  let number = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'background-test-'));
    sandbox = await startSandbox({ stateFolder: path.join(folder, 'state') });
    connection = await connectTo(sandbox);
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    runs = await mkdtemp(path.join(folder, 'runs-'));
  });
  afterEach(async () => {
    for (const device of devices.splice(0)) device.dispose();
    for (const each of attached.splice(0)) each.detach();
    for (const record of await records()) {
      const run = await attachBackgroundRun(record);
      if (run === undefined) continue;
      const { running, abort } = follow(run, record);
      abort();
      await running.ended.catch(() => undefined);
    }
  });

  const records = (): Promise<RunRecord[]> =>
    backgroundRecords(runs, (error) => {
      throw error as Error;
    });

  interface Started {
    running: RunningSimulation;
    device: DeviceProcess;
    request: SimulationRequest;
    history: DriveHistory;
    keep: () => Promise<void>;
    updates: SimulationUpdate[];
  }

  async function start(more: Partial<SimulationRequest> = {}): Promise<Started> {
    const device = await startDevice({ command, outlives: true });
    devices.push(device);
    const vehicles = await simulatedThings(connection, [`BGR${String(++number).padStart(5, '0')}`]);
    const request: SimulationRequest = {
      simulationId: `run-of-${vehicles[0]!.vin}`,
      generation: 'cdf',
      broker: await brokerOf(connection),
      routes: [shortRoute],
      vehicles,
      rate: 20,
      end: 'loop',
      ...more,
    };
    const history = new DriveHistory();
    const meter = new DriveMeter();
    const updates: SimulationUpdate[] = [];
    const update = (told: SimulationUpdate): void => {
      updates.push(told);
      history.add(told.messages);
      meter.add(told);
    };
    const running = startSimulation(device, request, { update }, testWork());
    const facts = runFactsText({
      ...{ title: 'A drive', ref: { connectionId: 'sandbox', stack: 'cms-dev1' } },
      ...{ startedAt: 1, workspace: folder, request },
    });
    const keep = () =>
      running.keep(() => ({
        ...backgroundFiles(runs, request.simulationId),
        facts,
        soFar: {
          vehicles: [...running.vehicles.values()],
          meter: meter.state,
          history: [...history.vehicles],
          speed: request.speed ?? 1,
          ...(running.totals !== undefined && { totals: running.totals }),
        },
      }));
    await until('the first message', () => history.vehicles.length > 0);
    return { running, device, request, history, keep, updates };
  }

  function follow(run: AttachedRun, record: RunRecord) {
    attached.push(run);
    const updates: SimulationUpdate[] = [];
    const abort = new AbortController();
    const running = run.follow(
      record.facts.request.simulationId,
      { update: (update) => updates.push(update) },
      { signal: abort.signal, clock: systemClock },
    );
    return { running, updates, abort: () => abort.abort() };
  }

  async function found() {
    const [record] = await records();
    assert.ok(record);
    const run = await attachBackgroundRun(record);
    assert.ok(run);
    return { record, run, ...follow(run, record) };
  }

  const isStored = (id: string) => until('the result', () => backgroundResult(runs, id));

  it('goes on when the program that started it ends, and is paused, resumed and stopped by the next one', async () => {
    const { device, keep, request } = await start();
    await keep();
    device.dispose();
    const { running, updates } = await found();
    await until('messages', () => updates.some(({ messages }) => messages.length > 0));
    running.pause();
    await until('the pause', () => [...running.vehicles.values()].every(({ phase }) => phase === 'paused'));
    running.resume();
    await until('the drive', () => [...running.vehicles.values()].every(({ phase }) => phase === 'driving'));
    running.stop();
    const { totals } = await running.ended;
    assert.deepEqual([totals.ended, totals.lost], [1, 0]);
    const told = await received(sandbox, request.vehicles[0]!.vin);
    assert.deepEqual([told.totals.serials.missing, told.totals.serials.duplicates], [0, 0]);
    assert.equal(told.totals.received, totals.acknowledged);
  });

  it('knows all that was sent before it was kept, while it was, and by whom it is found', async () => {
    const { device, keep, history } = await start();
    await keep();
    const before = history.vehicles[0]!.times.length;
    device.dispose();
    const { run } = await found();
    const times = run.soFar.history[0]!.times;
    assert.deepEqual(times.slice(0, before), history.vehicles[0]!.times.slice(0, before));
    assert.equal(new Set(times).size, times.length);
    assert.equal(run.soFar.meter.samples, times.length);
    assert.equal(run.soFar.vehicles[0]?.phase, 'driving');
  });

  it('ends by itself at its end and leaves its result, with nobody there', async () => {
    const { device, keep, request } = await start({ end: 'stop', durationMs: 3000 });
    await keep();
    device.dispose();
    const result = await isStored(request.simulationId);
    assert.equal(result.vehicles[0]?.phase, 'ended');
    const { totals } = await received(sandbox, request.vehicles[0]!.vin);
    assert.equal(result.totals?.acknowledged, totals.received);
    assert.equal(result.meter.samples, result.history[0]!.times.length);
    const [record] = await records();
    await until('the end of the process', async () => (await attachBackgroundRun(record!)) === undefined);
  });

  it('has no key in its files, which nobody else can read, and none on its command line', async () => {
    const { device, keep, request } = await start();
    await keep();
    device.dispose();
    const key = request.vehicles[0]!.identity.privateKeyPem.split('\n')[1]!;
    for (const name of await readdir(runs)) {
      const file = path.join(runs, name);
      const text = await readFile(file, 'utf8');
      assert.ok(!text.includes(key), name);
      assert.doesNotMatch(text, /PRIVATE KEY|rootCaPem/);
      assert.equal((await stat(file)).mode & 0o077, 0);
    }
    const [record] = await records();
    const socketFolder = path.dirname(record!.socket);
    assert.equal((await stat(socketFolder)).mode & 0o077, 0);
    const { token } = record!;
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      assert.ok(!line.includes(token) && !line.includes(key));
    }
  });

  it('obeys nobody who does not know its token', async () => {
    const { device, keep } = await start();
    await keep();
    device.dispose();
    const [record] = await records();
    const stranger = { ...record!, token: 'x'.repeat(43) };
    await assert.rejects(attachBackgroundRun(stranger), /didn't prove/);
    const socket = connect(record!.socket);
    let isClosed = false;
    socket.on('close', () => (isClosed = true)).on('error', () => undefined);
    const lines = jsonLines(socket, 1000, () => {
      void lines.send({ kind: 'control', control: { do: 'stop' } });
    });
    await until('the end of the connection', () => isClosed);
    const { running } = await found();
    await until('the drive', () => [...running.vehicles.values()].some(({ phase }) => phase === 'driving'));
    assert.equal(running.totals?.ended, 0);
  });

  it('tells several windows, and each can steer', async () => {
    const { device, keep } = await start();
    await keep();
    device.dispose();
    const first = await found();
    const second = await found();
    first.running.pause();
    await until('the pause in the other', () =>
      [...second.running.vehicles.values()].some(({ phase }) => phase === 'paused'),
    );
    second.running.stop();
    const ends = await Promise.all([first.running.ended, second.running.ended]);
    assert.deepEqual(
      ends.map(({ totals }) => totals.ended),
      [1, 1],
    );
  });

  it('takes no other simulation of its window along', async () => {
    const kept = await start();
    const vehicles = await simulatedThings(connection, ['BGROTHER']);
    const other = startSimulation(
      kept.device,
      { ...kept.request, simulationId: 'other', vehicles },
      {},
      testWork(),
    );
    await until('its first message', () => (other.totals?.acknowledged ?? 0) > 0);
    await kept.keep();
    kept.device.dispose();
    await found();
    const connected = async () =>
      ((await sandbox.ask('GET', 'vehicles/BGROTHER/messages?limit=1')) as { totals: { received: number } })
        .totals.received;
    let last = -1;
    await until(
      'silence of the other',
      async () => {
        const now = await connected();
        const isSilent = now === last;
        last = now;
        return isSilent;
      },
      { everyMs: 500 },
    );
    assert.ok(last > 0);
  });

  it('cannot be kept when it is over', async () => {
    const { running, keep } = await start();
    running.stop();
    await running.ended;
    await assert.rejects(keep(), /over/);
    assert.deepEqual(await readdir(runs), []);
  });
});

// Runs inside the extension host.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { keptDriveText, readKeptDrive } from '../../src/device/client/keptDrive.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { planOf } from '../../src/editor/simulations/drivePlan.ts';
import { PastDriveRow } from '../../src/editor/simulations/pastDriveRow.ts';
import { PastDrives } from '../../src/editor/simulations/pastDrives.ts';
import { ResultActions } from '../../src/editor/simulations/resultCommands.ts';
import { SimulationsTree } from '../../src/editor/simulations/simulationsTree.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { totalsOf, vehicle } from '../unit/editor/simulations/fakeEngine.ts';

const tasks = new Tasks(silentLog, vscode.Uri.file(path.resolve(__dirname, '../..')));
const person = new Person();

const sample = (vin: string, time: number) => ({
  ...{ vin, id: vin, serial: 1, topic: 't', type: 'sample' as const, time, ackMs: 5 },
  place: { latitude: 48, longitude: 11, heading: 0, speed: time / 1000, odometer: 1, fuel: 1 },
});

describe('Drives that are over', () => {
  let folder: string;
  let memory: MemoryMemento;
  beforeEach(async () => {
    person.arrive();
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-drives-'));
    memory = new MemoryMemento();
  });
  afterEach(async () => {
    person.leave();
    await rm(folder, { recursive: true, force: true });
  });

  /** As of a window that was just opened. */
  const opened = () =>
    new PastDrives({
      ...{ memory, log: silentLog },
      storage: vscode.Uri.file(path.join(folder, 'storage')),
      backend: () => ({ keptDriveText, readKeptDrive }),
    });

  /** A drive of these vehicles to its end. */
  async function driven(past: PastDrives, id: string, ...vins: string[]) {
    const it = simulatedWindow();
    it.simulations.onDidEnd((run) => void past.keep(run));
    const run = it.start(id, vins);
    const messages = vins.flatMap((vin) => [sample(vin, 10_000), sample(vin, 20_000)]);
    const totals = totalsOf(vins.length, { acknowledged: messages.length });
    it.engine(id).update(
      vins.map((vin) => vehicle(vin, { metres: 1500 })),
      { messages, totals },
    );
    it.engine(id).end();
    await run.finished;
    await past.settled();
    return { ...it, run };
  }

  it('are in the next window, with all they sent, and can be driven again', async () => {
    await driven(opened(), 'run-1', 'A', 'B');
    const past = opened();
    assert.deepEqual(
      past.drives.map(({ id, title, vins }) => [id, title, vins]),
      [['run-1', '2 vehicles · Ring', ['A', 'B']]],
    );
    const kept = await past.read(past.drives[0]!);
    assert.deepEqual(
      kept.history.map(({ vin, columns }) => [vin, columns.speed]),
      [
        ['A', [10, 20]],
        ['B', [10, 20]],
      ],
    );
    const { ref } = past.drives[0]!;
    const plan = planOf(ref, kept);
    assert.deepEqual(plan.vehicles, [
      { vin: 'A', id: 'A' },
      { vin: 'B', id: 'B' },
    ]);
    assert.equal(plan.routes[0]?.name, 'Ring');
  });

  it('leave no certificate and no key on the disk', async () => {
    const past = opened();
    const { run } = await driven(past, 'run-1', 'A');
    assert.ok('identity' in run.request.vehicles[0]!);
    const text = await readFile(path.join(folder, 'storage/drives/run-1.json'), 'utf8');
    assert.doesNotMatch(text, /Pem|broker|identity/);
  });

  it('stand below the runs of the window, once', async () => {
    await driven(opened(), 'run-1', 'A');
    const past = opened();
    const { simulations } = await driven(past, 'run-2', 'A');
    const tree = new SimulationsTree(simulations, past);
    const rows = tree.getChildren();
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['run/run-2', 'past/run-1'],
    );
    assert.match(String(tree.getTreeItem(rows[1]!).description), / km/);
  });

  it('are compared with the one before, of the same vehicles rather than of others', async () => {
    const past = opened();
    await driven(past, 'run-1', 'A');
    await driven(past, 'run-2', 'B');
    await driven(past, 'run-3', 'A');
    assert.equal(past.before(past.find('run-3')!)?.id, 'run-1');
    assert.equal(past.before(past.find('run-2')!)?.id, 'run-1');
    assert.equal(past.before(past.find('run-1')!), undefined);
  });

  it('are kept with their routes packed, and those of 0.4.0 are still read', async () => {
    const past = opened();
    await driven(past, 'run-1', 'A');
    const file = path.join(folder, 'storage/drives/run-1.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as { drive: { routes: { points: unknown }[] } };
    assert.equal(typeof kept.drive.routes[0]?.points, 'string');
    const before = await past.read(past.drives[0]!);
    assert.ok(before.drive.routes[0]!.points.length >= 2);
    await writeFile(file, JSON.stringify(before));
    assert.deepEqual(await opened().read(past.drives[0]!), before);
  });

  it('are forgotten when they are cleared, with their files', async () => {
    const past = opened();
    await driven(past, 'run-1', 'A');
    const drive = past.drives[0]!;
    past.clear(drive);
    await assert.rejects(past.read(drive), { code: 'RECORDING_FAILED' });
    await past.settled();
    assert.deepEqual(opened().drives, []);
  });

  it('are shown beside the one before, figure by figure', async () => {
    const past = opened();
    await driven(past, 'run-1', 'A');
    const actions = new ResultActions(tasks, past, vscode.Uri.file(folder));
    await actions.compare(past.find('run-1')!);
    await person.told('There is no earlier drive');
    await driven(past, 'run-2', 'A');
    await actions.compare(past.find('run-2')!);
    const page = await readFile(path.join(folder, 'diagnosis/Drives compared.md'), 'utf8');
    assert.match(page, /^\| Messages acknowledged \| \d+ \| \d+ \|/m);
    assert.match(page, /^\| Top speed \| 72 km\/h \| 72 km\/h \| *\|$/m);
  });

  it('are written to a file of the chosen format', async () => {
    const past = opened();
    await driven(past, 'run-1', 'A');
    const file = path.join(folder, 'drive.csv');
    person.saves = vscode.Uri.file(file);
    const exporting = new ResultActions(tasks, past, vscode.Uri.file(folder)).export(
      new PastDriveRow(past.drives[0]!).drive,
    );
    await person.pick('A · Ring', 'CSV');
    await person.told('The drive is in drive.csv');
    const [head, ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\r\n');
    assert.match(head!, /speed_kmh/);
    assert.equal(rows.length, 2);
    await person.press('The drive is in drive.csv', 'Open');
    await exporting;
  });
});

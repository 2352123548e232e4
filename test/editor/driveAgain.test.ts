import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { readEventRate, readScriptedEvent } from '../../src/device/client/scriptedEvents.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { DriveMemory } from '../../src/editor/simulations/driveMemory.ts';
import { askDrive, type DriveSources, lastDrive } from '../../src/editor/simulations/driveWizard.ts';
import { rateSchema } from '../../src/protocol/control.ts';
import type { StackRef } from '../../src/editor/base/stackRef.ts';
import { eventNotes } from '../../src/telemetry/drive/eventNotes.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { REF } from '../support/editor/simulatedWindow.ts';

const person = new Person();
const loaded = {
  eventNotes,
  rateSchema,
  readEventRate,
  readScriptedEvent,
  readRoutes,
};
const root = vscode.Uri.file(path.resolve(__dirname, '../..'));

/** Several streets to the north. */
const streets = (...names: string[]): string =>
  JSON.stringify({
    type: 'FeatureCollection',
    features: names.map((name, i) => ({
      type: 'Feature',
      properties: { name },
      geometry: { type: 'LineString', coordinates: [48, 48.1].map((latitude) => [11 + i, latitude]) },
    })),
  });

describe('Driving again', () => {
  let folder: string;
  const uriOf = (name: string): string => vscode.Uri.file(path.join(folder, name)).toString();
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-routes-'));
    await writeFile(path.join(folder, 'first.geojson'), streets('East', 'West'));
    await writeFile(path.join(folder, 'second.geojson'), streets('A', 'B', 'C'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  const memoryOf = (): DriveMemory =>
    new DriveMemory({
      ...{ global: new MemoryMemento(), workspace: new MemoryMemento(), folder },
      logError: assert.ifError,
    });
  const sourcesOf = (
    memory: DriveMemory,
    holds: DriveSources['holds'] = () => Promise.reject(new Error('not needed')),
  ): DriveSources => ({
    ...{ backend: () => loaded, memory, holds },
    routes: { tasks: new Tasks(silentLog, root), backend: () => loaded, extensionUri: root },
    certificates: { peek: () => undefined },
    driving: { driveOf: () => undefined },
    cli: { within: (question) => question },
    sessions: { open: () => Promise.reject(new Error('not needed')) },
  });
  const fleetOf = (vehicles: number): { vin: string }[] =>
    Array.from({ length: vehicles }, (_, i) => ({ vin: `V${i}` }));
  /** On a machine that holds 400, after a drive of 1000. */
  async function driven(on: Record<string, string>) {
    const memory = memoryOf();
    await memory.keep({ route: uriOf('first.geojson'), which: '0', ...on }, fleetOf(1000));
    const sources = sourcesOf(memory, () => Promise.resolve(400));
    return { memory, sources, again: (ref: StackRef, of: number) => lastDrive(sources, ref, fleetOf(of)) };
  }
  const CLOUD = { connectionId: 'a@eu', stack: 'cms' };
  const SLURM = { on: 'slurm', store: '/shared/runs' };

  it('asks who drives a fleet that does not fit here where the workers of the last one do not reach', async () => {
    const { again } = await driven(SLURM);
    assert.equal(await again(REF, 1000), undefined);
    assert.equal((await again(CLOUD, 1000))?.scale?.on, 'slurm');
  });

  it('remembers those workers when a few drive here meanwhile', async () => {
    const { again, memory } = await driven(SLURM);
    const few = await again(REF, 3);
    assert.deepEqual([few?.vehicles.length, few?.scale], [3, undefined]);
    assert.equal(memory.answers.on, 'slurm');
  });

  it('asks who drives a fleet that does not fit here when only smaller ones drove here', async () => {
    const { again } = await driven({ on: 'here' });
    assert.equal((await again(REF, 1000))?.scale, undefined);
    assert.equal(await again(REF, 1001), undefined);
    assert.equal(await (await driven({})).again(REF, 1000), undefined);
  });

  it('shows what will happen, and asks who drives, where that is not as the last time', async () => {
    const { sources } = await driven(SLURM);
    const asking = askDrive(sources, { ref: REF, vehicles: fleetOf(1000) });
    await person.pick('Route to drive', 'Drive Again');
    await person.pick('Enter to start', 'Start');
    await person.pick('can drive about 400 of the 1000 vehicles', 'this computer');
    const plan = await asking;
    assert.deepEqual([plan?.vehicles.length, plan?.scale], [1000, undefined]);
  });

  it('is the last drive, whatever was answered about another route before going back', async () => {
    const memory = memoryOf();
    await memory.keep({ route: uriOf('first.geojson'), which: '1', events: '0.5:braking', jobs: 'no' }, [
      { vin: 'A' },
    ]);
    const asking = askDrive(sourcesOf(memory), { ref: REF, vehicles: [{ vin: 'A' }] });
    const route = await person.question('Route to drive');
    const other = { label: 'second', value: uriOf('second.geojson') };
    route.choose([other]);
    await person.pick('The file has several routes', 'C');
    const reviewed = await person.question('Enter to start');
    reviewed.press(vscode.QuickInputButtons.Back);
    (await person.question('The file has several routes')).press(vscode.QuickInputButtons.Back);
    await person.pick('Route to drive', 'Drive Again');
    const plan = await asking;
    assert.ok(plan);
    assert.deepEqual(
      plan.routes.map(({ name }) => name),
      ['West'],
    );
    assert.deepEqual([plan.drive.jobs, plan.drive.events?.length, plan.vehicles], [false, 1, [{ vin: 'A' }]]);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { readEventRate, readScriptedEvent } from '../../src/device/client/scriptedEvents.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { DriveMemory } from '../../src/editor/simulations/driveMemory.ts';
import { askDrive } from '../../src/editor/simulations/driveWizard.ts';
import { rateSchema } from '../../src/protocol/control.ts';
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

  it('is the last drive, whatever was answered about another route before going back', async () => {
    const memory = new DriveMemory({
      ...{ global: new MemoryMemento(), workspace: new MemoryMemento(), folder },
      logError: assert.ifError,
    });
    await memory.keep({ route: uriOf('first.geojson'), which: '1', events: '0.5:braking', jobs: 'no' }, [
      { vin: 'A' },
    ]);
    const asking = askDrive(
      {
        backend: () => loaded,
        routes: { tasks: new Tasks(silentLog, root), backend: () => loaded, extensionUri: root },
        memory,
        certificates: { peek: () => undefined },
        driving: { driveOf: () => undefined },
        cli: { within: (question) => question },
        holds: () => Promise.reject(new Error('not needed')),
        sessions: { open: () => Promise.reject(new Error('not needed')) },
      },
      { ref: REF, vehicles: [{ vin: 'A' }] },
    );
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

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { isCmsError } from '../../src/core/errors.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { reopen, type MapSources } from '../../src/editor/map/reopen.ts';
import { RouteChoice } from '../../src/editor/routes/routeChoice.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { createFakeTimers } from '../unit/device/simulationWorld.ts';

describe('A route file that takes its time', () => {
  const person = new Person();
  let folder: string;
  let uri: vscode.Uri;
  /** Lets the rest of the file be read. */
  let goOn: () => void;
  let timers: ReturnType<typeof createFakeTimers>;
  let sources: { tasks: Tasks; backend: () => { readRoutes: typeof readRoutes }; extensionUri: vscode.Uri };

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-route-'));
    uri = vscode.Uri.file(path.join(folder, 'long.csv'));
    await writeFile(uri.fsPath, 'latitude,longitude\n48,11\n48.1,11\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    person.arrive();
    timers = createFakeTimers();
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const slowly: typeof readRoutes = async (bytes, name, options) => {
      options?.progress?.(40);
      await held;
      return readRoutes(bytes, name, options);
    };
    sources = {
      tasks: new Tasks(silentLog, vscode.Uri.file('/'), timers),
      backend: () => ({ readRoutes: slowly }),
      extensionUri: vscode.Uri.file('/'),
    };
  });
  afterEach(() => {
    goOn();
    person.leave();
  });

  /** The notification, which comes after a second, beside the line in the status bar. */
  async function offered() {
    await person.working('40 %');
    await timers.advance(1000);
    return person.working('Reading long.csv');
  }

  it('says how far it is, and is there when it is read', async () => {
    const choice = new RouteChoice(sources);
    const reading = choice.read(uri);
    await offered();
    goOn();
    assert.equal(await reading, true);
    assert.equal(choice.file?.routes[0]?.points.length, 2);
    assert.deepEqual(person.notices, []);
  });

  it('can be given up, without a word', async () => {
    const choice = new RouteChoice(sources);
    const reading = choice.read(uri);
    (await offered()).cancel();
    goOn();
    assert.equal(await reading, false);
    assert.equal(choice.file, undefined);
    assert.deepEqual(person.notices, []);
  });

  it('can be given up when its map opens again', async () => {
    const opening = reopen(sources as unknown as MapSources, { kind: 'route', uri: uri.toString() });
    const failed = assert.rejects(opening, (error) => isCmsError(error) && error.code === 'CANCELLED');
    (await offered()).cancel();
    goOn();
    await failed;
    assert.deepEqual(person.notices, []);
  });
});

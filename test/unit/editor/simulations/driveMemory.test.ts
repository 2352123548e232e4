import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Memento } from 'vscode';
import { DriveMemory } from '../../../../src/editor/simulations/driveMemory.ts';
import { DEFAULTS, takeBack } from '../../../../src/editor/simulations/driveSettings.ts';

function memento(): Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, fallback?: T) => (values.get(key) ?? fallback) as T,
    update(key: string, value: unknown) {
      values.set(key, value);
      return Promise.resolve();
    },
  };
}

let folder: string;
const errors: unknown[] = [];
const memoryWith = (workspace = memento()): DriveMemory =>
  new DriveMemory({ global: memento(), workspace, folder, logError: (error) => errors.push(error) });
beforeEach(async () => {
  errors.length = 0;
  folder = await mkdtemp(path.join(os.tmpdir(), 'cms-memory-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('The memory of the last drive', () => {
  it('gives back every setting of it, but whether it was recorded', async () => {
    const memory = memoryWith();
    const settings = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, `${key} as chosen`]));
    await memory.keep({ ...settings, route: 'file:///ring.kml', which: '1', vehicles: 'A\nB' }, [
      { vin: 'A' },
      { vin: 'B', id: '7' },
    ]);
    const repeated = Object.entries(settings).filter(([key]) => key !== 'record');
    assert.deepEqual(memory.answers, {
      ...Object.fromEntries(repeated),
      route: 'file:///ring.kml',
      which: '1',
    });
    assert.deepEqual(await memory.vehicles(), [{ vin: 'A' }, { vin: 'B', id: '7' }]);
  });

  it('has every vehicle of a large fleet', async () => {
    const memory = memoryWith();
    const fleet = Array.from({ length: 12_000 }, (_, i) => ({
      vin: `V${i}`,
      id: i % 2 === 0 ? `V${i}` : `${i}`,
    }));
    await memory.keep({}, fleet);
    assert.deepEqual(await memory.vehicles(), fleet);
  });

  it('asks again rather than to drive a part of a fleet that is too large to remember', async () => {
    const memory = memoryWith();
    await memory.keep({}, [{ vin: 'A' }]);
    await memory.keep(
      {},
      Array.from({ length: 100_001 }, (_, i) => ({ vin: `V${i}` })),
    );
    assert.deepEqual(await memory.vehicles(), []);
  });

  it('has the vehicles in a file of the workspace, and none in the state that every change writes again', async () => {
    const workspace = memento();
    await workspace.update('drivenVins', ['A', 'B']);
    await memoryWith(workspace).keep({}, [{ vin: 'C', id: '7' }]);
    assert.equal(workspace.get('drivenVins'), undefined);
    assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'drivenVehicles.json'), 'utf8')), ['C\n7']);
    assert.deepEqual(await memoryWith(workspace).vehicles(), [{ vin: 'C', id: '7' }]);
  });

  it('lets a drive start whose vehicles it cannot write, and has none of an earlier one then', async () => {
    const workspace = memento();
    await workspace.update('drivenVins', ['A']);
    const memory = memoryWith(workspace);
    await mkdir(path.join(folder, 'drivenVehicles.json'));
    await memory.keep({ speed: '5' }, [{ vin: 'B' }]);
    assert.ok(errors.length > 0);
    assert.deepEqual([memory.answers, await memory.vehicles()], [{ speed: '5' }, []]);
  });
});

describe('The vehicles of the last drive', () => {
  const kept = (value: unknown) => {
    const workspace = memento();
    void workspace.update('drivenVins', value);
    return memoryWith(workspace).vehicles();
  };

  it('are read as they were kept when a VIN was all there was', async () => {
    assert.deepEqual(await kept(['A', 'B']), [{ vin: 'A' }, { vin: 'B' }]);
  });

  it('are read as they were kept when they were objects', async () => {
    assert.deepEqual(await kept([{ vin: 'A', id: '7' }, { vin: 'B' }]), [
      { vin: 'A', id: '7' },
      { vin: 'B' },
    ]);
  });

  it('are those that can be read, whatever was kept', async () => {
    assert.deepEqual(await kept([{ vin: 'A', id: 7 }, { id: 'B' }, null, 3]), [{ vin: 'A' }]);
    assert.deepEqual(await kept('A'), []);
  });
});

describe('Driving again, after a look at another route', () => {
  it('takes back what was answered about the other one, and keeps the vehicles', () => {
    const answers = { route: 'b.kml', which: '3', speed: '20', vehicles: 'A' };
    takeBack(answers, { route: 'a.kml', rate: '2' });
    assert.deepEqual(answers, { route: 'a.kml', rate: '2', vehicles: 'A' });
  });
});

import assert from 'node:assert/strict';
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

describe('The memory of the last drive', () => {
  it('gives back every setting of it, but whether it was recorded', async () => {
    const memory = new DriveMemory(memento(), memento());
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
    assert.deepEqual(memory.vehicles, [{ vin: 'A' }, { vin: 'B', id: '7' }]);
  });

  it('has every vehicle of a large fleet', async () => {
    const memory = new DriveMemory(memento(), memento());
    const fleet = Array.from({ length: 12_000 }, (_, i) => ({
      vin: `V${i}`,
      id: i % 2 === 0 ? `V${i}` : `${i}`,
    }));
    await memory.keep({}, fleet);
    assert.deepEqual(memory.vehicles, fleet);
  });

  it('asks again rather than to drive a part of a fleet that is too large to remember', async () => {
    const memory = new DriveMemory(memento(), memento());
    await memory.keep({}, [{ vin: 'A' }]);
    await memory.keep(
      {},
      Array.from({ length: 100_001 }, (_, i) => ({ vin: `V${i}` })),
    );
    assert.deepEqual(memory.vehicles, []);
  });
});

describe('The vehicles of the last drive', () => {
  const kept = (value: unknown) => {
    const workspace = memento();
    void workspace.update('drivenVins', value);
    return new DriveMemory(memento(), workspace).vehicles;
  };

  it('are read as they were kept when a VIN was all there was', () => {
    assert.deepEqual(kept(['A', 'B']), [{ vin: 'A' }, { vin: 'B' }]);
  });

  it('are read as they were kept when they were objects', () => {
    assert.deepEqual(kept([{ vin: 'A', id: '7' }, { vin: 'B' }]), [{ vin: 'A', id: '7' }, { vin: 'B' }]);
  });

  it('are those that can be read, whatever was kept', () => {
    assert.deepEqual(kept([{ vin: 'A', id: 7 }, { id: 'B' }, null, 3]), [{ vin: 'A' }]);
    assert.deepEqual(kept('A'), []);
  });
});

describe('Driving again, after a look at another route', () => {
  it('takes back what was answered about the other one, and keeps the vehicles', () => {
    const answers = { route: 'b.kml', which: '3', speed: '20', vehicles: 'A' };
    takeBack(answers, { route: 'a.kml', rate: '2' });
    assert.deepEqual(answers, { route: 'a.kml', rate: '2', vehicles: 'A' });
  });
});

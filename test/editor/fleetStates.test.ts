import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Node } from '../../src/editor/base/node.ts';
import { FleetStates } from '../../src/editor/vins/fleetStates.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';
import { createFakeTimers } from '../unit/device/simulationWorld.ts';

type Sources = ConstructorParameters<typeof FleetStates>[0];
const REF = { connectionId: 'dev@us-west-2', stack: 'cms-dev1' };
const OTHER = { ...REF, stack: 'cms-dev2' };

describe('what is known of the vehicles of a fleet file', () => {
  const outdated = new vscode.EventEmitter<Node | undefined>();
  const none = new vscode.EventEmitter<never>();
  const timers = createFakeTimers();
  const vehicle = (vin: string, id: string) => ({ vin, id, owners: [], attributes: {} });
  let ref = REF;
  let reads = 0;
  /** What a read gives; a failure where it is undefined. */
  let listed: object[] | undefined;
  let states: FleetStates;

  beforeEach(() => {
    ref = REF;
    reads = 0;
    listed = [vehicle('LSH14J4C9LA046511', 'a')];
    const deployment = {
      vehicles: { needs: {}, list: () => undefined },
      capabilities: () => Promise.resolve([{ id: 'vehicles' }, { id: 'onboard' }]),
    };
    async function* everyPage() {
      reads += 1;
      if (listed === undefined) throw new Error('The network is gone.');
      yield await Promise.resolve({ items: listed, next: undefined });
    }
    const sources = {
      targets: { current: () => Promise.resolve(ref), onDidChoose: none.event },
      connections: { labelOf: (id: string) => id, onDidOpen: none.event },
      sessions: { open: () => Promise.resolve(deployment), has: () => Promise.resolve(true) },
      backend: () => ({ everyPage, GENERATIONS: [] }),
      rows: { onDidOutdate: outdated.event },
      log: silentLog,
    };
    states = new FleetStates(sources as unknown as Sources, timers);
  });
  afterEach(() => states.dispose());

  const vins = (): string[] | undefined => {
    const now = states.now();
    return now.kind === 'known' ? [...now.byVin.keys()] : undefined;
  };
  const read = (count: number) => until(`read ${count}`, () => (states.now(), reads === count));

  it('stays when it cannot be read again, and is looked at later', async () => {
    await until('the vehicles', () => vins()?.length === 1);
    listed = undefined;
    outdated.fire(undefined);
    await read(2);
    await timers.advance(30_000);
    assert.deepEqual(vins(), ['LSH14J4C9LA046511']);
    assert.equal(reads, 2);
    listed = [vehicle('LSH14J4C9LA046511', 'a'), vehicle('5YJSA1E26HF000337', 'b')];
    await timers.advance(60_000);
    await until('the vehicles that are there now', () => vins()?.length === 2);
  });

  it('is nothing when another stack cannot be read', async () => {
    await until('the vehicles', () => vins()?.length === 1);
    listed = undefined;
    ref = OTHER;
    outdated.fire(undefined);
    await until('the end of what was known', () => vins() === undefined);
    assert.equal(reads, 2);
  });

  it('has every vehicle of a VIN that several have', async () => {
    listed = [vehicle('LSH14J4C9LA046511', 'a'), vehicle('lsh14j4c9la046511', 'b')];
    await until('the vehicles', () => vins()?.length === 1);
    const now = states.now();
    assert.ok(now.kind === 'known');
    assert.deepEqual(
      now.byVin.get('LSH14J4C9LA046511')?.map(({ id }) => id),
      ['a', 'b'],
    );
  });
});

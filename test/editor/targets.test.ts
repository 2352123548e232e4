import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { everyPage } from '../../src/cms/contract/pages.ts';
import type { FoundDeployment } from '../../src/cms/contract/generation.ts';
import { CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import { Node } from '../../src/editor/base/node.ts';
import type { StackRef, VehicleOfStack } from '../../src/editor/base/stackRef.ts';
import { Selection } from '../../src/editor/base/selection.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { TreeRow } from '../../src/editor/base/treeRow.ts';
import { driveTarget } from '../../src/editor/simulations/targets.ts';
import { Targets } from '../../src/editor/stacks/targets.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';
const SECOND = '3VWFE21C04M000001';

type Sources = ConstructorParameters<typeof Targets>[1];

const EXPIRED = new CmsError('CREDENTIALS_EXPIRED', l10n.verbatim('The session of a has expired.'));

/** A row of a vehicle. */
class Selected extends Node {
  readonly id = 'selected';
  readonly #vehicle: VehicleOfStack;

  constructor(vehicle: VehicleOfStack) {
    super(undefined);
    this.#vehicle = vehicle;
  }

  override get stackRef(): StackRef {
    return this.#vehicle.ref;
  }

  override get vehicle(): VehicleOfStack {
    return this.#vehicle;
  }

  override item(): vscode.TreeItem {
    return new vscode.TreeItem(this.id);
  }
}

/** The row of connection a. */
class ConnectionRow extends Node {
  readonly id = 'connection/a';

  constructor() {
    super(undefined);
  }

  override get connectionId(): string {
    return 'a';
  }

  override item(): vscode.TreeItem {
    return new vscode.TreeItem(this.id);
  }
}

/** A row of a connection. */
class SelectedConnection extends Node {
  readonly id = 'connection';
  readonly #connectionId: string;

  constructor(connectionId: string) {
    super(undefined);
    this.#connectionId = connectionId;
  }

  override get connectionId(): string {
    return this.#connectionId;
  }

  override item(): vscode.TreeItem {
    return new vscode.TreeItem(this.id);
  }
}

describe('What a command is about', () => {
  const person = new Person();
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  const selection = new Selection();
  const memory = new Map<string, unknown>();
  beforeEach(() => {
    selection.set([]);
    memory.clear();
  });

  /** Connections by what reading their stacks gives; a promise keeps a connection busy until it settles. */
  function targetsIn(
    accounts: Record<string, readonly string[] | Error | Promise<readonly string[]>>,
  ): Targets {
    const sources = {
      selection,
      memory: {
        get: (key: string) => memory.get(key),
        update: (key: string, value: unknown) => Promise.resolve(memory.set(key, value)),
      },
      connections: { usable: Object.keys(accounts), labelOf: (id: string) => `account ${id}` },
      offer: { offer: () => Promise.resolve() },
      sessions: {
        find: async (id: string) => {
          const found = await (accounts[id] ?? []);
          if (found instanceof Error) throw found;
          return found.map((name) => ({ stack: { name }, state: { kind: 'ready' } }) as FoundDeployment);
        },
      },
      signIns: {},
      certificates: { vehicleOf: () => Promise.resolve(undefined) },
    } as unknown as Sources;
    return new Targets(new Tasks(silentLog, vscode.Uri.file('/extension')), sources, () => ({ everyPage }));
  }

  it('is the only ready stack there is', async () => {
    const targets = targetsIn({ a: [], b: ['cms-dev1'] });
    assert.deepEqual(await targets.stack(undefined), { connectionId: 'b', stack: 'cms-dev1' });
    assert.deepEqual(person.notices, []);
  });

  it('is asked for while an account cannot be read, which may have others', async () => {
    const asked = targetsIn({ a: EXPIRED, b: ['cms-dev1'] }).stack(undefined);
    await person.pick('Stack', 'cms-dev1');
    assert.deepEqual(await asked, { connectionId: 'b', stack: 'cms-dev1' });
  });

  it('is one of the connection whose row is selected, whatever was used last', async () => {
    const targets = targetsIn({ a: ['one'], b: ['two', 'three'] });
    const first = targets.stack(undefined);
    await person.pick('Stack', 'two');
    await first;
    selection.set([new TreeRow(new SelectedConnection('a'))]);
    assert.deepEqual(await targets.stack(undefined), { connectionId: 'a', stack: 'one' });
  });

  it('is picked in the order of the connections', async () => {
    const asked = targetsIn({ a: ['one'], b: EXPIRED, c: ['two', 'three'] }).stack(undefined);
    const { rows } = await person.question('Stack');
    assert.deepEqual(
      rows.map(({ label, description, detail }) => [label, description ?? detail]),
      [
        ['one', 'account a'],
        ['two', 'account c'],
        ['three', 'account c'],
        ['Cannot be read', undefined],
        ['$(warning) account b', 'The session of a has expired.'],
      ],
    );
    await person.pick('Stack', 'two');
    assert.deepEqual(await asked, { connectionId: 'c', stack: 'two' });
  });

  it('can be picked while another connection is still being read', async () => {
    const asked = targetsIn({ a: new Promise(() => undefined), b: ['one', 'two'] }).stack(undefined);
    const question = await until('the stacks of b', () => {
      const open = person.open;
      return open?.rows.length === 2 ? open : undefined;
    });
    assert.equal(question.busy, true);
    question.choose(question.rows.slice(1));
    assert.deepEqual(await asked, { connectionId: 'b', stack: 'two' });
  });

  it('offers what helps against a connection that cannot be read when that is picked', async () => {
    const asked = targetsIn({ a: ['one', 'two'], b: EXPIRED }).stack(undefined);
    await person.pick('Stack', 'account b');
    assert.equal(await asked, undefined);
    assert.ok((await person.notice('The session of a has expired.')).buttons.includes('Explain'));
  });

  it('is what is selected in the tree', async () => {
    const ref = { connectionId: 'b', stack: 'two' };
    selection.set([new TreeRow(new Selected({ ref, vin: 'VIN1' }))]);
    const targets = targetsIn({ a: ['one'], b: ['two', 'three'] });
    assert.deepEqual(await targets.stack(undefined), ref);
    const vehicle = await targets.vehicle(undefined, 'Diagnose');
    assert.deepEqual([vehicle?.ref, vehicle?.vin], [ref, 'VIN1']);
  });

  it('is all that is selected in the tree, or one of it where it can be no more', async () => {
    const ref = { connectionId: 'b', stack: 'two' };
    const rows = ['VIN1', 'VIN2'].map((vin) => new TreeRow(new Selected({ ref, vin })));
    selection.set(rows);
    const targets = targetsIn({ a: ['one'], b: ['two', 'three'] });
    assert.deepEqual(await targets.stack(undefined), ref);
    const all = await targets.vehicles({ target: undefined, targets: [] }, 'Offboard');
    assert.deepEqual(
      all.map(({ vin }) => vin),
      ['VIN1', 'VIN2'],
    );
    const { vehicles: driven } = (await driveTarget(targets, [])) ?? {};
    assert.deepEqual(
      driven?.map(({ vin }) => vin),
      ['VIN1', 'VIN2'],
    );
    const one = targets.vehicle(undefined, 'Diagnose');
    await person.pick('Which of the selected vehicles', 'VIN2');
    assert.equal((await one)?.vin, 'VIN2');
  });

  it('is all folders that are selected in the Explorer, and the vehicle of a row of the simulations', async () => {
    const targets = targetsIn({ a: ['one'] });
    const folders = [VIN, SECOND].map((vin) => vscode.Uri.file(`/certs/${vin}`));
    const given = await driveTarget(targets, folders);
    assert.deepEqual(
      given?.vehicles?.map(({ vin }) => vin),
      [VIN, SECOND],
    );
    const ref = { connectionId: 'a', stack: 'one' };
    const row = { vehicles: [{ ref, vin: VIN, id: 'veh-1' }] };
    assert.deepEqual(await targets.vehicle(row, 'Diagnose'), { ref, vin: VIN, id: 'veh-1' });
    const rows = [
      row,
      {
        vehicles: [
          { ref, vin: SECOND },
          { ref, vin: VIN, id: 'veh-1' },
        ],
      },
    ];
    const copied = await targets.vehicles({ target: row, targets: rows }, 'Copy VIN');
    assert.deepEqual(
      copied.map(({ vin }) => vin),
      [VIN, SECOND],
    );
  });

  it('is what was used last, as long as that is there', async () => {
    const accounts: Record<string, readonly string[]> = { a: ['one'], b: ['two', 'three'] };
    const targets = targetsIn(accounts);
    const first = targets.stack(undefined);
    await person.pick('Stack', 'three');
    await first;
    assert.deepEqual(await targets.stack(undefined), { connectionId: 'b', stack: 'three' });
    accounts.b = ['two'];
    const second = targets.stack(undefined);
    await person.pick('Stack', 'two');
    assert.deepEqual(await second, { connectionId: 'b', stack: 'two' });
  });

  it('cannot be said while no account can be read, and the person learns why', async () => {
    assert.equal(await targetsIn({ a: EXPIRED, b: [] }).stack(undefined), undefined);
    await person.told('The session of a has expired.');
  });

  it('is nothing, and is said, on a connection without a ready stack', async () => {
    const row = new ConnectionRow();
    assert.equal(await targetsIn({ a: [] }).stack(row), undefined);
    assert.equal(await person.told('no ready stack'), 'There is no ready stack on account a.');
  });
});

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Connection, ConnectionOptions } from '../../src/aws/connection.ts';
import { ConnectionActions, registerConnections } from '../../src/editor/connections/commands.ts';
import { Connections } from '../../src/editor/connections/connections.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { registerNetworkReport } from '../../src/editor/connections/networkReport.ts';
import { SANDBOX_ID } from '../../src/editor/sandbox/sandboxController.ts';
import { commandsOf } from '../support/editor/commandsOf.ts';
import { MemoryMemento } from '../support/editor/memory.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';

describe('connections', () => {
  let state: MemoryMemento;
  let made: ConnectionOptions[];
  let disposed: number;
  let connections: Connections;
  /** How the next one opens, when not at once. */
  let next: Promise<Connection> | undefined;

  beforeEach(() => {
    state = new MemoryMemento();
    made = [];
    disposed = 0;
    next = undefined;
    const createConnection = (options: ConnectionOptions): Promise<Connection> => {
      made.push(options);
      return next ?? Promise.resolve({ dispose: () => disposed++ } as unknown as Connection);
    };
    const sandbox = {
      status: 'running' as const,
      connectionOptions: () => ({ region: 'us-west-2', endpoint: 'http://127.0.0.1:1' }),
    };
    connections = new Connections(state, sandbox, () => ({ createConnection }));
  });

  it('are kept in order, and moved', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    await connections.add({ profile: 'b', region: 'us-west-2' });
    await connections.add({ region: 'eu-west-1' });
    await connections.move('@eu-west-1', -1);
    assert.deepEqual(
      connections.list().map(({ id }) => id),
      ['a@us-west-2', '@eu-west-1', 'b@us-west-2'],
    );
    await connections.move('a@us-west-2', -1);
    await connections.remove('@eu-west-1');
    assert.deepEqual(
      connections.list().map(({ id }) => id),
      ['a@us-west-2', 'b@us-west-2'],
    );
  });

  it('are added once', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    await connections.add({ profile: 'a', region: 'us-west-2' });
    assert.equal(connections.list().length, 1);
  });

  it('that can be used are the running sandbox and those that were added', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    assert.deepEqual(connections.usable, [SANDBOX_ID, 'a@us-west-2']);
  });

  it('take the place of another only while that one is there', async () => {
    for (const profile of ['a', 'b']) await connections.add({ profile, region: 'us-west-2' });
    const ids = () => connections.list().map(({ id }) => id);
    await connections.replace('a@us-west-2', { profile: 'a', region: 'eu-west-1' });
    assert.deepEqual(ids(), ['a@eu-west-1', 'b@us-west-2']);
    await connections.replace('a@us-west-2', { profile: 'a', region: 'eu-west-2' });
    assert.deepEqual(ids(), ['a@eu-west-1', 'b@us-west-2', 'a@eu-west-2']);
  });

  describe('are removed, or get another region', () => {
    const person = new Person();
    let isDriving: boolean;
    let hasPasswords: boolean;
    let run: ReturnType<typeof commandsOf>;
    beforeEach(async () => {
      person.arrive();
      isDriving = hasPasswords = false;
      next = Promise.resolve({
        identity: () => Promise.resolve({ accountId: '1', arn: 'arn:aws:iam::1:user/a' }),
        dispose: () => disposed++,
      } as unknown as Connection);
      const tasks = new Tasks(silentLog, vscode.Uri.file('/'));
      const backend = () => ({
        listProfiles: () => Promise.resolve([]),
        planProfile: () => assert.fail('nothing is added'),
      });
      const actions = new ConnectionActions(tasks, connections, backend, {
        startSandbox: () => Promise.resolve(),
        isDriving: () => Promise.resolve(isDriving),
        hasPasswords: () => hasPasswords,
      });
      run = commandsOf(() => registerConnections(tasks, connections, actions));
      await connections.add({ profile: 'a', region: 'ap-southeast-7' });
    });
    afterEach(() => person.leave());
    const ids = () => connections.list().map(({ id }) => id);

    it('not while something drives on them', async () => {
      isDriving = true;
      for (const [command, asked] of [
        ['removeConnection', 'Connection to remove'],
        ['changeRegion', 'Select a connection'],
      ] as const) {
        const done = run(command);
        await person.answer(asked);
        await done;
        await person.press('Simulations are running on a · ap-southeast-7');
      }
      assert.deepEqual(ids(), ['a@ap-southeast-7']);
    });

    it('once that is agreed to, where passwords are saved', async () => {
      hasPasswords = true;
      for (const button of [undefined, 'Change Region']) {
        const done = run('changeRegion');
        await person.answer('Select a connection');
        await person.pick('AWS region', 'eu-central-1');
        await person.press('Change the region of a · ap-southeast-7 to eu-central-1?', button);
        await done;
        assert.deepEqual(ids(), [button === undefined ? 'a@ap-southeast-7' : 'a@eu-central-1']);
      }
    });

    it('with the current region first, even one that is not in the list', async () => {
      const done = run('changeRegion');
      await person.answer('Select a connection');
      const { rows } = await person.question('AWS region');
      assert.equal(rows[0]?.label, 'ap-southeast-7');
      assert.equal(rows[0].description, 'current');
      await person.answer('AWS region');
      await done;
      assert.deepEqual(ids(), ['a@ap-southeast-7']);
    });
  });

  it('tell when they change', async () => {
    let changes = 0;
    connections.onDidChange(() => changes++);
    await connections.add({ profile: 'a', region: 'us-west-2' });
    await connections.remove('a@us-west-2');
    assert.equal(changes, 2);
  });

  it('are opened once, closed, and opened anew', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    await Promise.all([connections.open('a@us-west-2'), connections.open('a@us-west-2')]);
    assert.equal(made.length, 1);
    assert.equal(made[0]?.profile, 'a');
    await connections.close('a@us-west-2');
    assert.equal(disposed, 1);
    await connections.open('a@us-west-2');
    assert.equal(made.length, 2);
  });

  it('keep what was opened anew when what was opened before fails late', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    let fail: (error: Error) => void = () => undefined;
    next = new Promise((_, reject) => (fail = reject));
    const before = connections.open('a@us-west-2');
    next = undefined;
    const closing = connections.close('a@us-west-2');
    const after = await connections.open('a@us-west-2');
    fail(new Error('late'));
    await assert.rejects(before, /late/);
    await closing;
    assert.equal(await connections.open('a@us-west-2'), after);
    assert.equal(made.length, 2);
  });

  it('are gone from the list at once when they are removed, even while they are being opened', async () => {
    await connections.add({ profile: 'a', region: 'us-west-2' });
    const removed: string[] = [];
    connections.onDidRemove((id) => removed.push(id));
    next = new Promise(() => undefined);
    void connections.open('a@us-west-2');
    void connections.remove('a@us-west-2');
    await until('an empty list', () => connections.list().length === 0 && removed.length === 1);
    assert.deepEqual(removed, ['a@us-west-2']);
  });

  it('ask for their one-time codes one after the other', async () => {
    const person = new Person();
    person.arrive();
    try {
      for (const profile of ['a', 'b']) await connections.add({ profile, region: 'us-west-2' });
      await Promise.all(['a@us-west-2', 'b@us-west-2'].map((id) => connections.open(id)));
      const codes = made.map(async ({ mfaCode }, i) => mfaCode?.(`mfa-${i}`));
      await person.answer('Code of the MFA device mfa-0', '111111');
      await person.answer('Code of the MFA device mfa-1', '222222');
      assert.deepEqual(await Promise.all(codes), ['111111', '222222']);
    } finally {
      person.leave();
    }
  });

  it('reach the sandbox as an endpoint like any other', async () => {
    await connections.open(SANDBOX_ID);
    assert.equal(made[0]?.endpoint, 'http://127.0.0.1:1');
  });

  it('that were removed cannot be opened', async () => {
    await assert.rejects(connections.open('gone@us-west-2'), /removed/);
  });

  it('are none when what was saved makes no sense', async () => {
    await state.update('connections', [{ id: 1 }]);
    assert.deepEqual(connections.list(), []);
  });
});

describe('Diagnose Network without a connection', () => {
  it('offers the regions to pick from', async () => {
    const person = new Person();
    person.arrive();
    try {
      const run = commandsOf(() =>
        registerNetworkReport(new Tasks(silentLog, vscode.Uri.file('/')), {
          connections: { usable: [] } as unknown as Connections,
          backend: () => assert.fail('nothing is looked at before the answer'),
          storage: vscode.Uri.file('/'),
        }),
      );
      const done = run('diagnoseNetwork');
      const asked = await person.question('AWS region');
      assert.ok(
        asked.rows.some(
          ({ label, description }) => label === 'eu-central-1' && description === 'Europe (Frankfurt)',
        ),
      );
      asked.leave();
      await done;
    } finally {
      person.leave();
    }
  });
});

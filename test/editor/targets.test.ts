import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FoundDeployment } from '../../src/cms/contract/generation.ts';
import { CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { Targets } from '../../src/editor/stacks/targets.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';

type Sources = ConstructorParameters<typeof Targets>[1];

const EXPIRED = new CmsError('CREDENTIALS_EXPIRED', l10n.verbatim('The session of a has expired.'));

describe('What a command is about', () => {
  const person = new Person();
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  /** Connections by what reading their stacks gives. */
  function targetsIn(accounts: Record<string, readonly string[] | Error>): Targets {
    const sources = {
      connections: { usable: Object.keys(accounts), labelOf: (id: string) => `account ${id}` },
      offer: { offer: () => Promise.resolve() },
      sessions: {
        find: (id: string) => {
          const found = accounts[id] ?? [];
          return found instanceof Error
            ? Promise.reject(found)
            : Promise.resolve(
                found.map((name) => ({ stack: { name }, state: { kind: 'ready' } }) as FoundDeployment),
              );
        },
      },
      signIns: {},
    } as unknown as Sources;
    return new Targets(new Tasks(silentLog, vscode.Uri.file('/extension')), sources);
  }

  it('is the only ready stack there is, also when another account cannot be read', async () => {
    const targets = targetsIn({ a: EXPIRED, b: ['cms-dev1'] });
    assert.deepEqual(await targets.stack(undefined), { connectionId: 'b', stack: 'cms-dev1' });
    assert.deepEqual(person.notices, []);
  });

  it('is picked in the order of the connections', async () => {
    const asked = targetsIn({ a: ['one'], b: EXPIRED, c: ['two', 'three'] }).stack(undefined);
    const { rows } = await person.question('Stack');
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['one', 'two', 'three'],
    );
    await person.pick('Stack', 'two');
    assert.deepEqual(await asked, { connectionId: 'c', stack: 'two' });
  });

  it('cannot be said while no account can be read, and the person learns why', async () => {
    assert.equal(await targetsIn({ a: EXPIRED, b: [] }).stack(undefined), undefined);
    await person.told('The session of a has expired.');
  });

  it('is nothing, and is said, on a connection without a ready stack', async () => {
    assert.equal(await targetsIn({ a: [] }).stackOf('a'), undefined);
    assert.equal(await person.told('no ready stack'), 'There is no ready stack on account a.');
  });
});

import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { l10n } from '../../../../src/core/message.ts';
import { Passwords } from '../../../../src/editor/stacks/passwords.ts';

const NEED = { kind: 'password', realm: 'pool', label: l10n.verbatim('-') } as const;

describe('Passwords', () => {
  it('are known to be there by connection, until that is forgotten', async () => {
    const kept = new Map<string, unknown>();
    const passwords = new Passwords(
      {
        store: () => Promise.resolve(),
        delete: () => Promise.resolve(),
      } as unknown as vscode.SecretStorage,
      {
        get: (key: string, other: unknown) => kept.get(key) ?? other,
        update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
      } as unknown as vscode.Memento,
    );
    await passwords.save('a@us-west-2', NEED, { username: 'ann', password: 'p' });
    assert.deepEqual([passwords.has('a@us-west-2'), passwords.has('a@us-west')], [true, false]);
    await passwords.forgetConnection('a@us-west-2');
    assert.equal(passwords.has('a@us-west-2'), false);
  });
});

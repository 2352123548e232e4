import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { CmsDeployment } from '../../../../src/cms/deployment.ts';
import { Passwords } from '../../../../src/editor/stacks/passwords.ts';
import { Sessions } from '../../../../src/editor/stacks/sessions.ts';
import { until } from '../../../support/until.ts';

const REF = { connectionId: 'dev@us-west-2', stack: 'cms-dev1' };
const CANCELLED = { code: 'CANCELLED' };
const never = (): AbortSignal => new AbortController().signal;

/** A call that the test lets end. */
interface Call<T> {
  signal: AbortSignal;
  resolve(value: T): void;
  reject(error: Error): void;
}

function world() {
  const values = new Map<string, string>();
  const secrets = {
    get: (key: string) => Promise.resolve(values.get(key)),
    store: (key: string, value: string) => Promise.resolve(void values.set(key, value)),
    delete: (key: string) => Promise.resolve(void values.delete(key)),
  } as unknown as vscode.SecretStorage;
  const memento = {
    get: (_key: string, fallback: unknown) => fallback,
    update: () => Promise.resolve(),
  } as unknown as vscode.Memento;
  const passwords = new Passwords(secrets, memento);
  const opens: Call<CmsDeployment>[] = [];
  const signIns: Call<void>[] = [];
  const call =
    <T>(calls: Call<T>[]) =>
    (signal: AbortSignal): Promise<T> =>
      new Promise((resolve, reject) => {
        calls.push({ signal, resolve, reject });
      });
  const opening = call(opens);
  const signingIn = call(signIns);
  const deployment = {
    signIn: (_who: unknown, _options: unknown, signal: AbortSignal) => signingIn(signal),
  } as unknown as CmsDeployment;
  const sessions = new Sessions(
    {
      open: () => Promise.resolve({} as never),
      onDidRemove: () => undefined as never,
    },
    passwords,
    (() => ({
      openDeployment: (_connection: unknown, _which: unknown, signal: AbortSignal) => opening(signal),
    })) as unknown as ConstructorParameters<typeof Sessions>[2],
  );
  return { sessions, passwords, opens, signIns, deployment };
}

describe('The sessions of a window', () => {
  it('go on opening for the others when the one who asked first leaves', async () => {
    const { sessions, opens, deployment } = world();
    const row = new AbortController();
    const first = sessions.open(REF, row.signal);
    const second = sessions.open(REF, never());
    const call = await until('the call', () => opens[0]);
    row.abort();
    await assert.rejects(first, CANCELLED);
    assert.equal(call.signal.aborted, false);
    call.resolve(deployment);
    assert.equal(await second, deployment);
    assert.equal(opens.length, 1);
  });

  it('go on signing in for the others when the one who asked first leaves', async () => {
    const { sessions, passwords, opens, signIns, deployment } = world();
    await passwords.save(REF.connectionId, REF.stack, { username: 'u', password: 'p' });
    const row = new AbortController();
    const first = sessions.open(REF, row.signal);
    const second = sessions.open(REF, never());
    (await until('the call', () => opens[0])).resolve(deployment);
    const signIn = await until('the sign-in', () => signIns[0]);
    row.abort();
    await assert.rejects(first, CANCELLED);
    signIn.resolve();
    assert.equal(await second, deployment);
    assert.equal(signIns.length, 1);
  });

  it('sign in again after a sign-in that failed', async () => {
    const { sessions, passwords, opens, signIns, deployment } = world();
    await passwords.save(REF.connectionId, REF.stack, { username: 'u', password: 'p' });
    const first = sessions.open(REF, never());
    (await until('the call', () => opens[0])).resolve(deployment);
    (await until('the sign-in', () => signIns[0])).reject(new Error('no'));
    await assert.rejects(first, /no/);
    const second = sessions.open(REF, never());
    (await until('another sign-in', () => signIns[1])).resolve();
    assert.equal(await second, deployment);
  });

  it('keep what was opened after a refresh when what was opened before it fails late', async () => {
    const { sessions, opens, deployment } = world();
    const before = sessions.open(REF, never());
    const old = await until('the call', () => opens[0]);
    sessions.drop();
    const after = sessions.open(REF, never());
    const now = await until('another call', () => opens[1]);
    old.reject(new Error('late'));
    await assert.rejects(before, /late/);
    now.resolve(deployment);
    assert.equal(await after, deployment);
    assert.equal(await sessions.open(REF, never()), deployment);
    assert.equal(opens.length, 2);
  });

  it('end what is being opened when nobody waits for it and it is dropped', async () => {
    const { sessions, opens } = world();
    const row = new AbortController();
    const read = sessions.open(REF, row.signal);
    const call = await until('the call', () => opens[0]);
    row.abort();
    await assert.rejects(read, CANCELLED);
    assert.equal(call.signal.aborted, false);
    sessions.drop();
    assert.equal(call.signal.aborted, true);
  });
});

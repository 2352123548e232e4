import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { Credentials, IssuerNeed, PasswordNeed } from '../../../../src/cms/contract/credentials.ts';
import type { Deployment } from '../../../../src/cms/contract/deployment.ts';
import { l10n } from '../../../../src/core/message.ts';
import { Passwords } from '../../../../src/editor/stacks/passwords.ts';
import { Sessions } from '../../../../src/editor/stacks/sessions.ts';
import { until } from '../../../support/until.ts';

const REF = { connectionId: 'dev@us-west-2', stack: 'cms-dev1' };
const NEED: PasswordNeed = { kind: 'password', realm: REF.stack, label: l10n.verbatim('user') };
const TOKEN: IssuerNeed = {
  kind: 'issuer',
  issuer: 'https://issuer.example/a',
  label: l10n.verbatim('token'),
};
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
  const opens: Call<Deployment>[] = [];
  const signIns: Call<void>[] = [];
  const call =
    <T>(calls: Call<T>[]) =>
    (signal: AbortSignal): Promise<T> =>
      new Promise((resolve, reject) => {
        calls.push({ signal, resolve, reject });
      });
  const opening = call(opens);
  const signingIn = call(signIns);
  const given: Credentials[] = [];
  const deployment = {
    signIn: (_need: unknown, signal: AbortSignal) => signingIn(signal),
  } as unknown as Deployment;
  const sessions = new Sessions(
    {
      open: () => Promise.resolve({} as never),
      onDidRemove: () => undefined as never,
    },
    passwords,
    (() => ({
      openDeployment: (_connection: unknown, _which: unknown, who: Credentials, signal: AbortSignal) => {
        given.push(who);
        return opening(signal);
      },
    })) as unknown as ConstructorParameters<typeof Sessions>[2],
  );
  return { sessions, passwords, opens, signIns, given, deployment };
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

  it('give a deployment who is saved for its realm, and nobody where nobody is', async () => {
    const { sessions, passwords, opens, given } = world();
    await passwords.save(REF.connectionId, NEED, { username: 'u', password: 'p' });
    void sessions.open(REF, never()).catch(() => undefined);
    await until('the call', () => opens[0]);
    const who = await given[0]?.password(NEED, never());
    assert.deepEqual([who?.username, who?.password], ['u', 'p']);
    const other = given[0]?.password({ ...NEED, realm: 'other' }, never());
    await assert.rejects(other!, { code: 'CMS_UNAUTHORIZED' });
    assert.deepEqual(
      [await sessions.has(REF, NEED), await sessions.has(REF, { ...NEED, realm: 'other' })],
      [true, false],
    );
    assert.equal(await sessions.has(REF, { kind: 'iam' }), true);
  });

  it('give a token to its issuer alone, and keep it once it has worked', async () => {
    const { sessions, opens, signIns, given, deployment } = world();
    const other = { ...TOKEN, issuer: 'https://issuer.example/b' };
    const first = sessions.signIn(REF, TOKEN, { token: 'wrong' }, never());
    (await until('the call', () => opens[0])).resolve(deployment);
    (await until('the sign-in', () => signIns[0])).reject(new Error('no'));
    await assert.rejects(first, /no/);
    assert.equal(await sessions.has(REF, TOKEN), false);
    const second = sessions.signIn(REF, TOKEN, { token: 't' }, never());
    (await until('another sign-in', () => signIns[1])).resolve();
    await second;
    assert.deepEqual([await sessions.has(REF, TOKEN), await sessions.has(REF, other)], [true, false]);
    assert.equal(await given[0]?.token(TOKEN, never()), 't');
    await assert.rejects(given[0]!.token(other, never()), {
      code: 'CMS_UNAUTHORIZED',
      details: { need: 'issuer https://issuer.example/b' },
    });
    sessions.drop();
    void sessions.open(REF, never()).catch(() => undefined);
    assert.equal(await (await until('what is saved', () => given[1])).token(TOKEN, never()), 't');
  });

  it('forget a token that was refused, also to a row, and a password only when work found it wrong', async () => {
    const { sessions, passwords, opens, given } = world();
    await passwords.save(REF.connectionId, TOKEN, { token: 'token-of-yesterday' });
    await passwords.save(REF.connectionId, NEED, { username: 'u', password: 'p' });
    const row = async () => {
      void sessions.open(REF, never()).catch(() => undefined);
      return until('the call of a row', () => given.at(-1));
    };
    let credentials = await row();
    await credentials.password(NEED, never());
    await credentials.refused?.(NEED);
    await credentials.token(TOKEN, never());
    await credentials.refused?.(TOKEN);
    assert.deepEqual([await sessions.has(REF, NEED), await sessions.has(REF, TOKEN)], [true, false]);

    sessions.give(REF, NEED, { username: 'u', password: 'mistyped' });
    void sessions.openAnew(REF, never()).catch(() => undefined);
    await until('the call of the work', () => opens[1]);
    credentials = given.at(-1)!;
    await credentials.password(NEED, never());
    await credentials.refused?.(NEED);
    assert.deepEqual(await sessions.saved(REF, NEED), { username: 'u', password: 'p' });
    sessions.takeBack(REF, NEED);
    await credentials.password(NEED, never());
    await credentials.refused?.(NEED);
    assert.equal(await sessions.has(REF, NEED), false);
  });

  it('keep a sign-in only once it has worked', async () => {
    const { sessions, opens, signIns, deployment } = world();
    const first = sessions.signIn(REF, NEED, { username: 'u', password: 'wrong' }, never());
    (await until('the call', () => opens[0])).resolve(deployment);
    (await until('the sign-in', () => signIns[0])).reject(new Error('no'));
    await assert.rejects(first, /no/);
    assert.equal(await sessions.has(REF, NEED), false);
    const second = sessions.signIn(REF, NEED, { username: 'u', password: 'p' }, never());
    (await until('another sign-in', () => signIns[1])).resolve();
    await second;
    assert.deepEqual(await sessions.saved(REF, NEED), { username: 'u', password: 'p' });
  });

  it('try what was given in the work that a person asked for, and not in rows', async () => {
    const { sessions, opens, given } = world();
    void sessions.open(REF, never()).catch(() => undefined);
    await until('the call of a row', () => opens[0]);
    sessions.give(REF, NEED, { username: 'u', password: 'p', newPassword: () => Promise.resolve('n') });
    void sessions.openAnew(REF, never()).catch(() => undefined);
    await until('the call of the work', () => opens[1]);
    const [row, work] = given;
    assert.equal((await work?.password(NEED, never()))?.password, 'p');
    await assert.rejects(row!.password(NEED, never()), { code: 'CMS_UNAUTHORIZED' });
    assert.equal(await sessions.has(REF, NEED), false);

    await sessions.rememberGiven(REF, NEED);
    assert.deepEqual(await row?.password(NEED, never()), { username: 'u', password: 'p' });
    assert.deepEqual(await sessions.saved(REF, NEED), { username: 'u', password: 'p' });
    assert.equal(sessions.takeBack(REF, NEED), undefined);
  });

  it('give back what was not proven, with the password that replaced a temporary one', async () => {
    const { sessions, opens, given } = world();
    sessions.give(REF, NEED, { username: 'u', password: 'p', newPassword: () => Promise.resolve('n') });
    void sessions.openAnew(REF, never()).catch(() => undefined);
    await until('the calls', () => opens[1]);
    const who = await given.at(-1)?.password(NEED, never());
    assert.equal(await who?.newPassword?.(), 'n');
    const tried = sessions.takeBack(REF, NEED);
    assert.ok(tried !== undefined && 'password' in tried);
    assert.deepEqual([tried.username, tried.password], ['u', 'n']);
    await who?.newPassword?.();
    assert.equal(sessions.takeBack(REF, NEED), undefined);
    assert.equal(await sessions.has(REF, NEED), false);
  });

  it('ask nobody for a new password in rows once a sign-in has worked', async () => {
    const { sessions, opens, signIns, given, deployment } = world();
    const newPassword = () => Promise.resolve('n');
    const signingIn = sessions.signIn(REF, NEED, { username: 'u', password: 'p', newPassword }, never());
    (await until('the call', () => opens[0])).resolve(deployment);
    const call = await until('the sign-in', () => signIns[0]);
    await (await given[0]?.password(NEED, never()))?.newPassword?.();
    call.resolve();
    await signingIn;
    assert.deepEqual(await given[0]?.password(NEED, never()), { username: 'u', password: 'n' });
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

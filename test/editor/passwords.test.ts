import assert from 'node:assert/strict';
import { Passwords } from '../../src/editor/stacks/passwords.ts';
import { MemoryMemento, MemorySecrets } from '../support/editor/memory.ts';

const SIGN_IN = { username: 'testCMSUser1', password: 'Secret-pass1!' };

describe('saved passwords', () => {
  let secrets: MemorySecrets;
  let state: MemoryMemento;
  let passwords: Passwords;

  beforeEach(() => {
    secrets = new MemorySecrets();
    state = new MemoryMemento();
    passwords = new Passwords(secrets, state);
  });

  it('are in the secret storage and nowhere else', async () => {
    await passwords.save('dev@us-west-2', 'cms-dev1', SIGN_IN);
    assert.deepEqual(await passwords.get('dev@us-west-2', 'cms-dev1'), SIGN_IN);
    assert.ok(!JSON.stringify([...state.values]).includes(SIGN_IN.password));
    assert.ok([...secrets.values.values()].some((value) => value.includes(SIGN_IN.password)));
  });

  it('belong to one stack of one connection', async () => {
    await passwords.save('dev@us-west-2', 'cms-dev1', SIGN_IN);
    assert.equal(await passwords.get('dev@us-west-2', 'cms-dev2'), undefined);
    assert.equal(await passwords.get('dev@eu-west-1', 'cms-dev1'), undefined);
  });

  it('are forgotten all at once', async () => {
    await passwords.save('a', 'one', SIGN_IN);
    await passwords.save('b', 'two', SIGN_IN);
    assert.equal(await passwords.forgetAll(), 2);
    assert.equal(secrets.values.size, 0);
    assert.equal(await passwords.forgetAll(), 0);
  });

  it('are forgotten with their connection, and with it only', async () => {
    await passwords.save('sandbox', 'one', SIGN_IN);
    await passwords.save('sandbox', 'two', SIGN_IN);
    await passwords.save('dev/x@eu-west-1', 'one', SIGN_IN);
    await passwords.forgetConnection('sandbox');
    assert.equal(await passwords.get('sandbox', 'one'), undefined);
    assert.equal(await passwords.get('sandbox', 'two'), undefined);
    assert.deepEqual(await passwords.get('dev/x@eu-west-1', 'one'), SIGN_IN);
  });

  it('that cannot be read count as none', async () => {
    await passwords.save('a', 'one', SIGN_IN);
    for (const key of secrets.values.keys()) secrets.values.set(key, '{"username":1}');
    assert.equal(await passwords.get('a', 'one'), undefined);
    for (const key of secrets.values.keys()) secrets.values.set(key, 'nonsense');
    assert.equal(await passwords.get('a', 'one'), undefined);
  });
});

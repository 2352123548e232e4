import assert from 'node:assert/strict';
import type { GivenNeed } from '../../src/cms/contract/credentials.ts';
import { l10n } from '../../src/core/message.ts';
import { Passwords } from '../../src/editor/stacks/passwords.ts';
import { askNewPassword } from '../../src/editor/stacks/signIn.ts';
import { Person } from '../support/editor/person.ts';
import { MemoryMemento, MemorySecrets } from '../support/editor/memory.ts';

const label = l10n.verbatim('-');
const inRealm = (realm: string): GivenNeed => ({ kind: 'password', realm, label });
const ofIssuer = (issuer: string): GivenNeed => ({ kind: 'issuer', issuer, label });
const SIGN_IN = { username: 'testCMSUser1', password: 'Secret-pass1!' };

describe('A new permanent password', () => {
  const person = new Person();
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  it('is checked against the rules of the user pool in its step, which says them', async () => {
    const rules = {
      needs: l10n.verbatim('at least 8 characters'),
      problem: (password: string) => (password.length < 8 ? l10n.verbatim('Too short.') : undefined),
    };
    const chosen = askNewPassword('ann', () => Promise.resolve(rules));
    const asked = await person.question('it needs at least 8 characters');
    assert.equal(asked.password, true);
    await asked.type('');
    assert.equal(asked.problem, 'This cannot be empty');
    await asked.type('short');
    assert.equal(asked.problem, 'Too short.');
    await asked.type('Testing1234!');
    assert.equal(asked.problem, undefined);
    asked.accept();
    assert.equal(await chosen, 'Testing1234!');
  });

  it('is asked for where the rules cannot be read, too, and is not set when the person leaves', async () => {
    const chosen = askNewPassword('ann', () => Promise.resolve(undefined));
    (await person.question('choose a permanent one')).leave();
    await assert.rejects(chosen, { code: 'CANCELLED' });
  });
});

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
    await passwords.save('dev@us-west-2', inRealm('cms-dev1'), SIGN_IN);
    assert.deepEqual(await passwords.get('dev@us-west-2', inRealm('cms-dev1')), SIGN_IN);
    assert.ok(!JSON.stringify([...state.values]).includes(SIGN_IN.password));
    assert.ok([...secrets.values.values()].some((value) => value.includes(SIGN_IN.password)));
  });

  it('belong to one stack of one connection', async () => {
    await passwords.save('dev@us-west-2', inRealm('cms-dev1'), SIGN_IN);
    assert.equal(await passwords.get('dev@us-west-2', inRealm('cms-dev2')), undefined);
    assert.equal(await passwords.get('dev@eu-west-1', inRealm('cms-dev1')), undefined);
  });

  it('are forgotten all at once', async () => {
    await passwords.save('a', inRealm('one'), SIGN_IN);
    await passwords.save('b', inRealm('two'), SIGN_IN);
    assert.equal(await passwords.forgetAll(), 2);
    assert.equal(secrets.values.size, 0);
    assert.equal(await passwords.forgetAll(), 0);
  });

  it('are forgotten with their connection, and with it only', async () => {
    await passwords.save('sandbox', inRealm('one'), SIGN_IN);
    await passwords.save('sandbox', inRealm('two'), SIGN_IN);
    await passwords.save('dev/x@eu-west-1', inRealm('one'), SIGN_IN);
    await passwords.forgetConnection('sandbox');
    assert.equal(await passwords.get('sandbox', inRealm('one')), undefined);
    assert.equal(await passwords.get('sandbox', inRealm('two')), undefined);
    assert.deepEqual(await passwords.get('dev/x@eu-west-1', inRealm('one')), SIGN_IN);
  });

  it('that cannot be read count as none', async () => {
    await passwords.save('a', inRealm('one'), SIGN_IN);
    for (const key of secrets.values.keys()) secrets.values.set(key, '{"username":1}');
    assert.equal(await passwords.get('a', inRealm('one')), undefined);
    for (const key of secrets.values.keys()) secrets.values.set(key, 'nonsense');
    assert.equal(await passwords.get('a', inRealm('one')), undefined);
  });

  it('go with their connection whatever realms and issuers are called', async () => {
    const issuer = ofIssuer('https://issuer.example/a/b');
    await passwords.save('dev', inRealm('made-up-1/depots'), SIGN_IN);
    await passwords.save('dev', issuer, { token: 't' });
    await passwords.save('other', issuer, { token: 'u' });
    assert.deepEqual(await passwords.get('dev', issuer), { token: 't' });
    await passwords.forgetConnection('dev');
    assert.equal(await passwords.get('dev', inRealm('made-up-1/depots')), undefined);
    assert.equal(await passwords.get('dev', issuer), undefined);
    assert.deepEqual(await passwords.get('other', issuer), { token: 'u' });
    assert.equal(secrets.values.size, 1);
  });

  it('are found that an earlier version kept', async () => {
    secrets.values.set('sign-in/dev%40us-west-2/cms-dev1', JSON.stringify(SIGN_IN));
    assert.deepEqual(await passwords.get('dev@us-west-2', inRealm('cms-dev1')), SIGN_IN);
  });

  it('are kept with their user names and nothing else', async () => {
    const newPassword = () => Promise.resolve('n');
    await passwords.save('dev', inRealm('r'), { ...SIGN_IN, email: 'e', newPassword });
    assert.deepEqual(
      [...secrets.values.values()].map((value) => JSON.parse(value) as unknown),
      [SIGN_IN],
    );
  });
});

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { newCaPassphraseOf, tokenOf, typedSignIn } from '../../../src/cli/password.ts';
import { l10n } from '../../../src/core/message.ts';
import { until } from '../../support/until.ts';

const { signal } = new AbortController();

describe('What is asked in a terminal @slow', () => {
  const before = { stdin: process.stdin, stderr: process.stderr };
  let keys: PassThrough;
  let shown: string;
  const replace = (name: 'stdin' | 'stderr', value: unknown): void => {
    Object.defineProperty(process, name, { value, configurable: true });
  };
  beforeEach(() => {
    keys = Object.assign(new PassThrough(), { isTTY: true });
    shown = '';
    const screen = new PassThrough();
    screen.on('data', (text: Buffer) => (shown += text.toString()));
    replace('stdin', keys);
    replace('stderr', screen);
  });
  afterEach(() => {
    replace('stdin', before.stdin);
    replace('stderr', before.stderr);
  });
  const answer = async (question: string, text: string): Promise<void> => {
    await until(question, () =>
      shown.endsWith(question) || shown.includes(`${question}\u001b`) ? true : undefined,
    );
    keys.write(`${text}\n`);
  };

  it('at the same time is asked one after the other, and a line of progress ends before each', async () => {
    let quiet = 0;
    const one = typedSignIn(l10n.verbatim('User of A'), signal, () => {
      quiet += 1;
    });
    const other = tokenOf(l10n.verbatim('Token of B'), false, signal);
    await answer('User of A: ', 'eva');
    await answer('Password of eva: ', 'secret-of-eva');
    await answer('Token of B: ', 'token-of-b');
    const { username, password, newPassword } = await one;
    assert.deepEqual([username, password, await other], ['eva', 'secret-of-eva', 'token-of-b']);
    assert.equal(quiet, 1);
    const changed = newPassword?.();
    assert.equal(quiet, 2);
    await answer('New password of eva: ', 'next-of-eva');
    assert.equal(await changed, 'next-of-eva');
  });

  it('for a passphrase of a CA is typed twice, the same and not too short', async () => {
    const [first, again] = ['New passphrase of the CA: ', 'Type the passphrase again: '];
    const same = newCaPassphraseOf(signal);
    await answer(first, 'Wq4-typed-once');
    await answer(again, 'Wq4-typed-once');
    assert.equal(await same, 'Wq4-typed-once');
    shown = '';
    const other = newCaPassphraseOf(signal);
    await answer(first, 'Wq4-typed-once');
    await answer(again, 'Wq4-typed-twice');
    await assert.rejects(other, { code: 'REQUEST_INVALID', message: 'The two passphrases differ.' });
    shown = '';
    const short = newCaPassphraseOf(signal);
    await answer(first, 'Wq4-sho');
    await assert.rejects(short, {
      code: 'REQUEST_INVALID',
      message: 'The passphrase of the CA is too short.',
    });
  });

  it('for a user takes no empty name', async () => {
    const nobody = typedSignIn(l10n.verbatim('User of A'), signal);
    await answer('User of A: ', ' ');
    await assert.rejects(nobody, { code: 'REQUEST_INVALID' });
  });
});

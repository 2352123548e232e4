import assert from 'node:assert/strict';
import { Command } from 'commander';
import { addCaRegister } from '../../../src/cli/caRegister.ts';
import { GENERATIONS } from '../../../src/cms/generations.ts';

/** What commander says before anything is done. */
function refusalOf(...args: string[]): string {
  let said = '';
  const program = new Command().exitOverride();
  const ca = program.command('ca').exitOverride();
  addCaRegister(ca, GENERATIONS);
  for (const command of ca.commands)
    command.exitOverride().configureOutput({ writeErr: (text) => (said += text) });
  assert.throws(() => program.parse(['ca', 'register', ...args], { from: 'user' }));
  return said;
}

describe('ca register', () => {
  it('needs a way in which vehicles come in, or to be told that it is SNI_ONLY', () => {
    assert.match(refusalOf(), /specify '--provisioner jitp', '--provisioner jitr' or '--sni-only'/);
  });

  it('refuses with --sni-only what only a CA with proof of its key can do', () => {
    for (const other of [
      ['--provisioner', 'jitp'],
      ['--template-name', 'T'],
      ['--verification', 'proof.pem'],
    ]) {
      assert.match(refusalOf('--sni-only', ...other), /'--sni-only' cannot be used with/, other[0]);
    }
  });
});

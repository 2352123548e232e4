import assert from 'node:assert/strict';
import { Command } from 'commander';
import { partsOf, withStack } from '../../../src/cli/options.ts';
import { createProgram } from '../../../src/cli/main.ts';
import { signInOptionsOf, withSignInOptions } from '../../../src/cli/signInOptions.ts';
import { cdf } from '../../../src/cms/cdf/generation.ts';
import type { Generation } from '../../../src/cms/contract/generation.ts';
import { fields, madeUp } from '../../support/madeUp/generation.ts';

/** The made-up generation, whose people sign in at a gate. */
const gated: Generation = {
  ...madeUp,
  onboarding: {
    ...fields,
    signIn: {
      field: 'depot',
      problem: () => undefined,
      options: [
        { name: 'theGate', value: 'side', description: 'where they come in', values: ['north', 'south'] },
      ],
    },
  },
};

const longs = (command: Command) => command.options.map(({ long }) => long);

describe('The options that belong to a generation', () => {
  it('are there with it, and gone without it', async () => {
    const helpOf = async (name: string, ...generations: Generation[]) => {
      const [command] = (await createProgram(name, generations)).commands;
      return command?.helpInformation() ?? '';
    };
    for (const name of ['onboard', 'watch', 'simulate', 'vehicles', 'doctor', 'job', 'dtc', 'offboard']) {
      const own = await helpOf(name, gated);
      assert.match(own, /--tower <name> +stack of the tower/, name);
      assert.doesNotMatch(own, /--core|CDF|--sign-in-mode/, name);
      assert.match(await helpOf(name, cdf), /--core <name>\s+CDF core stack of CMS v1/, name);
    }
    assert.match(
      await helpOf('onboard', gated),
      /--the-gate <side> +where they come in \(default: "north"\)/,
    );
    assert.match(await helpOf('onboard', cdf), /--sign-in-mode <mode>.*\(default:\s+"admin"\)/s);
  });

  it('are one where two generations have the same', () => {
    const command = withStack(new Command(), [cdf, { ...cdf, id: 'other' }, madeUp]);
    assert.deepEqual(longs(command), ['--deployment', '--stack', '--core', '--tower']);
    const signIn = new Command();
    withSignInOptions(signIn, [cdf, { ...cdf, id: 'other' }, gated]);
    assert.deepEqual(longs(signIn), ['--sign-in-mode', '--the-gate']);
  });

  it('are read as what they name', () => {
    const command = withStack(new Command(), [cdf, madeUp]);
    const flags = command.parse(['--core', 'a', '--stack', 'b'], { from: 'user' }).opts();
    assert.deepEqual(partsOf(flags, [cdf, madeUp]), { core: 'a' });
    assert.deepEqual(partsOf(flags, [madeUp]), {});
  });

  it('of signing in have their values, the first of which nobody has to say', () => {
    const { onboarding = fields } = gated;
    assert.deepEqual(signInOptionsOf(onboarding, {}), { theGate: 'north' });
    assert.deepEqual(signInOptionsOf(onboarding, { theGate: 'south' }), { theGate: 'south' });
    assert.throws(() => signInOptionsOf(onboarding, { theGate: 'west' }), {
      code: 'REQUEST_INVALID',
      message: '--the-gate must be "north" or "south".',
    });
    assert.deepEqual(signInOptionsOf(fields, { signInMode: 'admin' }), {});
  });
});

import assert from 'node:assert/strict';
import { Command } from 'commander';
import { addOffboard } from '../../../src/cli/offboard.ts';
import { cdf } from '../../../src/cms/cdf/generation.ts';

describe('The options of offboarding', () => {
  it('are one flag where several generations have the same one', () => {
    const other = {
      ...cdf,
      id: 'other',
      offboarding: [
        { name: 'removeUser', description: 'also remove its user' },
        { name: 'removeTag', description: 'also remove this tag' },
      ],
    };
    const program = new Command();
    addOffboard(program, [cdf, other]);
    const options = program.commands[0]?.options ?? [];
    const described = (long: string) =>
      options.filter((option) => option.long === long).map(({ description }) => description);
    assert.deepEqual(described('--remove-user'), ['also remove this CMS user']);
    assert.deepEqual(described('--remove-tag'), ['also remove this tag']);
  });
});

import assert from 'node:assert/strict';
import { createProgram } from '../../../src/cli/main.ts';
import { createOverview } from '../../../src/cli/overview.ts';

describe('The help of the program', () => {
  it('says of each command what the command says, although it loads none', async () => {
    const whole = await createProgram();
    const overview = createOverview();
    assert.equal(overview.helpInformation(), whole.helpInformation());
    assert.ok(overview.commands.every((command) => command.options.length === 0));
  });
});

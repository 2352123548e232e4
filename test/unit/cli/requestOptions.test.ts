import assert from 'node:assert/strict';
import { Command } from 'commander';
import { requestOf, withRequest } from '../../../src/cli/requestOptions.ts';
import { cdf } from '../../../src/cms/cdf/generation.ts';
import { vehicleRequestSchema } from '../../../src/cms/cdf/onboarding/request.ts';

function parsed(...args: string[]): Record<string, unknown> {
  const command = withRequest(new Command()).exitOverride();
  return requestOf(command.parse(args, { from: 'user' }).opts());
}

describe('The options of a request', () => {
  it('are one for each field of its schema', () => {
    const command = withRequest(new Command(), undefined, [cdf]);
    assert.deepEqual(
      command.options.map((option) => option.attributeName()).sort(),
      Object.keys(vehicleRequestSchema.shape).sort(),
    );
    assert.ok(command.options.every((option) => option.long !== '--password'));
  });

  it('each say what they are, and which of them are required', () => {
    for (const { flags, description } of withRequest(new Command()).options)
      assert.match(description, /^[a-z].{3,}|^(?:CMS|E-mail|PEM|17) /, flags);
    const { options } = withRequest(new Command(), ['vin', 'make']);
    assert.deepEqual(
      options.map(({ description }) => description.endsWith('; required')),
      [true, false],
    );
  });

  it('are only the named ones when some are named', () => {
    const command = withRequest(new Command(), ['vin', 'keys']);
    assert.deepEqual(
      command.options.map((option) => option.long),
      ['--vin', '--keys'],
    );
  });

  it('give numbers as numbers, and leave what is no number to the check', () => {
    assert.deepEqual(parsed('--model-year', '2024', '--latitude=-3.5', '--longitude', 'west'), {
      modelYear: 2024,
      latitude: -3.5,
      longitude: 'west',
    });
  });

  it('take the words the product’s ancestor used', () => {
    assert.deepEqual(
      parsed(
        '--vin=V',
        '--first-name=Test',
        '--last-name=User',
        '--username=testCMSUser1',
        '--no-keep-claim-files',
      ),
      { vin: 'V', firstName: 'Test', lastName: 'User', username: 'testCMSUser1', keepClaimFiles: false },
    );
  });

  it('leave out what was not said', () => {
    assert.deepEqual(parsed(), {});
  });
});

import assert from 'node:assert/strict';
import { createCommand, parseOptions } from '../../../src/sandbox/options.ts';
import { StartError } from '../../../src/sandbox/kernel/startError.ts';

describe('the arguments of the sandbox', () => {
  it('have defaults that work', () => {
    const { config, readyFile, exitWithParent } = parseOptions([]);
    assert.deepEqual(config, {
      httpPort: 4566,
      mqttPort: 8883,
      stateFolder: undefined,
      stacks: [{ name: 'cms-dev1', core: 'cdf-core-development' }],
      region: 'us-west-2',
      accountId: '123456789012',
      limits: true,
      eventDelayMs: 3000,
      assetLibraryAuth: 'none',
    });
    assert.equal(readyFile, undefined);
    assert.equal(exitWithParent, false);
  });

  it('name several stacks, each with its core', () => {
    const { config } = parseOptions(['--stack', 'cms-a:cdf-core-a', '--stack', 'cms-b']);
    assert.deepEqual(config.stacks, [
      { name: 'cms-a', core: 'cdf-core-a' },
      { name: 'cms-b', core: 'cdf-core-development' },
    ]);
  });

  const wrong: [args: string[], text: RegExp][] = [
    [['--http-port', '70000'], /--http-port must be a whole number from 0 to 65535/],
    [['--http-port', '1e3'], /--http-port/],
    [['--mqtt-port', 'abc'], /--mqtt-port/],
    [['--stack', '../../etc'], /--stack/],
    [['--stack', 'a/b'], /--stack/],
    [['--stack', 'cms:..'], /--stack/],
    [['--stack', 'cms:cdf:x'], /--stack/],
    [['--stack', '1cms'], /--stack/],
    [['--stack', ''], /--stack/],
    [['--stack', 'a', '--stack', 'a:b'], /each CMS stack can be given once/],
    [['--stack', 'a:b', '--stack', 'b'], /cannot be a CMS stack and a CDF core stack/],
    [['--account-id', '12'], /twelve digits/],
    [['--region', 'mars'], /region/],
    [['--asset-library-auth', 'maybe'], /none or cognito/],
    [['--event-delay-ms', '-1'], /event-delay-ms/],
    [['--state', ''], /--state/],
    [['--log-level', 'loud'], /--log-level/],
    [['--frobnicate'], /frobnicate/],
    [['extra'], /extra/],
    [['--http-port'], /--http-port/],
    [['--stack'], /--stack/],
    [['--exit-when-idle-seconds', '0'], /from 1 to 86400/],
  ];
  for (const [args, text] of wrong) {
    it(`refuse ${args.join(' ')}`, () => {
      assert.throws(
        () => parseOptions(args),
        (error: unknown) =>
          error instanceof StartError && error.problem === 'bad-arguments' && text.test(error.message),
      );
    });
  }

  it('takes several stacks after one --stack, and the options that follow', () => {
    const { config } = parseOptions(['--stack', 'cms-a', 'cms-b:cdf-b', '--no-limits', '--stack', 'cms-c']);
    assert.deepEqual(
      config.stacks.map((stack) => stack.name),
      ['cms-a', 'cms-b', 'cms-c'],
    );
    assert.equal(config.limits, false);
  });

  it('refuses a word that belongs to no option', () => {
    assert.throws(() => parseOptions(['--no-limits', 'cms-a']), StartError);
  });

  it('are shown with their defaults by --help, also with others', () => {
    assert.equal(parseOptions([]).help, false);
    assert.equal(parseOptions(['--help']).help, true);
    assert.equal(parseOptions(['-h', '--no-limits']).help, true);
    const text = createCommand().helpInformation();
    assert.match(text, /--http-port <PORT> .*\(default: 4566\)/s);
    assert.match(text, /--stack <STACK\.\.\.> .*\(default:\s+cms-dev1:cdf-core-development\)/s);
  });

  it('reads how long it may be idle in seconds', () => {
    assert.equal(parseOptions(['--exit-when-idle-seconds', '60']).exitWhenIdleMs, 60_000);
    assert.equal(parseOptions([]).exitWhenIdleMs, undefined);
  });
});

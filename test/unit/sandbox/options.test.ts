import assert from 'node:assert/strict';
import { stacksOf } from '../../../src/sandbox/installations/cdf/spec.ts';
import { createCommand, parseOptions } from '../../../src/sandbox/options.ts';
import { StartError } from '../../../src/sandbox/kernel/startError.ts';

describe('the arguments of the sandbox', () => {
  it('have defaults that work', () => {
    const { config, installations, settings, readyFile, exitWithParent } = parseOptions([]);
    assert.deepEqual(config, {
      httpPort: 4566,
      mqttPort: 8883,
      stateFolder: undefined,
      region: 'us-west-2',
      accountId: '123456789012',
      limits: true,
      runFunctions: false,
      runJobs: false,
    });
    assert.deepEqual(installations, [{ kind: 'cdf', name: 'dev1', with: {} }]);
    assert.deepEqual(installations.map(stacksOf), [{ name: 'cms-dev1', core: 'cdf-core-development' }]);
    assert.deepEqual(settings, {
      cdf: { eventDelayMs: 3000, assetLibraryAuth: 'none' },
      'cm-guidance': {},
      'cms-on-aws': {},
    });
    assert.equal(readyFile, undefined);
    assert.equal(exitWithParent, false);
  });

  it('name several stacks, each with its core', () => {
    const { installations } = parseOptions(['--stack', 'cms-a:cdf-core-a', '--stack', 'cms-b']);
    assert.deepEqual(installations.map(stacksOf), [
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
    [['--install', 'dev1'], /is not of the form KIND:NAME/],
    [['--install', 'cdf:'], /is not of the form KIND:NAME/],
    [['--install', 'cdf:dev1,core'], /is not of the form KIND:NAME/],
    [['--install', 'cdf:dev1,core=a,core=b'], /says "core" twice/],
    [['--install', 'cdf:dev1,size=5'], /cdf has no "size", only stack= and core=/],
    [['--install', 'cdf:../../etc'], /a stack name is a letter/],
    [['--install', 'cdf:dev1,core=..'], /a stack name is a letter/],
    [['--install', 'dos:dev1'], /There is no kind of CMS named "dos". Known: cdf/],
    [['--install', 'cdf:dev1', 'cdf:dev1'], /each CMS stack can be given once/],
    [['--install', 'cdf:dev1', 'cdf:dev1,stack=x'], /cdf:dev1 can be given once/],
    [['--install', 'cdf:dev1', 'cdf:x,stack=cms-dev1'], /each CMS stack can be given once/],
    [['--install', 'cdf:dev1', '--stack', 'cms-dev1'], /each CMS stack can be given once/],
    [['--install', 'cdf:a', 'cdf:b,core=cms-a'], /cannot be a CMS stack and a CDF core stack/],
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
    const { config, installations } = parseOptions([
      ...['--stack', 'cms-a', 'cms-b:cdf-b', '--no-limits', '--stack', 'cms-c'],
    ]);
    assert.deepEqual(
      installations.map((spec) => stacksOf(spec).name),
      ['cms-a', 'cms-b', 'cms-c'],
    );
    assert.equal(config.limits, false);
  });

  it('install any number, each with what differs from the defaults', () => {
    const { installations } = parseOptions([
      '--install',
      'cdf:dev1',
      'cdf:dev2,core=cdf-core-dev2',
      '--install',
      'cdf:x,stack=my-cms',
    ]);
    assert.deepEqual(installations.map(stacksOf), [
      { name: 'cms-dev1', core: 'cdf-core-development' },
      { name: 'cms-dev2', core: 'cdf-core-dev2' },
      { name: 'my-cms', core: 'cdf-core-development' },
    ]);
  });

  it('mean the same by a stack and by an installation', () => {
    for (const [stack, installation] of [
      ['cms-dev1', 'cdf:dev1'],
      ['cms-dev1:core-x', 'cdf:dev1,core=core-x'],
      ['mine', 'cdf:mine,stack=mine'],
      ['cms-', 'cdf:cms-,stack=cms-'],
    ] as const) {
      assert.deepEqual(
        parseOptions(['--stack', stack]).installations,
        parseOptions(['--install', installation]).installations,
      );
    }
  });

  it('add installations to stacks, without the default', () => {
    const { installations } = parseOptions(['--stack', 'cms-a', '--install', 'cdf:b']);
    assert.deepEqual(
      installations.map(({ name }) => name),
      ['a', 'b'],
    );
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
    assert.match(text, /--install <INSTALLATION\.\.\.> .*\(cdf:dev1\)/s);
  });

  it('reads how long it may be idle in seconds', () => {
    assert.equal(parseOptions(['--exit-when-idle-seconds', '60']).exitWhenIdleMs, 60_000);
    assert.equal(parseOptions([]).exitWhenIdleMs, undefined);
  });
});

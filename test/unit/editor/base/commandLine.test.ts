import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createProgram } from '../../../../src/cli/main.ts';
import { type DriveFlags, driveOf } from '../../../../src/cli/simulationOptions.ts';
import { requestOf } from '../../../../src/cli/requestOptions.ts';
import { commandLine } from '../../../../src/editor/base/commandLine.ts';
import { onboardWords } from '../../../../src/editor/onboarding/onboardCommand.ts';
import { simulateWords } from '../../../../src/editor/simulations/driveCommand.ts';

const HARD = [
  "it's",
  '$HOME `id`',
  'a"b',
  '',
  'C:\\fleet\\certs',
  '%PATH%',
  'a,b',
  '@x',
  '*',
  '-',
  'ü ß',
  '\u2019; rm',
];

/** What our own command line makes of the words. */
async function parsed(words: readonly string[]): Promise<Record<string, unknown>> {
  const [name = ''] = words;
  const program = await createProgram(name);
  let flags: Record<string, unknown> = {};
  const command = program.commands.find((each) => each.name() === name);
  command?.exitOverride().action((options: Record<string, unknown>) => {
    flags = options;
  });
  await program.parseAsync([...words], { from: 'user' });
  return flags;
}

/** The words of a PowerShell line: in single quotes two of them are one, and so are the typographic ones. */
function powerShellWords(line: string): string[] {
  const words = [
    ...line.matchAll(/'((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)'|([^\s'"`$@(){};,|&<>#]+)/g),
  ];
  assert.equal(words.map(([whole]) => whole).join(' '), line);
  return words.map(([, quoted, plain = '']) => quoted?.replaceAll(/(['\u2018-\u201b])\1/g, '$1') ?? plain);
}

describe('a command line to paste', () => {
  it('brings each word through bash as it is @slow', () => {
    const line = commandLine(['printf', '%s\\0', ...HARD], 'posix');
    const out = execFileSync('bash', ['-c', line], { encoding: 'utf8' });
    assert.deepEqual(out.split('\0').slice(0, -1), HARD);
  });

  it('brings each word through PowerShell as it is', () => {
    assert.deepEqual(powerShellWords(commandLine(HARD, 'powershell')), HARD);
    assert.equal(
      commandLine(['cms-enablement', '--first-name', 'Eva'], 'powershell'),
      'cms-enablement --first-name Eva',
    );
  });

  it('onboards what the wizard would @slow', async () => {
    const fields = {
      ...{
        vin: 'LSH14J4C4LA046511',
        username: 'eva',
        firstName: "Ev'a",
        lastName: 'Ek',
        make: 'Acme',
        model: '',
      },
      ...{ modelYear: '2024', keys: 'csr-ec', supplier: 'GenericSupplierName' },
    };
    const words = onboardWords(
      fields,
      { make: 'Acme', supplier: 'GenericSupplierName' },
      {
        ...{ owner: 'eva', signsIn: 'operator', roleBoundary: 'arn:aws:iam::123456789012:policy/boundary' },
      },
    );
    const flags = await parsed(words);
    assert.deepEqual(requestOf(flags), {
      ...{
        vin: 'LSH14J4C4LA046511',
        username: 'eva',
        firstName: "Ev'a",
        lastName: 'Ek',
        modelYear: 2024,
        keys: 'csr-ec',
      },
    });
    assert.deepEqual(
      [flags.signInAs, flags.roleBoundary],
      ['operator', 'arn:aws:iam::123456789012:policy/boundary'],
    );
    const same = await parsed(onboardWords(fields, {}, { owner: 'eva', signsIn: 'eva' }));
    assert.equal(same.signInAs, undefined);
  });

  const drive = (answers: Record<string, string>, vins: string[], routes = 1) =>
    parsed(
      simulateWords({
        answers,
        choice: { file: { uri: { fsPath: '/fleet/my route.gpx' }, routes: Array.from({ length: routes }) } },
        asked: { chosen: vins.map((vin) => ({ vin, id: `${vin}-id` })) },
      }),
    );

  it('drives as the wizard would @slow', async () => {
    const flags = await drive(
      {
        ...{
          speed: '20',
          rate: '2.5',
          pace: 'points',
          end: 'ping-pong',
          events: '3:p0217, 5:braking',
          chance: 'oil:1',
        },
        ...{ powertrain: 'electric', jobs: 'no', minutes: '1.5', seed: '7', which: '1', record: 'yes' },
      },
      ['A', 'B'],
      3,
    );
    assert.deepEqual(driveOf(flags as unknown as DriveFlags), {
      ...{ rate: 2.5, speed: 20, pace: 'points', end: 'ping-pong', jobs: false, durationMs: 90_000 },
      events: [
        { at: 3000, kind: 'dtc', code: 'P0217' },
        { at: 5000, kind: 'braking' },
      ],
      eventRates: { 'oil-temperature': 1 },
    });
    const { vin, route, pick, seed, powertrain, spread, record } = flags;
    assert.deepEqual([vin, route, pick], [['A-id', 'B-id'], '/fleet/my route.gpx', '2']);
    assert.deepEqual([seed, powertrain, spread, record], [7, 'electric', true, 'recording.jsonl']);
  });

  it('says nothing of what is as usual @slow', async () => {
    const words = simulateWords({
      answers: {},
      choice: { file: { uri: { fsPath: 'r.gpx' }, routes: [1] } },
      asked: { chosen: [{ vin: 'A' }] },
    });
    assert.deepEqual(words, ['simulate', '--vin', 'A', '--route', 'r.gpx']);
    assert.equal((await drive({}, ['A'])).spread, undefined);
  });
});

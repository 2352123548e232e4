import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openDeployment } from '../../src/cms/open.ts';
import { TASKS } from '../../tools/iam/cdf/tasks.ts';
import { operationsOf } from '../../tools/iam/contract.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { connectTo, nobody } from '../support/cms.ts';
import type { IamDocument } from '../support/iamDocument.ts';
import { startIamGate, type IamGate } from '../support/iamGate.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';

const root = path.join(import.meta.dirname, '../..');
const VINS = ['LSH14J4C4LA046511', 'KL4CJHSB2DB198124', '1HGCM82633A004352', 'WVWZZZ1JZXW000001'] as const;
const [first, second, third, fourth] = VINS;
const owner = (name: string): string[] => ['--username', name, '--first-name', 'Test', '--last-name', 'User'];
const user = ['--username', 'testCMSUser1'];

/** Each command of the command line, run with the policies that docs/iam says are enough, and with no others. */
describe('the policies of docs/iam', function () {
  this.timeout(240_000);
  let sandbox: SandboxProcess;
  let gate: IamGate;
  let folder: string;
  let pool: string;

  before(async () => {
    sandbox = await startSandbox({ args: ['--event-delay-ms', '100', '--run-functions'] });
    gate = await startIamGate(sandbox);
    folder = await mkdtemp(path.join(os.tmpdir(), 'iam-test-'));
    const connection = await connectTo(sandbox);
    const { stack } = await openDeployment(connection, {}, nobody, new AbortController().signal);
    connection.dispose();
    pool = stack.outputs.UserPoolId ?? '';
    assert.match(pool, /^us-west-2_/);
  });
  after(async () => {
    await gate.close();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    AWS_ENDPOINT_URL: gate.endpoint,
    AWS_CA_BUNDLE: sandbox.caFile,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'test',
    CMS_PASSWORD: 'Testing1234',
  });
  const cli = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: folder, env: environment() });

  async function documentOf(name: string): Promise<IamDocument> {
    const text = await readFile(path.join(root, 'docs/iam', `${name}.json`), 'utf8');
    const filled = text
      .replaceAll('ACCOUNT_ID', '123456789012')
      .replaceAll('REGION', 'us-west-2')
      .replaceAll('USER_POOL_ID', pool);
    return JSON.parse(filled) as IamDocument;
  }

  /** Runs commands with the policies of some tasks; they need all of what `proved` always calls, and nothing else. */
  async function enough(names: string[], proved: string, ...commands: string[][]): Promise<void> {
    gate.enter(await Promise.all(names.map(documentOf)));
    for (const command of commands) {
      const { code, stderr } = await cli(...command);
      assert.equal(code, 0, `${command.join(' ')}\nrefused: ${gate.refused().join('; ')}\n${stderr}`);
    }
    seen(names, proved);
  }

  function seen(names: string[], proved: string): void {
    const called = gate.called();
    assert.deepEqual(gate.refused(), []);
    const named = TASKS.filter(({ name }) => names.includes(name)).flatMap(operationsOf);
    assert.deepEqual(
      called.filter((operation) => !named.includes(operation)),
      [],
      'calls that the policies do not know of',
    );
    const always = TASKS.find(({ name }) => name === proved)?.calls ?? [];
    assert.ok(always.length > 0);
    assert.deepEqual(
      always.filter((operation) => !called.includes(operation)),
      [],
      `${proved} allows what was never called`,
    );
  }

  it('refuse what they do not allow, and the message names the call', async () => {
    gate.enter([await documentOf('look')]);
    const { code, stderr } = await cli('onboard', '--vin', first, ...owner('testCMSUser1'));
    assert.equal(code, 1);
    assert.match(stderr, /\(ACCESS_DENIED, in step sign-in\)/);
    assert.ok(gate.refused().some((line) => line.startsWith('cognito-idp:AdminGetUser on ')));
  });

  it('setup and onboard: the first vehicle of an account', () =>
    enough(['setup', 'onboard'], 'setup', ['onboard', '--vin', first, ...owner('testCMSUser1')]));

  it('onboard: every further vehicle, also of a new user and with a temporary claim', () =>
    enough(
      ['onboard'],
      'onboard',
      ['onboard', '--vin', second, ...owner('second')],
      ['onboard', '--vin', third, ...owner('second'), '--claim', 'temporary'],
    ));

  it('self-sign-up and onboard: a user who signs up', () =>
    enough(['self-sign-up', 'onboard'], 'self-sign-up', [
      'onboard',
      '--vin',
      fourth,
      ...owner('third'),
      '--sign-in-mode',
      'self-sign-up',
    ]));

  it('look: the lists', () =>
    enough(
      ['look'],
      'look',
      ['stacks'],
      ...['vehicles', 'users', 'suppliers'].map((name) => [name, ...user]),
    ));

  it('doctor', () => enough(['doctor'], 'doctor', ['doctor', '--vin', first, ...user]));

  it('provision: a certificate, and a new one in its place', () =>
    enough(
      ['provision'],
      'provision',
      ['provision', '--vin', 'VF1AAAAA555555555', '--keys', 'csr-ec'],
      ['rotate', '--vin', first, '--delete-old'],
    ));

  it('own-ca and provision: a CA from its registration to its end, and vehicles of it', async () => {
    const ca = (...args: string[]): string[] => ['ca', ...args];
    const named = ['--ca-folder', 'jitr'];
    for (const folder of [[], named]) {
      const made = await cli('ca', 'create', '--common-name', 'Acme', '--no-passphrase', ...folder);
      assert.equal(made.code, 0, made.stderr);
    }
    await enough(
      ['own-ca', 'provision'],
      'own-ca',
      ca('register', '--provisioner', 'jitp'),
      ['provision', '--vin', '1FAHP2E86DG000010', '--allow-any-vin', '--provisioner', 'jitp'],
      ca('register', '--provisioner', 'jitr', ...named),
      ['provision', '--vin', '1FAHP2E86DG000021', '--allow-any-vin', '--provisioner', 'jitr', ...named],
      ca('list'),
      ca('off'),
      ca('on'),
      ca('remove', '--yes'),
    );
  });

  it('own-ca-function: the function that lets vehicles in, from its setup to its end', async () => {
    const named = ['--ca-folder', 'function'];
    const made = await cli('ca', 'create', '--common-name', 'Acme', '--no-passphrase', ...named);
    assert.equal(made.code, 0, made.stderr);
    gate.enter(await Promise.all(['own-ca', 'provision'].map(documentOf)));
    const registered = await cli('ca', 'register', '--provisioner', 'jitr', ...named);
    assert.equal(registered.code, 0, registered.stderr);
    await writeFile(path.join(folder, 'two.csv'), `vin\n${first}\n${second}\n`);
    await writeFile(path.join(folder, 'one.csv'), `vin\n${first}\n`);
    const setup = (...args: string[]): string[] => ['ca', 'function', 'setup', '--yes', ...named, ...args];
    await enough(
      ['own-ca-function'],
      'own-ca-function',
      setup('--allow', 'two.csv'),
      setup('--allow', 'one.csv', '--revoke-others', '--replace-list'),
      ['ca', 'function', 'remove', '--yes', ...named],
    );
  });

  it('drive: a simulation and a trouble code', () =>
    enough(
      ['drive'],
      'drive',
      ['simulate', '--vin', first, '--route', path.join(root, 'media/routes/atlanta.csv'), '--duration', '1'],
      ['dtc', '--vin', first, '--code', 'P0217'],
    ));

  it('job: one for a vehicle that is driving', async () => {
    gate.enter(await Promise.all(['job', 'drive'].map(documentOf)));
    let job: Promise<CliRun> | undefined;
    const route = path.join(root, 'media/routes/atlanta.csv');
    await runCli(['simulate', '--vin', first, '--route', route, '--loop'], {
      cwd: folder,
      env: environment(),
      onOutput: (child, text) => {
        if (!/\d+ msgs\/s/.test(text)) return;
        job ??= cli('job', '--vin', first, '--update-to', '2.0').finally(() => child.kill('SIGINT'));
      },
    });
    assert.deepEqual([(await job)?.code, (await job)?.stderr.includes('SUCCEEDED')], [0, true]);
    seen(['job', 'drive'], 'job');
  });

  it('watch: what the vehicles send, as it arrives', async () => {
    gate.enter(await Promise.all(['watch', 'drive'].map(documentOf)));
    let drive: Promise<CliRun> | undefined;
    const watch = await runCli(['watch', '--vin', first], {
      env: {
        AWS_ENDPOINT_URL: gate.endpoint,
        AWS_CA_BUNDLE: sandbox.caFile,
        AWS_REGION: 'us-west-2',
        AWS_ACCESS_KEY_ID: 'AKIATEST',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
      onOutput: (child, text) => {
        if (text.includes('Watching')) drive ??= cli('dtc', '--vin', first, '--code', 'P0420');
        if (text.includes('P0420')) child.kill('SIGINT');
      },
    });
    assert.match(watch.stdout, /P0420/);
    assert.equal((await drive)?.code, 0);
    seen(['watch', 'drive'], 'watch');
  });

  it('offboard: the vehicle, its certificate and its users', () =>
    enough(
      ['offboard'],
      'offboard',
      ['offboard', '--vin', first, ...user, '--yes'],
      [
        ...['offboard', '--vin', second, '--username', 'second', '--yes'],
        ...['--remove-user', 'second', '--remove-sign-in-user', 'second'],
      ],
    ));
});

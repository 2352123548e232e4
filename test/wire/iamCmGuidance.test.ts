import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { namesOf } from '../../src/cms/cmGuidance/names.ts';
import { operationsOf } from '../../tools/iam/contract.ts';
import { TASKS } from '../../tools/iam/cmGuidance/tasks.ts';
import { runCli, type CliRun, type CliStart } from '../support/cli.ts';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';
import type { IamDocument } from '../support/iamDocument.ts';
import { startIamGate, type IamGate } from '../support/iamGate.ts';

const root = path.join(import.meta.dirname, '../..');
const { tables } = namesOf('dev');

/** Each kind of work from the command line, with the policies that docs/iam says are enough, and with no others. */
describe('The policies of docs/iam/cm-guidance', function () {
  this.timeout(240_000);
  let bench: GuidanceBench;
  let gate: IamGate;
  let pool: string;
  let vin: string;

  before(async () => {
    bench = await openGuidance(66_000);
    gate = await startIamGate(bench.sandbox);
    pool = (await bench.guidance.outputs('ui')).UserPoolId ?? '';
    vin = bench.newVin();
  });
  after(async () => {
    await gate.close();
    await bench.close();
  });

  const cli = ([name = '', ...args]: string[], start: CliStart = {}): Promise<CliRun> =>
    runCli([name, '--deployment', 'dev', ...args], {
      cwd: bench.folder,
      env: {
        ...bench.env,
        ...{ AWS_ENDPOINT_URL: gate.endpoint, AWS_CA_BUNDLE: bench.sandbox.caFile, AWS_REGION: 'us-west-2' },
      },
      ...start,
    });
  const as = ['--username', ADMIN];

  async function documentsOf(names: readonly string[]): Promise<IamDocument[]> {
    const texts = names.map((name) =>
      readFile(path.join(root, 'docs/iam/cm-guidance', `${name}.json`), 'utf8'),
    );
    return (await Promise.all(texts)).map((text) => {
      const filled = Object.entries({
        ...{ ACCOUNT_ID: '123456789012', REGION: 'us-west-2', USER_POOL_ID: pool, STAGE: 'dev' },
      }).reduce((so, [name, value]) => so.replaceAll(name, value), text);
      return JSON.parse(filled) as IamDocument;
    });
  }

  /** Calls since the gate was entered, with the tables as the policies call them. */
  const called = (): string[] =>
    gate.called().map((operation) => {
      const [call = '', table] = operation.split('#');
      const found = Object.entries(tables).find(([, name]) => name === table)?.[0];
      return found === undefined ? operation : `${call}#${found}`;
    });

  /** Nothing was refused, nothing beyond the policies was called, and the last of them grants nothing that never is. */
  function judge(names: readonly string[], about: string): void {
    assert.deepEqual(gate.refused(), [], about);
    const made = called();
    const known = TASKS.filter(({ name }) => names.includes(name));
    const beyond = made.filter((operation) => !known.flatMap(operationsOf).includes(operation));
    assert.deepEqual(beyond, [], `calls that the policies do not know of\n${about}`);
    const proved = known.find(({ name }) => name === names.at(-1));
    const unused = proved?.calls.filter((operation) => !made.includes(operation));
    assert.deepEqual(unused, [], `${proved?.name} allows what was never called\n${about}`);
  }

  async function enough(names: readonly string[], ...commands: [code: number, ...args: string[]][]) {
    gate.enter(await documentsOf(names));
    let about = '';
    for (const [expected, ...args] of commands) {
      const { code, stdout, stderr } = await cli(args);
      about = `${args.join(' ')}\nrefused: ${gate.refused().join('; ')}\n${stdout}\n${stderr}`;
      assert.equal(code, expected, about);
    }
    judge(names, about);
  }

  it('refuse what they do not allow, and the message names the call', async () => {
    gate.enter(await documentsOf(['look']));
    const { code, stderr } = await cli(['provision', '--vin', vin]);
    assert.notEqual(code, 0);
    assert.ok(gate.refused().length > 0 || stderr.includes('VEHICLE_NOT_FOUND'), stderr);
  });

  it('onboard: from fleet and table to first telemetry, and again', () =>
    enough(
      ['onboard'],
      [0, 'onboard', '--vin', vin, '--fleet-name', 'Vans', '--enrollment', 'table', ...as],
      [0, 'onboard', '--vin', vin, '--fleet-name', 'Vans', '--enrollment', 'table', ...as],
    ));

  it('onboard: a vehicle with a key of this machine', () =>
    enough(
      ['onboard'],
      [0, 'onboard', '--vin', bench.newVin(), '--fleet-name', 'Vans', '--keys', 'csr-ec', ...as],
    ));

  it('look: deployments, vehicles, fleets, model manifests and drivers', () =>
    enough(
      ['look'],
      ...(['vehicles', 'fleets', 'model-manifests', 'drivers'] as const).map(
        (list): [number, string, ...string[]] => [...([0, list, ...as] as const)],
      ),
    ));

  it('provision: a certificate, and a new one in its place', () =>
    enough(
      ['look', 'provision'],
      [0, 'provision', '--vin', vin, ...as],
      [0, 'rotate', '--vin', vin, '--yes', ...as],
    ));

  it('drive: a simulation and a trouble code', () =>
    enough(
      ['drive'],
      [0, 'simulate', '--vin', vin, '--route', 'short.geojson', '--speed', '20'],
      [0, 'dtc', '--vin', vin, '--code', 'P0217'],
    ));

  it('watch: what the CMS hands on', async () => {
    const names = ['drive', 'watch'];
    gate.enter(await documentsOf(names));
    let sent: Promise<CliRun> | undefined;
    const watch = await cli(['watch', '--vin', vin, '--json', ...as], {
      onOutput(child, text) {
        if (text.includes('Watching')) sent ??= cli(['dtc', '--vin', vin, '--code', 'P0520']);
        if (text.includes('"type":"message"')) child.kill('SIGINT');
      },
    });
    assert.equal((await sent)?.code, 0);
    judge(names, `${watch.stdout}\n${watch.stderr}`);
  });

  it('command: one that no vehicle answers', () =>
    enough(['command'], [0, 'command', '--vin', vin, '--name', 'honk_horn', '--no-wait', ...as]));

  it('cloud-drive: a run of the remote simulator, which is stopped', async () => {
    const { id } = await bench.guidance.signIn({ email: 'seed@example.com', groups: ['platform-admin'] });
    const driver = { name: 'Eva Muster', firstName: 'Eva', lastName: 'Muster', status: 'active' };
    await bench.guidance.rest('POST', 'drivers', id, driver);
    const names = ['cloud-drive'];
    gate.enter(await documentsOf(names));
    const run = await cli(['simulate-in-cloud', '--vin', vin, '--json', ...as], {
      onOutput(child, text) {
        if (text.includes('"progress"')) child.kill('SIGINT');
      },
    });
    assert.equal(run.code, 130, `${run.stdout}\n${run.stderr}`);
    judge(names, `${run.stdout}\n${run.stderr}`);
  });

  it('doctor, and doctor-fix for a vehicle that left its fleet', async () => {
    await enough(['doctor'], [0, 'doctor', '--vin', vin, ...as]);
    const other = bench.newVin();
    gate.enter(await documentsOf(['onboard']));
    assert.equal((await cli(['onboard', '--vin', other, '--fleet-name', 'Vans', ...as])).code, 0);
    gate.enter(await documentsOf(['doctor', 'doctor-fix']));
    await cli(['doctor', '--vin', other, '--fix', '--yes', ...as]);
    assert.deepEqual(gate.refused(), []);
    assert.ok(called().includes('dynamodb:PutItem#enrollment'));
  });

  it('offboard', () => enough(['offboard'], [0, 'offboard', '--vin', vin, '--yes', ...as]));
});

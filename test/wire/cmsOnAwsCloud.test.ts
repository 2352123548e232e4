import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { IoTClient, ListThingsCommand } from '@aws-sdk/client-iot';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { runCli, type CliStart } from '../support/cli.ts';
import { enterSimulator, SIMULATOR_USER } from '../support/cmsOnAws.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const env = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  CMS_PASSWORD: SIMULATOR_USER.password,
};
/** A vehicle a test. */
let vehicles = 0;
const newVin = (): string => `LSH14J4C4LA0${String(67_000 + vehicles++).padStart(5, '0')}`;

describe('The simulator of CMS on AWS sends for vehicles', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  let bucket: string;
  const options = () => ({ endpoint: sandbox.endpoint, region: 'us-west-2', credentials: testCredentials });

  before(async () => {
    sandbox = await startSandbox({
      args: [
        '--install',
        'cms-on-aws:cms',
        '--install',
        'cms-on-aws:fleet-b,without=vehicle-simulator',
        '--no-limits',
      ],
    });
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-on-aws-cloud-'));
    await enterSimulator('cms', options());
    const { Parameter } = await new SSMClient(options()).send(
      new GetParameterCommand({ Name: '/solution/cms/connect-store/s3-storage-bucket/name' }),
    );
    bucket = Parameter?.Value ?? '';
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => sandbox.ask('DELETE', 'faults'));

  async function run(args: string[], code: number | null = 0, start: CliStart = {}) {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const all = [
      'simulate-in-cloud',
      '--deployment',
      'cms',
      '--username',
      SIMULATOR_USER.username,
      '--json',
      ...args,
      ...to,
    ];
    const done = await runCli(all, { cwd: folder, env, ...start });
    assert.equal(done.code, code, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done;
  }
  const things = async (vin: string) => {
    const { things: found = [] } = await new IoTClient(options()).send(new ListThingsCommand({}));
    return found.flatMap(({ thingName }) => (thingName?.startsWith(vin) === true ? [thingName] : []));
  };
  const noted = () => readdir(path.join(folder, 'certs/.cloud-runs')).catch(() => []);
  const stored = async (vin: string): Promise<number> => {
    const { Contents = [] } = await new S3Client({ ...options(), forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: `cms/data/simulated/${vin}-0/` }),
    );
    return Contents.length;
  };
  /** Runs until a run is under way, and then does something to the process. */
  const whenRunning = (act: NodeJS.Signals): CliStart => {
    let done = false;
    return {
      onOutput(child, text) {
        if (done || !text.includes('"state":"running"')) return;
        done = true;
        child.kill(act);
      },
    };
  };

  it('starts, follows and ends a run, proves what arrived, and leaves nothing of it', async () => {
    const [one, other] = [newVin(), newVin()];
    const found = (await run(['--vin', one, other, '--duration', '4', '--interval', '2'])).objects();
    assert.deepEqual(
      found.filter(({ type }) => type === 'run').map(({ state }) => state),
      ['waiting', 'running', 'ending', 'over'],
    );
    assert.deepEqual(
      found.find(({ type }) => type === 'result'),
      {
        ...{ type: 'result', runs: 1, vehicles: 2, arrived: 2 },
      },
    );
    // Ticks at 0, 2 and 4 seconds.
    assert.equal(await stored(one), 3);
    assert.deepEqual([await things(one), await things(other), await noted()], [[], [], []]);
    const says = found.map(({ message }) => String(message)).find((text) => text.includes('not tested'));
    assert.match(String(says), /certificates and policies of your vehicles, and TLS, are not tested/);
  });

  it('is asked again when it has had enough: each call is throttled once, and the run comes to its end', async () => {
    const { operations } = (await sandbox.ask('GET', 'operations')) as { operations: string[] };
    // What is called: the rest of the API never works, or is about runs in general.
    const called =
      /^cms-simulator:(?:GET \/simulation|(?:POST|DELETE) \/(?:device\/type|simulation)(?:\/\{id\})?|PUT \/simulation\/\{id\})$/;
    const mine = operations.filter((operation) => called.test(operation));
    assert.equal(mine.length, 6, operations.join('\n'));
    for (const operation of mine) await sandbox.fault({ operation, action: { kind: 'throttle' } });
    const vin = newVin();
    const found = (await run(['--vin', vin, '--duration', '2', '--interval', '2'])).objects();
    assert.equal(found.find(({ type }) => type === 'result')?.arrived, 1);
    assert.deepEqual(((await sandbox.ask('GET', 'faults')) as { faults: unknown[] }).faults, []);
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('is stopped by Ctrl-C, and takes the things away that the simulator made', async () => {
    const vin = newVin();
    const drive = ['--vin', vin, '--duration', '600', '--interval', '2'];
    const done = await run(drive, 130, whenRunning('SIGINT'));
    assert.equal(
      done
        .objects()
        .filter(({ type }) => type === 'run')
        .at(-1)?.state,
      'stopped',
    );
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('is ended by the next start when its process was killed', async () => {
    const vin = newVin();
    await run(['--vin', vin, '--duration', '600', '--interval', '2'], null, whenRunning('SIGKILL'));
    assert.deepEqual([await things(vin), (await noted()).length], [[`${vin}-0`], 1]);
    const other = newVin();
    await run(['--vin', other, '--duration', '2', '--interval', '2']);
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('ends what was left, and nothing else, when it is asked to', async () => {
    const vin = newVin();
    await run(['--vin', vin, '--duration', '600', '--interval', '2'], null, whenRunning('SIGKILL'));
    const found = (await run(['--end-left'])).objects();
    assert.equal(found.find(({ type }) => type === 'result')?.ended, 1);
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('goes on until the run has ended when the answer to the stop is lost', async () => {
    const vin = newVin();
    await sandbox.fault({
      operation: 'cms-simulator:PUT /simulation/{id}',
      action: { kind: 'reset', when: 'after' },
    });
    // The answer to the start is lost as well: the stage tells that it runs.
    const drive = ['--vin', vin, '--duration', '600', '--interval', '2'];
    await run(drive, 130, {
      onOutput: (() => {
        let asked = false;
        return (child, text) => {
          if (asked || !text.includes('"state":"running"')) return;
          asked = true;
          void sandbox
            .fault({
              operation: 'cms-simulator:PUT /simulation/{id}',
              action: { kind: 'error', code: 'EndpointRequestTimedOut', status: 504 },
            })
            .then(() => child.kill('SIGINT'));
        };
      })(),
    });
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('refuses a vehicle that is in another run, and ends none of it', async () => {
    const vin = newVin();
    let second: Promise<unknown> | undefined;
    await run(['--vin', vin, '--duration', '600', '--interval', '2'], 130, {
      onOutput(child, text) {
        if (second !== undefined || !text.includes('"state":"running"')) return;
        second = run(['--vin', vin, '--duration', '2', '--interval', '2'], 2).then(async (done) => {
          assert.match(done.stdout, /is in the simulation/);
          assert.deepEqual(await things(vin), [`${vin}-0`]);
          child.kill('SIGINT');
        });
      },
    });
    await second;
    assert.deepEqual(await things(vin), []);
  });

  it('starts nothing for somebody whose password is wrong', async () => {
    const vin = newVin();
    const done = await run(['--vin', vin], 1, { env: { ...env, CMS_PASSWORD: 'Other-1234-x!' } });
    assert.match(done.stdout, /SIGN_IN_FAILED/);
    assert.deepEqual([await things(vin), await noted()], [[], []]);
  });

  it('says that a deployment has no simulator', async () => {
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
    const done = await runCli(['simulate-in-cloud', '--deployment', 'fleet-b', '--vin', newVin(), ...to], {
      ...{ cwd: folder, env },
    });
    assert.equal(done.code, 2);
    assert.match(done.stderr, /has no simulator of its own/);
  });
});

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CliStart } from '../support/cli.ts';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';
import { until } from '../support/until.ts';

describe('The remote simulator of Guidance for Connected Mobility sends for vehicles', function () {
  this.timeout(180_000);
  let bench: GuidanceBench;
  let vin: string;
  let vehicleId: string;
  let token: string;

  before(async () => {
    bench = await openGuidance(64_000, ['cm-guidance:dev', 'cm-guidance:demo,without=simulation']);
    vin = bench.newVin();
    vehicleId = await bench.onboard(vin);
    token = (await bench.guidance.signIn({ email: 'other@example.com', groups: ['platform-admin'] })).id;
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  async function run(args: string[], code: number | null = 0, start: CliStart = {}) {
    const all = ['simulate-in-cloud', ...bench.place(), '--username', ADMIN, '--json', ...args];
    const done = await bench.cli(all, start);
    assert.equal(done.code, code, `${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done;
  }
  const tasks = async (): Promise<string[]> =>
    (
      (await bench.guidance.aws('ecs', 'list-tasks', '--cluster', 'cms-dev-simulation')) as never as {
        taskArns: string[];
      }
    ).taskArns;
  const noted = () => readdir(path.join(bench.folder, 'certs/.cloud-runs')).catch(() => []);
  /** Runs until a run is under way, and then does something. */
  const whenRunning = (act: (child: { kill(signal: NodeJS.Signals): unknown }) => void): CliStart => {
    let done = false;
    return {
      onOutput(child, text) {
        if (done || !text.includes('"state":"running"')) return;
        done = true;
        act(child);
      },
    };
  };
  const signalled = (signal: NodeJS.Signals): CliStart => whenRunning((child) => void child.kill(signal));

  it('starts nothing while the CMS has no drivers, and says so', async () => {
    const done = await run(['--vin', vin], 2);
    assert.match(done.stdout, /has no drivers/);
    assert.deepEqual([await tasks(), await noted()], [[], []]);
    const driver = { name: 'Eva Muster', firstName: 'Eva', lastName: 'Muster', status: 'active' };
    assert.equal((await bench.guidance.rest('POST', 'drivers', token, driver)).status, 201);
  });

  it('follows a run by its trips, proves what arrived, and stops what never ends by itself', async () => {
    let isOver = false;
    const newest = async (): Promise<unknown> => {
      const { body } = await bench.guidance.rest('GET', `vehicles/${vehicleId}`, token);
      return (body.latestTelemetry as { timestamp?: number } | null)?.timestamp;
    };
    // A point of the route is due every fifteen seconds of the sandbox, and there are five.
    let seen = await newest();
    const move = async (): Promise<void> => {
      for (let point = 0; point < 5; point++) {
        const next = await until(
          'the point',
          async () => {
            const time = await newest();
            return isOver ? { time } : time === seen ? undefined : { time };
          },
          { everyMs: 200 },
        );
        seen = next.time;
        await bench.sandbox.advanceClock(15_000);
      }
    };
    let moving: Promise<void> | undefined;
    const begin = whenRunning(() => {
      moving = move();
    });
    const done = await run(['--vin', vin, '--duration', '75'], 0, begin).finally(() => (isOver = true));
    await moving;
    const found = done.objects();
    const states = found.filter(({ type }) => type === 'run').map(({ state }) => state);
    assert.deepEqual([states[0], states.at(-1)], ['waiting', 'over']);
    assert.deepEqual(
      found.find(({ type }) => type === 'result'),
      { type: 'result', runs: 1, vehicles: 1, arrived: 1 },
    );
    assert.deepEqual([await tasks(), await noted()], [[], []]);
  });

  it('is stopped by Ctrl-C', async () => {
    const done = await run(['--vin', vin, '--duration', '600'], 130, signalled('SIGINT'));
    const runs = done.objects().filter(({ type }) => type === 'run');
    assert.equal(runs.at(-1)?.state, 'stopped');
    assert.deepEqual([await tasks(), await noted()], [[], []]);
  });

  it('is stopped by the next start when its process was killed', async () => {
    await run(['--vin', vin, '--duration', '600'], null, signalled('SIGKILL'));
    assert.deepEqual([(await tasks()).length, (await noted()).length], [1, 1]);
    // The vehicle is free again only because the first one was stopped.
    await run(['--vin', vin, '--duration', '600'], 130, signalled('SIGINT'));
    assert.deepEqual([await tasks(), await noted()], [[], []]);
  });

  it('is stopped by its task when the simulator has forgotten it', async () => {
    await run(['--vin', vin, '--duration', '600'], null, signalled('SIGKILL'));
    const { Items } = (await bench.guidance.aws(
      'dynamodb',
      'scan',
      '--table-name',
      'cms-dev-simulations',
    )) as {
      Items: { simulation_id: unknown }[];
    };
    for (const { simulation_id } of Items) {
      const key = JSON.stringify({ simulation_id });
      await bench.guidance.aws(
        'dynamodb',
        'delete-item',
        '--table-name',
        'cms-dev-simulations',
        '--key',
        key,
      );
    }
    const found = (await run(['--end-left'])).objects();
    assert.equal(found.find(({ type }) => type === 'result')?.ended, 1);
    assert.deepEqual([await tasks(), await noted()], [[], []]);
  });

  it('is found and stopped when the answer to its start was lost', async () => {
    await bench.sandbox.fault({
      operation: 'cm-guidance-simulation:POST /api/simulation/start',
      action: { kind: 'reset', when: 'after' },
    });
    await run(['--vin', vin, '--duration', '600'], 1);
    assert.deepEqual([await tasks(), await noted()], [[], []]);
  });

  it('is refused for a vehicle that is in another run, which goes on', async () => {
    const { SimulationApiUrl = '' } = await bench.guidance.outputs('simulation');
    const url = `${SimulationApiUrl}api/simulation`;
    const made = await bench.guidance.call('POST', `${url}/start`, token, { vehicles: [vehicleId] });
    const done = await run(['--vin', vin], 2);
    assert.match(done.stdout, /is in the simulation/);
    assert.equal((await tasks()).length, 1);
    await bench.guidance.call('POST', `${url}/stop/${String(made.body.simulation_id)}`, token, {});
  });

  it('takes no other interval, and says which it has', async () => {
    assert.match((await run(['--vin', vin, '--interval', '5'], 2)).stdout, /sends every 15 seconds/);
  });

  it('is not there where its stack is missing', async () => {
    const all = ['simulate-in-cloud', ...bench.place('demo'), '--vin', vin, '--username', ADMIN];
    const done = await bench.cli(all);
    assert.equal(done.code, 2);
    assert.match(done.stderr, /has no simulator of its own/);
  });
});

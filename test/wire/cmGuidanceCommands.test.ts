import assert from 'node:assert/strict';
import { ADMIN, type GuidanceBench, openGuidance } from '../support/guidanceBench.ts';

describe('Commands of Guidance for Connected Mobility, from the command line to a vehicle and back', function () {
  this.timeout(120_000);
  let bench: GuidanceBench;
  let vin: string;
  let vehicleId: string;

  before(async () => {
    bench = await openGuidance(63_000, ['cm-guidance:dev', 'cm-guidance:demo,without=commands']);
    vin = bench.newVin();
    vehicleId = await bench.onboard(vin);
  });
  after(() => bench.close());
  afterEach(() => bench.sandbox.ask('DELETE', 'faults'));

  const command = (...args: string[]) =>
    bench.cli(['command', ...bench.place(), '--username', ADMIN, '--json', ...args]);

  /** Drives until what is done meanwhile is over; the lines that it wrote. */
  async function whileDriving<T>(
    work: () => Promise<T>,
    more: string[] = [],
  ): Promise<{ done: T; lines: Record<string, unknown>[] }> {
    let begun: Promise<T> | undefined;
    const drive = await bench.cli(
      ['simulate', ...bench.place(), '--vin', vin, '--route', 'short.geojson', '--loop', '--json', ...more],
      {
        onOutput(child, text) {
          if (begun !== undefined || !text.includes('"link":"online"')) return;
          begun = work();
          const stop = (): void => void child.kill('SIGINT');
          begun.then(stop, stop);
        },
      },
    );
    assert.ok(begun !== undefined, `${drive.stdout}\n${drive.stderr}`);
    return { done: await begun, lines: drive.objects() };
  }

  it('are listed by the catalog', async () => {
    const run = await command('--list');
    assert.equal(run.code, 0, run.stderr);
    const catalog = run.objects().find(({ type }) => type === 'catalog') as unknown as { commands: string[] };
    assert.ok(catalog.commands.includes('lock_all_doors'));
    const shown = await bench.cli(['command', ...bench.place(), '--username', ADMIN, '--list']);
    assert.deepEqual(shown.stdout.trim().split('\n'), catalog.commands);
  });

  it('are answered by a simulated vehicle, followed to their end, and told by both', async () => {
    const { done: runs, lines } = await whileDriving(async () => [
      await command('--vin', vin, '--name', 'lock_all_doors'),
      await command('--vin', vin, '--name', 'set_cabin_temperature', '--value', '21'),
    ]);
    const [locked, refused] = runs;
    assert.equal(locked?.code, 0, `${locked?.stdout}\n${locked?.stderr}`);
    const result = locked.objects().find(({ type }) => type === 'result');
    assert.deepEqual(
      [result?.vehicleId, result?.status, result?.resultValue],
      [vehicleId, 'SUCCEEDED', true],
    );
    assert.equal(refused?.code, 1);
    assert.match(refused.stdout, /COMMAND_FAILED.*Unsupported command: 'set_cabin_temperature'/s);
    const told = lines.filter(({ type }) => type === 'command');
    assert.deepEqual(
      told.map(({ kind, operation, status }) => [kind, operation, status]),
      [
        ['command', 'lock_all_doors', 'SENT'],
        ['command', 'lock_all_doors', 'SUCCEEDED'],
        ['command', 'set_cabin_temperature', 'SENT'],
        ['command', 'set_cabin_temperature', 'FAILED'],
      ],
    );
  });

  it('are sent once when the answer to sending one is lost', async () => {
    await bench.sandbox.fault({
      operation: 'cm-guidance-commands:POST /api/commands/{vehicleId}',
      action: { kind: 'reset', when: 'after' },
    });
    const { done: run, lines } = await whileDriving(() => command('--vin', vin, '--name', 'honk_horn'));
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const ids = lines.flatMap(({ type, jobId }) => (type === 'command' ? [jobId] : []));
    assert.equal(new Set(ids).size, 1);
  });

  it('end in time where no vehicle hears them', async () => {
    const run = await command('--vin', vin, '--name', 'honk_horn', '--timeout', '1');
    assert.equal(run.code, 1);
    assert.match(run.stdout, /COMMAND_FAILED.*has not answered/s);
  });

  it('are refused for a name that the catalog does not have, and a vehicle that is not enrolled', async () => {
    assert.match((await command('--vin', vin, '--name', 'fly')).stdout, /no such command/);
    const other = bench.newVin();
    const args = ['onboard', ...bench.place(), '--username', ADMIN, '--vin', other, '--fleet-name', 'Vans'];
    assert.equal((await bench.cli(args)).code, 0);
    const refused = await command('--vin', other, '--name', 'honk_horn');
    assert.match(refused.stdout, /not enrolled in a fleet/);
  });

  it('are not offered where the stack is missing, and say why', async () => {
    const run = await bench.cli(['command', ...bench.place('demo'), '--username', ADMIN, '--list']);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /its stack commands is not deployed/);
  });
});

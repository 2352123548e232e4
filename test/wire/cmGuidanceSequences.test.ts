import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { guidanceClient, newVehicle } from '../support/guidance.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
type Json = Record<string, unknown>;

/** The AWS CLI, curl and mosquitto take vehicles out again, and hand them to the simulator of the solution. */
describe('Guidance for Connected Mobility in the sandbox, walked to its end by other clients', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let token: string;
  const { aws, outputs, signIn } = guidanceClient(() => sandbox);

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-sequences-'));
    sandbox = await startSandbox({ args: ['--install', 'cm-guidance:dev', '--no-limits'] });
    token = (await signIn({ email: 'admin@example.org', groups: ['platform-admin'] })).id;
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The token and the body go by standard input, not by the arguments that everybody sees. */
  async function curl(method: string, url: string, body?: object): Promise<{ status: number; body: Json }> {
    const config = [
      `url = "${url}"`,
      `request = "${method}"`,
      `header = "Authorization: ${token}"`,
      'header = "Content-Type: application/json"',
      ...(body === undefined ? [] : [`data = ${JSON.stringify(JSON.stringify(body))}`]),
    ];
    const running = run('curl', ['-sS', '-K', '-', '-w', '\n%{http_code}']);
    running.child.stdin?.end(config.join('\n'));
    const { stdout } = await running;
    const at = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(at + 1)), body: JSON.parse(stdout.slice(0, at)) as Json };
  }
  const rest = async (method: string, at: string, body?: object) =>
    curl(method, `${(await outputs('ui')).APIEndpoint}api/v1/${at}`, body);
  const table = (call: string, name: string, key: object) =>
    aws('dynamodb', call, '--table-name', `cms-dev-storage-${name}`, '--key', JSON.stringify(key));

  /** A vehicle in a fleet, enrolled as the seed of the project does it. */
  async function onboard(
    fleetId: string,
  ): Promise<{ vehicleId: string; vin: string; certificateId: string }> {
    await sandbox.advanceClock(1000);
    const made = await rest('POST', 'vehicles', { entry: newVehicle({ fleetId }) });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const vehicle = made.body.vehicle as { vehicleId: string; vin: string; certificateId: string };
    const { vehicleId } = vehicle;
    const item = { PK: `FLEET#${fleetId}`, SK: `VEHICLE#${vehicleId}`, fleetId, vehicleId, enrolledAt: 'x' };
    const typed = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
    await aws(
      ...['dynamodb', 'put-item', '--table-name', 'cms-dev-storage-fleet-enrollment'],
      ...['--item', JSON.stringify(typed)],
    );
    return vehicle;
  }

  it('E: a vehicle is offboarded with IAM, its device stopped first and its row gone last', async () => {
    const fleetId = 'FLEET-1789999000';
    const { vehicleId, vin, certificateId } = await onboard(fleetId);
    const { Item } = (await table('get-item', 'vehicle-certificates', { vehicleId: { S: vehicleId } })) as {
      Item: Record<string, { S: string }>;
    };
    const [pem, key] = [path.join(folder, 'e.pem'), path.join(folder, 'e.key')];
    await writeFile(pem, Item.certificatePem?.S ?? '');
    await writeFile(key, Item.privateKey?.S ?? '', { mode: 0o600 });
    const publish = () =>
      run('mosquitto_pub', [
        ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
        ...['--cert', pem, '--key', key, '-V', 'mqttv311', '-i', vin, '-q', '1', '-m', '{}'],
        ...['-t', `$aws/rules/cms_dev_iot_msk_rule/${vehicleId}`],
      ]);
    await publish();
    const certificate = ['--certificate-id', certificateId];
    const arn = Item.certificateArn?.S ?? '';
    await aws('iot', 'update-certificate', ...certificate, '--new-status', 'INACTIVE');
    await assert.rejects(publish());
    await aws('iot', 'detach-policy', '--policy-name', 'CMS-Vehicle-IoT-Policy', '--target', arn);
    await aws('iot', 'detach-thing-principal', '--thing-name', vin, '--principal', arn);
    await aws('iot', 'delete-certificate', ...certificate);
    await aws('iot', 'delete-thing', '--thing-name', vin);
    await table('delete-item', 'vehicle-certificates', { vehicleId: { S: vehicleId } });
    const enrollment = { PK: { S: `FLEET#${fleetId}` }, SK: { S: `VEHICLE#${vehicleId}` } };
    await table('delete-item', 'fleet-enrollment', enrollment);
    const absent = await rest('DELETE', `vehicles/${vehicleId}`);
    assert.deepEqual([absent.status, absent.body], [403, { message: 'Missing Authentication Token' }]);
    await table('delete-item', 'vehicles', { vehicleId: { S: vehicleId } });
    assert.equal((await rest('GET', `vehicles/${vehicleId}`)).status, 404);
    await assert.rejects(aws('iot', 'describe-thing', '--thing-name', vin), /ResourceNotFound/);
  });

  it('F: vehicles are handed to the remote simulator, drive, and bill until they are stopped', async () => {
    const url = `${(await outputs('simulation')).SimulationApiUrl}api/simulation`;
    const driver = await rest('POST', 'drivers', { name: 'Ada Lopez', status: 'active' });
    assert.equal(driver.status, 201, JSON.stringify(driver.body));
    const ids = [await onboard('FLEET-1'), await onboard('FLEET-1')].map(({ vehicleId }) => vehicleId);
    const unknown = await curl('POST', `${url}/start`, { vehicles: ['VEH-1'] });
    assert.equal(unknown.status, 404);
    const started = await curl('POST', `${url}/start`, { vehicles: ids, trips: 1, route_length: 5 });
    assert.equal(started.status, 200, JSON.stringify(started.body));
    const id = String(started.body.simulation_id);
    for (const vehicleId of ids) {
      await until(`the telemetry of ${vehicleId}`, async () => {
        const { body } = await rest('GET', `vehicles/${vehicleId}`);
        return (body.latestTelemetry as Json | null)?.vehicleId === vehicleId;
      });
    }
    const tasks = async () => (await aws('ecs', 'list-tasks', '--cluster', 'cms-dev-simulation')).taskArns;
    assert.deepEqual(await tasks(), [started.body.task_arn]);
    assert.equal((await curl('GET', `${url}/status/${id}`)).body.status, 'running');
    assert.deepEqual((await curl('POST', `${url}/stop/${id}`)).body, { success: true });
    assert.deepEqual(await tasks(), []);
    const { body } = await curl('GET', `${url}/list`);
    const [run] = (body.simulations as Json[]).filter((each) => each.id === id);
    assert.equal(run?.status, 'stopped');
  });
});

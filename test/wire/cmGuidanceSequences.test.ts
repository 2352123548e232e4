import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { guidanceClient, newVehicle } from '../support/guidance.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
type Json = Record<string, unknown>;

interface Vehicle {
  vehicleId: string;
  vin: string;
  certificateId: string;
}

/**
 * The AWS CLI, curl, openssl, mosquitto and a WebSocket client do all that is done with vehicles, from the first look to
 * the last. None of them knows this project.
 */
describe('Guidance for Connected Mobility in the sandbox, walked from end to end by other clients', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let token: string;
  /** The one that is onboarded, drives and is watched. */
  let driven: Vehicle & { fleetId: string };
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
  async function onboard(fleetId: string): Promise<Vehicle> {
    await sandbox.advanceClock(1000);
    const made = await rest('POST', 'vehicles', { entry: newVehicle({ fleetId }) });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const vehicle = made.body.vehicle as Vehicle;
    await enroll(vehicle.vehicleId, fleetId);
    return vehicle;
  }
  async function enroll(vehicleId: string, fleetId: string): Promise<void> {
    const enrolledAt = '2026-10-01T08:15:30+00:00';
    const item = { PK: `FLEET#${fleetId}`, SK: `VEHICLE#${vehicleId}`, fleetId, vehicleId, enrolledAt };
    const typed = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
    await aws(
      ...['dynamodb', 'put-item', '--table-name', 'cms-dev-storage-fleet-enrollment'],
      ...['--item', JSON.stringify(typed)],
    );
  }
  /** Certificate and key of a vehicle as the table has them, in files; and its row. */
  async function fetchPair(vehicleId: string): Promise<Record<string, { S: string }>> {
    const { Item } = (await table('get-item', 'vehicle-certificates', { vehicleId: { S: vehicleId } })) as {
      Item: Record<string, { S: string }>;
    };
    await writeFile(file(`${vehicleId}.pem`), Item.certificatePem?.S ?? '');
    await writeFile(file(`${vehicleId}.key`), Item.privateKey?.S ?? '', { mode: 0o600 });
    return Item;
  }
  const file = (name: string): string => path.join(folder, name);
  /** One message as the vehicle, straight to the rule; rejects when the broker refuses it. */
  const publish = ({ vehicleId, vin }: Vehicle, message: object) =>
    run('mosquitto_pub', [
      ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
      ...['--cert', file(`${vehicleId}.pem`), '--key', file(`${vehicleId}.key`)],
      ...['-V', 'mqttv311', '-i', vin, '-q', '1', '-t', `$aws/rules/cms_dev_iot_msk_rule/${vehicleId}`],
      ...['-m', gzipSync(JSON.stringify({ vehicleId, ...message })).toString('base64')],
    ]);
  const now = async (): Promise<number> =>
    Date.parse(((await sandbox.ask('GET', 'clock')) as { now: string }).now);
  const latest = async ({ vehicleId }: Vehicle): Promise<Json> =>
    ((await rest('GET', `vehicles/${vehicleId}`)).body.latestTelemetry ?? {}) as Json;

  it('A: vehicles are listed page by page to the last, and the table has the same', async () => {
    for (let i = 0; i < 3; i++) await onboard('FLEET-1789999000');
    const ids: string[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const query = `limit=2&page=${page}&sortBy=createdAt&sortOrder=asc`;
      const { status, body } = await rest('GET', `vehicles?${query}`);
      assert.deepEqual([status, body.hasNextPage], [200, false]);
      pages = Number(body.totalPages);
      for (const { vehicleId, connectionStatus } of body.vehicles as Json[]) {
        ids.push(String(vehicleId));
        assert.equal(connectionStatus, 'disconnected');
      }
    }
    assert.equal(ids.length, 3);
    const { Items } = (await aws('dynamodb', 'scan', '--table-name', 'cms-dev-storage-vehicles')) as {
      Items: { vehicleId: { S: string } }[];
    };
    assert.deepEqual(Items.map(({ vehicleId }) => vehicleId.S).sort(), [...ids].sort());
  });

  it('B: a vehicle is onboarded, from fleet and manifest to telemetry that REST shows', async () => {
    const { fleets } = (await rest('GET', 'fleets')).body;
    assert.deepEqual(fleets, []);
    const { fleetId } = (await rest('POST', 'fleets', { entry: { name: 'Vans', description: '' } })).body
      .fleet as { fleetId: string };
    const data = `${(await outputs('data-processing')).APIEndpoint}api/v1/model-manifests`;
    const { modelManifests } = (await curl('GET', data)).body as { modelManifests: Json[] };
    const manifest = modelManifests.find(
      ({ status, isDefault }) => status === 'ACTIVE' && isDefault === true,
    );
    const entry = newVehicle({ fleetId, modelManifestName: manifest?.modelManifestName });
    const bySearch = () => rest('GET', `vehicles?search=${String(entry.vin)}`);
    assert.equal((await bySearch()).body.total, 0);
    await sandbox.advanceClock(1000);
    const made = await rest('POST', 'vehicles', { entry });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    driven = { ...(made.body.vehicle as Vehicle), fleetId };
    const { vehicleId, vin } = driven;
    assert.deepEqual(
      ((await bySearch()).body.vehicles as Json[]).map((row) => row.vehicleId),
      [vehicleId],
    );
    // The gateway has no route to enroll it, so the table has to do.
    const absent = await rest('PUT', `vehicles/${vehicleId}`, { fleetId });
    assert.deepEqual([absent.status, absent.body], [403, { message: 'Missing Authentication Token' }]);
    await enroll(vehicleId, fleetId);
    const { certificateArn, policyName } = await fetchPair(vehicleId);
    const publicKeyOf = async (...args: string[]) => (await run('openssl', args)).stdout;
    assert.equal(
      await publicKeyOf('x509', '-in', file(`${vehicleId}.pem`), '-noout', '-pubkey'),
      await publicKeyOf('pkey', '-in', file(`${vehicleId}.key`), '-pubout'),
    );
    const attached = (await aws('iot', 'list-attached-policies', '--target', certificateArn?.S ?? '')) as {
      policies: Json[];
    };
    assert.deepEqual(
      attached.policies.map((policy) => policy.policyName),
      [policyName?.S],
    );
    const policy = await aws('iot', 'get-policy', '--policy-name', policyName?.S ?? '');
    assert.match(String(policy.policyDocument), /topic\/\$aws\/rules\/cms_dev_iot_msk_rule\/\*/);
    const endpoint = await aws('iot', 'describe-endpoint', '--endpoint-type', 'iot:Data-ATS');
    assert.equal(endpoint.endpointAddress, sandbox.mqttEndpoint);
    assert.equal((await aws('iot', 'describe-thing', '--thing-name', vin)).thingName, vin);
    const timestamp = await now();
    const place = { lat: 47.61, lng: -122.33, heading: 92 };
    await publish(driven, { timestamp, ...place, ignitionOn: true, engineEvent: 'ENGINE_START' });
    await until('the first telemetry', async () => (await latest(driven)).timestamp === timestamp);
    const { vehicle } = (await rest('GET', `vehicles/${vehicleId}`)).body as { vehicle: Json };
    assert.deepEqual([vehicle.fleetName, vehicle.connectionStatus], ['Vans', 'connected']);
  });

  it('C: a drive becomes a trip from ignition to ignition, and its faults events, alerts and a trouble code', async () => {
    const at = `vehicles/${driven.vehicleId}`;
    const start = await now();
    const faults = [{ speed: 31 }, { speed: 90 }, { speed: 20, deceleration: -6 }, { engineTemp: 245 }];
    for (const [i, fault] of faults.entries()) {
      const place = { lat: 47.61 + i / 1000, lng: -122.33 };
      await publish(driven, { timestamp: start + 1 + i, ...place, ignitionOn: true, ...fault });
    }
    await publish(driven, { timestamp: start + 9, ignitionOn: false, engineEvent: 'ENGINE_STOP', speed: 0 });
    const trips = (await rest('GET', `${at}/trips?limit=20`)).body.trips as Json[];
    assert.deepEqual(
      trips.map(({ endTime, maxSpeed }) => [typeof endTime, maxSpeed]),
      [['number', 90]],
    );
    const kinds = async (list: string, rows: string, key: string) =>
      ((await rest('GET', `${at}/${list}`)).body[rows] as Json[]).map((row) => row[key]).sort();
    assert.deepEqual(await kinds('safety-events', 'events', 'eventType'), ['HARD_BRAKING', 'SPEEDING']);
    assert.deepEqual(await kinds('maintenance-alerts', 'alerts', 'alertType'), [
      'ENGINE_OVERHEAT',
      'ENGINE_TEMPERATURE',
    ]);
    assert.match(JSON.stringify((await rest('GET', `${at}/dtcs?status=ACTIVE`)).body.dtcs), /P0217/);
  });

  it('D: a WebSocket is pushed what the vehicle sends; REST has it when that is silent', async () => {
    const url = new URL((await outputs('ui')).WebSocketEndpoint ?? '');
    url.searchParams.set('token', token);
    url.searchParams.set('fleetId', driven.fleetId);
    const socket = new WebSocket(url);
    const pushed: Json[] = [];
    socket.on('message', (text: Buffer) => pushed.push(JSON.parse(text.toString()) as Json));
    try {
      await until('the WebSocket', () => socket.readyState === WebSocket.OPEN);
      const speed = 12;
      await publish(driven, { timestamp: await now(), lat: 47.7, lng: -122.3, speed, ignitionOn: true });
      const record = await until('the push', () => pushed[0]);
      assert.deepEqual(
        [record.vehicleId, record.fleetId, record.speed],
        [driven.vehicleId, driven.fleetId, speed],
      );
      await sandbox.ask('PUT', 'cm-guidance/dev', { websocket: 'silent' });
      await publish(driven, { timestamp: await now(), lat: 47.8, lng: -122.3, ignitionOn: true });
      const places = (await rest('GET', 'vehicles/locations')).body.vehicles as Json[];
      assert.equal(places.find(({ vehicleId }) => vehicleId === driven.vehicleId)?.lat, 47.8);
      assert.equal(pushed.length, 1);
    } finally {
      socket.terminate();
      await sandbox.ask('PUT', 'cm-guidance/dev', { websocket: 'working' });
    }
  });

  it('E: a vehicle is offboarded with IAM, its device stopped first and its row gone last', async () => {
    const fleetId = 'FLEET-1789999000';
    const vehicle = await onboard(fleetId);
    const { vehicleId, vin, certificateId } = vehicle;
    const { certificateArn } = await fetchPair(vehicleId);
    const arn = certificateArn?.S ?? '';
    await publish(vehicle, {});
    const certificate = ['--certificate-id', certificateId];
    await aws('iot', 'update-certificate', ...certificate, '--new-status', 'INACTIVE');
    await assert.rejects(publish(vehicle, {}));
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

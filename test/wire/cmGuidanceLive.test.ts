import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { guidanceClient, newVehicle, type Tokens } from '../support/guidance.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/** Telemetry by mosquitto, seen over REST, DynamoDB and a WebSocket; no program here knows this project. */
describe('telemetry of Guidance for Connected Mobility in the sandbox', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let admin: Tokens;
  let vehicle: { vehicleId: string; vin: string };
  const { aws, outputs, signIn, rest, call } = guidanceClient(() => sandbox);
  const file = (name: string): string => path.join(folder, name);
  const sockets: WebSocket[] = [];

  const start = async (): Promise<void> => {
    sandbox = await startSandbox({
      stateFolder: file('state'),
      args: ['--install', 'cm-guidance:dev', '--no-limits'],
    });
  };
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cm-guidance-'));
    await start();
    admin = await signIn({ email: 'admin@example.org', groups: ['platform-admin'] });
    const fleet = await rest('POST', 'fleets', admin.id, { entry: { name: 'Vans' } });
    const { fleetId } = fleet.body.fleet as { fleetId: string };
    const made = await rest('POST', 'vehicles', admin.id, { entry: newVehicle({ fleetId }) });
    vehicle = made.body.vehicle as typeof vehicle;
    const { Item } = (await aws(
      ...['dynamodb', 'get-item', '--table-name', 'cms-dev-storage-vehicle-certificates', '--key'],
      JSON.stringify({ vehicleId: { S: vehicle.vehicleId } }),
    )) as { Item: Record<string, { S: string }> };
    await writeFile(file('device.pem'), Item.certificatePem?.S ?? '');
    await writeFile(file('device.key'), Item.privateKey?.S ?? '', { mode: 0o600 });
    await sandbox.ask('PUT', 'cm-guidance/dev', { change: 'present' });
    const enrolled = await rest('PUT', `vehicles/${vehicle.vehicleId}`, admin.id, { fleetId });
    assert.equal(enrolled.status, 200);
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** One message with the vehicle's certificate, and its VIN as the client's id; rejects when the broker closes. */
  async function publish(topic: string, message: object, clientId = vehicle.vin): Promise<void> {
    const payload = gzipSync(JSON.stringify({ vehicleId: vehicle.vehicleId, ...message })).toString('base64');
    await run('mosquitto_pub', [
      ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
      ...['--cert', file('device.pem'), '--key', file('device.key'), '-V', 'mqttv311', '-i', clientId],
      ...['-q', '1', '-t', topic, '-m', payload],
    ]);
  }
  const ruleTopic = (): string => `$aws/rules/cms_dev_iot_msk_rule/${vehicle.vehicleId}`;
  const latest = async (): Promise<Record<string, unknown>> => {
    const { body } = await rest('GET', `vehicles/${vehicle.vehicleId}`, admin.id);
    return (body.latestTelemetry ?? {}) as Record<string, unknown>;
  };
  const clock = async (): Promise<number> =>
    Date.parse(((await sandbox.ask('GET', 'clock')) as { now: string }).now);

  async function open(query: string): Promise<{ socket: WebSocket; received: Record<string, unknown>[] }> {
    const socket = new WebSocket(`${(await outputs('ui')).WebSocketEndpoint}${query}`);
    sockets.push(socket);
    const received: Record<string, unknown>[] = [];
    socket.on('message', (data: Buffer) => received.push(JSON.parse(data.toString()) as never));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return { socket, received };
  }

  it('arrives by Basic Ingest, with the certificate of the table', async () => {
    const timestamp = await clock();
    await publish(ruleTopic(), { timestamp, lat: 47.61, lng: -122.33, speed: 31.5, ignitionOn: true });
    await until('the telemetry', async () => (await latest()).timestamp === timestamp);
    assert.equal((await latest()).speed, 31.5);
    const { Items } = (await aws(
      ...['dynamodb', 'query', '--table-name', 'cms-dev-storage-telemetry'],
      ...['--key-condition-expression', 'vehicleId = :v', '--expression-attribute-values'],
      JSON.stringify({ ':v': { S: vehicle.vehicleId } }),
    )) as { Items: Record<string, { N?: string }>[] };
    assert.deepEqual(
      Items.map(({ timestamp: at }) => at?.N),
      [String(timestamp)],
    );
  });

  it('arrives on a WebSocket, flat and with its fleet, without a subscription', async () => {
    const { received } = await open(`?token=${admin.id}`);
    const timestamp = await clock();
    await publish(ruleTopic(), { timestamp, speed: 12, ignitionOn: true });
    await until('the push', () => received.length > 0);
    assert.equal(received[0]?.vehicleId, vehicle.vehicleId);
    assert.equal(received[0].speed, 12);
    assert.match(String(received[0].fleetId), /^FLEET-\d+$/);
  });

  it('is not pushed by one that fell silent, while REST goes on', async () => {
    const { received } = await open(`?token=${admin.id}`);
    await sandbox.ask('PUT', 'cm-guidance/dev', { websocket: 'silent' });
    const timestamp = await clock();
    await publish(ruleTopic(), { timestamp, speed: 13, ignitionOn: true });
    await until('the telemetry', async () => (await latest()).timestamp === timestamp);
    assert.deepEqual(received, []);
    await sandbox.ask('PUT', 'cm-guidance/dev', { websocket: 'working' });
  });

  it('is refused to a WebSocket with its status', async () => {
    const own = await signIn({ email: 'own@example.org', groups: ['fleet-operator'], fleetIds: 'FLEET-1' });
    for (const [query, status] of [
      ['', 401],
      ['?token=x', 401],
      [`?token=${admin.access}`, 401],
      [`?token=${own.id}`, 400],
      [`?token=${own.id}&fleetId=*`, 403],
      [`?token=${own.id}&fleetId=FLEET-2`, 403],
    ] as const) {
      await assert.rejects(
        open(query),
        new RegExp(`Unexpected server response: ${status}`),
        query.slice(0, 8),
      );
    }
    await open(`?token=${own.id}&fleetId=FLEET-1`);
  });

  it('has a vehicle hear its command and answer it', async () => {
    const url = (await outputs('commands')).CommandsApiUrl ?? '';
    const heard = run('mosquitto_sub', [
      ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
      ...[
        '--cert',
        file('device.pem'),
        '--key',
        file('device.key'),
        '-V',
        'mqttv311',
        '-i',
        `${vehicle.vin}-x`,
      ],
      ...['-q', '1', '-C', '1', '-W', '60', '-t', `cms/commands/${vehicle.vehicleId}/request`],
    ]);
    const connections = async (): Promise<number> =>
      ((await sandbox.ask('GET', 'health')) as { connections: number }).connections;
    await until('the subscriber', async () => (await connections()) > 0);
    // A command is published once: until the subscription is there, it is sent again.
    const got: string[] = [];
    void heard.then(({ stdout }) => got.push(stdout));
    await until(
      'the command',
      async () => {
        if (got.length > 0) return true;
        await call('POST', `${url}api/commands/${vehicle.vehicleId}`, admin.id, { commandName: 'honk_horn' });
        return got.length > 0;
      },
      { everyMs: 200 },
    );
    const command = JSON.parse(got[0] ?? '') as { commandId: string; commandName: string };
    assert.equal(command.commandName, 'honk_horn');
    const answer = { commandId: command.commandId, status: 'SUCCEEDED' };
    await run('mosquitto_pub', [
      ...['-h', 'localhost', '-p', sandbox.mqttEndpoint.split(':')[1] ?? '', '--cafile', sandbox.caFile],
      ...['--cert', file('device.pem'), '--key', file('device.key'), '-V', 'mqttv311', '-i', vehicle.vin],
      ...['-q', '1', '-t', `cms/commands/${vehicle.vehicleId}/response`, '-m', JSON.stringify(answer)],
    ]);
    await until('the answer', async () => {
      const { body } = await call('GET', `${url}api/commands/${vehicle.vehicleId}`, admin.id);
      const all = body.commands as { commandId: string; status: string }[];
      return all.find(({ commandId }) => commandId === command.commandId)?.status === 'SUCCEEDED';
    });
  });

  it('keeps trips over a kill, and ends them afterwards', async () => {
    const timestamp = await clock();
    await publish(ruleTopic(), { timestamp, tripId: 'T-kill', speed: 5, ignitionOn: true });
    await publish(ruleTopic(), { timestamp: timestamp + 1, ignitionOn: false });
    await publish(ruleTopic(), { timestamp: timestamp + 2, tripId: 'T-kill', speed: 5, ignitionOn: true });
    const statusOf = async (): Promise<string | undefined> => {
      const { Item } = (await aws(
        ...[
          'dynamodb',
          'get-item',
          '--table-name',
          'cms-dev-storage-trips',
          '--key',
          '{"tripId":{"S":"T-kill"}}',
        ],
      )) as { Item?: { status?: { S?: string } } };
      return Item?.status?.S;
    };
    assert.equal(await statusOf(), 'ACTIVE');
    await sandbox.kill();
    await start();
    await publish(ruleTopic(), { timestamp: await clock(), ignitionOn: false });
    assert.equal(await statusOf(), 'COMPLETED');
  });
});

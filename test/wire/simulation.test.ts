import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CreatePolicyCommand, UpdateCertificateCommand } from '@aws-sdk/client-iot';
import { isCmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import type { Connection } from '../../src/aws/connection.ts';
import { startDevice, type DeviceProcess } from '../../src/device/client/deviceProcess.ts';
import { startSimulation, type RunningSimulation } from '../../src/device/client/startSimulation.ts';
import type { SimulationRequest, SimulationUpdate } from '../../src/protocol/simulation.ts';
import { brokerOf } from '../../src/provisioning/device.ts';
import { connectTo } from '../support/cms.ts';
import { makePair } from '../support/pairs.ts';
import { startSandbox, type SandboxProcess } from '../support/sandbox.ts';
import { received, shortRoute, simulatedThings } from '../support/simulated.ts';
import { testWork, type TestWork } from '../support/works.ts';
import { until } from '../support/until.ts';

const command = path.join(import.meta.dirname, '../../dist/device.js');

describe('A simulation against a live cloud', () => {
  let folder: string;
  let sandbox: SandboxProcess;
  let connection: Connection;
  let device: DeviceProcess;
  let work: TestWork;
  let updates: SimulationUpdate[];
  let number = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'simulation-test-'));
    sandbox = await startSandbox({ stateFolder: path.join(folder, 'state') });
    connection = await connectTo(sandbox);
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    device = await startDevice({ command });
    work = testWork();
    updates = [];
  });
  afterEach(() => device.dispose());

  const newVins = (count: number) =>
    Array.from({ length: count }, () => `SIM${String(++number).padStart(5, '0')}`);

  async function start(
    vehicles: SimulationRequest['vehicles'],
    more: Partial<SimulationRequest> = {},
    by: DeviceProcess = device,
  ): Promise<RunningSimulation> {
    const request: SimulationRequest = {
      simulationId: `run-of-${vehicles[0]!.vin}`,
      generation: 'cdf',
      broker: await brokerOf(connection),
      routes: [shortRoute],
      vehicles,
      rate: 20,
      speed: 20,
      ...more,
      limits: { connectTimeoutMs: 5000, ackTimeoutMs: 1500, ...more.limits },
    };
    return startSimulation(by, request, { update: (update) => updates.push(update) }, work);
  }
  /** Waits for a state of a simulation, which must not end before that. */
  const reaches = async (simulation: RunningSimulation, what: string, condition: () => boolean) => {
    let over = false;
    simulation.ended.then(
      () => (over = true),
      () => (over = true),
    );
    await until(what, () => {
      const reached = condition();
      assert.ok(reached || !over, `the simulation ended before ${what}`);
      return reached;
    });
  };
  const acknowledged = () => updates.flatMap(({ messages }) => messages).length;
  const fault = (kind: Record<string, unknown>, vin: string, type = 'cardata') =>
    sandbox.fault({ operation: `mqtt:publish:dt/cvra/${vin}/${type}`, action: kind });

  /** First arrivals, which must be all serials in order. */
  async function assertComplete(vin: string, sent: number): Promise<void> {
    const { totals, messages } = await received(sandbox, vin);
    assert.equal(totals.rejected, 0, JSON.stringify(messages.find(({ accepted }) => !accepted)));
    assert.deepEqual([totals.serials.missing, totals.serials.received], [0, sent]);
    const firsts = [...new Set(messages.map(({ serial }) => serial))];
    assert.deepEqual(
      firsts,
      Array.from({ length: sent }, (_, i) => i + 1),
    );
  }

  it('drives a fleet to its end: every serial arrives once, in order, and CMS takes it', async () => {
    const vehicles = await simulatedThings(connection, newVins(5));
    const events = [{ at: 300, kind: 'dtc' as const, code: 'P0217' }];
    const simulation = await start(vehicles, { events });
    const { totals, vehicles: ends } = await simulation.ended;
    assert.deepEqual([totals.ended, totals.failed, totals.lost, totals.unacked], [5, 0, 0, 0]);
    for (const { vin, serial, phase, fraction } of ends) {
      assert.deepEqual([phase, fraction], ['ended', 1]);
      await assertComplete(vin, serial);
      const { totals: got, messages } = await received(sandbox, vin);
      assert.equal(got.serials.duplicates, 0);
      assert.equal(messages.filter(({ type }) => type === 'dtc').length, 1);
      assert.equal(messages.at(-1)!.type, 'trip');
      const { TripSummary } = messages.at(-1)!.payload as {
        TripSummary: { Distance: number; Duration: number };
      };
      assert.ok(TripSummary.Distance > 1 && TripSummary.Distance < 1.5, `${TripSummary.Distance} km`);
      assert.ok(TripSummary.Duration > 40_000 && TripSummary.Duration < 600_000);
    }
    assert.equal(acknowledged(), totals.acknowledged);
  });

  it('drives back at the end of the route as a new trip, from where the first one ended', async () => {
    const [vehicle] = await simulatedThings(connection, newVins(1));
    const simulation = await start([vehicle!], { end: 'ping-pong' });
    const trips = async () => {
      const { messages } = await received(sandbox, vehicle!.vin);
      return messages.filter(({ type }) => type === 'trip');
    };
    await until('the second trip', async () => (await trips()).length >= 2, { everyMs: 200 });
    simulation.stop();
    const { totals, vehicles } = await simulation.ended;
    assert.equal(totals.lost, 0);
    await assertComplete(vehicle!.vin, vehicles[0]!.serial);
    interface Place {
      Latitude: number;
      Longitude: number;
    }
    const [there, back] = (await trips()).map(
      ({ payload }) => (payload as { TripSummary: { StartLocation: Place; EndLocation: Place } }).TripSummary,
    );
    const { points } = shortRoute;
    const [first, last] = [points[0]!, points.at(-1)!].map(({ latitude, longitude }) => ({
      latitude,
      longitude,
    }));
    const near = (place: Place, at: typeof first) => {
      assert.ok(Math.abs(place.Latitude - at!.latitude) < 2e-4, JSON.stringify([place, at]));
      assert.ok(Math.abs(place.Longitude - at!.longitude) < 2e-4, JSON.stringify([place, at]));
    };
    near(there!.StartLocation, first);
    near(there!.EndLocation, last);
    near(back!.StartLocation, last);
    near(back!.EndLocation, first);
  });

  it('is steered while it runs', async () => {
    const [vehicle] = await simulatedThings(connection, newVins(1));
    const simulation = await start([vehicle!], { speed: 1, end: 'loop' });
    const state = () => simulation.vehicles.get(vehicle!.vin);
    await reaches(simulation, 'six acknowledged messages', () => (state()?.acknowledged ?? 0) > 5);
    simulation.pause();
    await reaches(simulation, 'the pause', () => state()?.phase === 'paused');
    const paused = state()!.serial;
    simulation.reportTrouble('P1734');
    await reaches(simulation, 'the message of the trouble code', () => state()!.acknowledged === paused + 1);
    simulation.jumpTo(0.5);
    simulation.setSpeed(5);
    simulation.resume();
    await reaches(
      simulation,
      'the drive after the jump',
      () => state()!.fraction >= 0.5 && state()!.phase === 'driving',
    );
    simulation.stop();
    const { totals } = await simulation.ended;
    assert.equal(totals.lost, 0);
    await assertComplete(vehicle!.vin, state()!.serial);
    const { messages } = await received(sandbox, vehicle!.vin);
    assert.equal(messages.at(-1)!.type, 'trip');
    assert.equal(messages[paused]!.type, 'dtc');
  });

  for (const [what, kind] of [
    [
      'drops the connection after it has the message, but before its acknowledgement',
      { kind: 'drop', when: 'before-ack' },
    ],
    ['drops the connection right after an acknowledgement', { kind: 'drop', when: 'after-ack' }],
    ['never acknowledges a message', { kind: 'swallow' }],
    ['loses the connection before it has the message', { kind: 'reset', when: 'before' }],
  ] as const) {
    it(`loses nothing and keeps the order when the cloud ${what}`, async () => {
      const [vehicle] = await simulatedThings(connection, newVins(1));
      const simulation = await start([vehicle!]);
      await reaches(simulation, 'four acknowledged messages', () => acknowledged() > 3);
      await fault(kind, vehicle!.vin);
      const { totals, vehicles } = await simulation.ended;
      assert.equal(totals.lost, 0);
      assert.ok(vehicles[0]!.connects >= 2, 'it was connected again');
      await assertComplete(vehicle!.vin, vehicles[0]!.serial);
    });
  }

  it('delivers everything in order after the endpoint was gone', async () => {
    const vehicles = await simulatedThings(connection, newVins(3));
    const simulation = await start(vehicles, { speed: 1, durationMs: 300_000, end: 'loop' });
    await reaches(simulation, 'twenty-one acknowledged messages', () => acknowledged() > 20);
    const ports = [sandbox.endpoint, sandbox.mqttEndpoint].map((it) => it.split(':').at(-1)!);
    await sandbox.stop();
    const state = () => [...simulation.vehicles.values()];
    await reaches(simulation, 'the queues of vehicles that are offline', () =>
      state().every(({ queued, link }) => queued > 20 && link !== 'online'),
    );
    assert.ok(state().every(({ problem }) => problem !== undefined));
    sandbox = await startSandbox({
      stateFolder: path.join(folder, 'state'),
      args: ['--http-port', ports[0]!, '--mqtt-port', ports[1]!],
    });
    await reaches(simulation, 'the end of the queues', () =>
      state().every(({ queued, unacked }) => queued + unacked === 0),
    );
    simulation.stop();
    const { totals, vehicles: ends } = await simulation.ended;
    assert.deepEqual([totals.lost, totals.failed], [0, 0]);
    for (const { vin, serial } of ends) {
      const { totals: got, messages } = await received(sandbox, vin);
      assert.deepEqual([got.serials.missing, got.serials.received], [0, serial]);
      // The first part of them is only in the counts: the cloud forgot the messages themselves when it was stopped.
      const firsts = [...new Set(messages.map((message) => message.serial))];
      assert.deepEqual(
        firsts,
        [...firsts].sort((a, b) => a - b),
      );
    }
  }).timeout(90_000);

  it('says that the client id is in use, and gives way, when another machine simulates the vehicle', async () => {
    const [vehicle] = await simulatedThings(connection, newVins(1));
    const other = await startDevice({ command });
    try {
      const mine = await start([vehicle!], { rate: 1, speed: 1, end: 'loop', simulationId: 'mine' });
      await reaches(mine, 'the first acknowledged message', () => acknowledged() > 0);
      const theirs = await start(
        [vehicle!],
        { rate: 1, speed: 1, end: 'loop', simulationId: 'theirs' },
        other,
      );
      const loser = await Promise.race([mine.ended, theirs.ended]);
      assert.equal(loser.vehicles[0]!.phase, 'failed');
      assert.equal(loser.vehicles[0]!.problem!.code, 'CLIENT_ID_IN_USE');
      assert.match(english(loser.vehicles[0]!.problem!.sentence), new RegExp(vehicle!.vin));
      mine.stop();
      theirs.stop();
      await Promise.all([mine.ended, theirs.ended]);
    } finally {
      other.dispose();
    }
  });

  it('names a certificate that is not active, and drives the others', async () => {
    const [bad, good] = await simulatedThings(connection, newVins(2));
    const iot = await connection.iot();
    await iot.send(
      new UpdateCertificateCommand({ certificateId: bad!.certificateId, newStatus: 'INACTIVE' }),
    );
    const { vehicles } = await (await start([bad!, good!])).ended;
    assert.deepEqual(
      vehicles.map(({ phase }) => phase),
      ['failed', 'ended'],
    );
    const { problem } = vehicles[0]!;
    assert.equal(problem!.code, 'MQTT_CONNECT_REFUSED');
    const remedy = english(problem!.remedy!);
    assert.match(remedy, /not ACTIVE/);
    assert.ok(remedy.includes(bad!.vin));
  });

  it('names a certificate that has expired', async () => {
    const [vehicle] = await simulatedThings(connection, newVins(1));
    const identity = await makePair({ notAfter: new Date('2020-02-01T00:00:00Z') });
    const { vehicles } = await (await start([{ ...vehicle!, identity }])).ended;
    assert.equal(vehicles[0]!.problem!.code, 'CERTIFICATE_UNUSABLE');
    assert.match(english(vehicles[0]!.problem!.sentence), /expired at 2020-02-01/);
  });

  it('names the topic that the policy forbids', async () => {
    const policyName = 'NoTrouble';
    const statement = (Effect: string, Action: string[], Resource: string) => ({ Effect, Action, Resource });
    const policyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        statement('Allow', ['iot:Connect', 'iot:Publish'], '*'),
        statement('Deny', ['iot:Publish'], 'arn:aws:iot:*:*:topic/dt/cvra/*/dtc'),
      ],
    });
    await (await connection.iot()).send(new CreatePolicyCommand({ policyName, policyDocument }));
    const [vehicle] = await simulatedThings(connection, newVins(1), policyName);
    const simulation = await start([vehicle!], { speed: 1, end: 'loop' });
    await reaches(simulation, 'four acknowledged messages', () => acknowledged() > 3);
    simulation.reportTrouble('P0217');
    const { vehicles } = await simulation.ended;
    const { code, sentence, details } = vehicles[0]!.problem!;
    assert.equal(code, 'MQTT_PUBLISH_FAILED');
    assert.match(english(sentence), new RegExp(`dt/cvra/${vehicle!.vin}/dtc`));
    assert.equal(details!.topic, `dt/cvra/${vehicle!.vin}/dtc`);
  }).timeout(60_000);

  it('says that the process was killed, and can be resumed from where it was', async () => {
    const vehicles = await simulatedThings(connection, newVins(2));
    const simulation = await start(vehicles, { speed: 2 });
    await reaches(
      simulation,
      'a tenth of the route',
      () => [...simulation.vehicles.values()].filter(({ fraction }) => fraction > 0.1).length === 2,
    );
    const reached = simulation.vehicles.get(vehicles[0]!.vin)!.fraction;
    for (const pid of children()) process.kill(pid, 'SIGKILL');
    await assert.rejects(simulation.ended, (error) => {
      assert.ok(isCmsError(error));
      assert.equal(error.code, 'DEVICE_PROCESS_FAILED');
      assert.match(error.message, /SIGKILL/);
      assert.match(english(error.remedy!), /resume/);
      return true;
    });
    const request = simulation.resumption()!;
    assert.equal(request.simulationId, `run-of-${vehicles[0]!.vin}-r2`);
    assert.ok(request.vehicles.every(({ from = 0 }) => from > 0.1 && from < 0.9));
    const [first] = request.vehicles;
    assert.equal(first!.odometer, simulation.gauges(first!.vin)!.odometer, 'it keeps what it has driven');
    assert.ok(first!.odometer > 12_000 + 100);
    const resumed = startSimulation(device, { ...request, speed: 20 }, {}, work);
    const { totals, vehicles: ends } = await resumed.ended;
    assert.deepEqual([totals.ended, totals.lost], [2, 0]);
    assert.ok(ends[0]!.metres < 1500 * (1 - reached));
  });

  it('ends at once when it is cancelled', async () => {
    const [vehicle] = await simulatedThings(connection, newVins(1));
    const simulation = await start([vehicle!], { end: 'loop' });
    await reaches(simulation, 'the first acknowledged message', () => acknowledged() > 0);
    work.cancel();
    await assert.rejects(simulation.ended, { code: 'CANCELLED' });
  });

  it('runs several simulations at the same time in one process', async () => {
    const vehicles = await simulatedThings(connection, newVins(3));
    const runs = await Promise.all(vehicles.map((vehicle) => start([vehicle], { speed: 20 })));
    const results = await Promise.all(runs.map(({ ended }) => ended));
    for (const [i, { vehicles: ends }] of results.entries()) {
      assert.deepEqual(
        ends.map(({ vin }) => vin),
        [vehicles[i]!.vin],
      );
      await assertComplete(ends[0]!.vin, ends[0]!.serial);
    }
  });
});

/** Device processes that this process has started. */
function children(): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes('device.js'))
    .map((line) => Number.parseInt(line, 10));
}

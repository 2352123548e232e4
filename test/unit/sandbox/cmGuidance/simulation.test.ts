import assert from 'node:assert/strict';
import { until } from '../../../support/until.ts';
import { createGuidance, type Guidance, newVehicle } from './harness.ts';

describe('the simulation API of Guidance for Connected Mobility in the sandbox @slow', () => {
  let guidance: Guidance;
  let admin: string;
  const sim = (method: string, at: string, token?: string, body?: unknown) =>
    guidance.call(
      guidance.outputs('simulation').SimulationApiUrl ?? '',
      method,
      `api/simulation/${at}`,
      token,
      body,
    );

  async function setUp(text?: string): Promise<void> {
    guidance = await createGuidance(text);
    admin = await guidance.signIn(['platform-admin']);
  }
  /** Vehicles with certificates, enrolled in F1. */
  async function vehicles(count: number): Promise<string[]> {
    const made: string[] = [];
    for (let i = 0; i < count; i++) {
      guidance.clock.advance(1000);
      const { body } = await guidance.rest('POST', 'vehicles', admin, newVehicle({ vin: `VIN${i}` }));
      const { vehicleId } = body.vehicle as { vehicleId: string };
      guidance
        .table('storage-fleet-enrollment')
        .put({ PK: 'FLEET#F1', SK: `VEHICLE#${vehicleId}`, fleetId: 'F1', vehicleId });
      made.push(vehicleId);
    }
    return made;
  }
  const driver = (): void =>
    guidance.table('storage-drivers').put({ driverId: 'DRV-1', name: 'Ada', status: 'active' });
  const start = async (body: object, token = admin): Promise<string> => {
    const answer = await sim('POST', 'start', token, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.match(String(answer.body.simulation_id), /^[0-9a-f]{8}$/);
    return String(answer.body.simulation_id);
  };
  const status = async (id: string): Promise<Record<string, unknown>> =>
    (await sim('GET', `status/${id}`, admin)).body;
  const output = async (id: string): Promise<string> => JSON.stringify((await status(id)).output);
  const trips = () => guidance.table('storage-trips').all();

  it('does not repeat what a run was asked for with run-config=empty', async () => {
    await setUp('cm-guidance:dev,run-config=empty');
    const id = await start({ vehicles: await vehicles(1) });
    const { simulations } = (await sim('GET', 'list', admin)).body as { simulations: object[] };
    assert.deepEqual(
      [(await status(id)).config, simulations.map((each) => (each as { config: unknown }).config)],
      [{}, [{}]],
    );
  });

  it('runs trips, never ends by itself, and says nothing of progress', async () => {
    await setUp();
    driver();
    const ids = await vehicles(1);
    const id = await start({ vehicles: ids, trips: 1, route_length: 1 });
    for (let point = 0; point < 5; point++) {
      await until('the message', () => guidance.table('storage-telemetry').count === point + 1);
      guidance.clock.advance(15_000);
    }
    await until('the trip', () => trips()[0]?.status === 'COMPLETED');
    assert.deepEqual([trips().length, trips()[0]?.driverId], [1, 'DRV-1']);
    guidance.clock.advance(12 * 3_600_000);
    admin = await guidance.signIn(['platform-admin']);
    const { status: word, ecs_status: task, trips: counts, end_time: end } = await status(id);
    assert.deepEqual([word, task, end], ['running', 'RUNNING', null]);
    assert.deepEqual(counts, { total: 1, materialised: null, completed: 0, progress: 0 });
    assert.deepEqual((await sim('POST', `stop/${id}`, admin)).body, { success: true });
    const after = await status(id);
    assert.deepEqual([after.status, after.ecs_status], ['stopped', 'STOPPED']);
  });

  it('stops a vehicle at the start of its trip without drivers, and the run says it is running', async () => {
    await setUp();
    const id = await start({ vehicles: await vehicles(1) });
    await until('the line', async () => (await output(id)).includes('Drivers table is empty'));
    assert.equal((await status(id)).status, 'running');
    assert.equal(guidance.table('storage-telemetry').count, 0);
  });

  it('stops a vehicle that the policy of its certificate does not let send', async () => {
    await setUp('cm-guidance:demo');
    driver();
    const id = await start({ vehicles: await vehicles(1) });
    await until('the line', async () => (await output(id)).includes('the publish was denied'));
  });

  it('drives under the scoped policy with its own client id', async () => {
    await setUp('cm-guidance:dev,policy=scoped');
    driver();
    await start({ vehicles: await vehicles(1) });
    await until('the message', () => guidance.table('storage-telemetry').count === 1);
  });

  it('stops a vehicle without a certificate', async () => {
    await setUp();
    driver();
    const [vehicleId = ''] = await vehicles(1);
    guidance.table('storage-vehicle-certificates').remove({ vehicleId });
    const id = await start({ vehicles: [vehicleId] });
    await until('the line', async () => (await output(id)).includes('No certificate found'));
  });

  it('writes that it is connected only where it may hear commands', async () => {
    for (const [policy, expected] of [
      ['stock', 'connected'],
      ['old', 'disconnected'],
    ] as const) {
      await setUp(`cm-guidance:dev,policy=${policy}`);
      driver();
      const [vehicleId] = await vehicles(1);
      await start({ vehicles: [vehicleId] });
      await until('the message', () => guidance.table('storage-telemetry').count === 1);
      const row = guidance.table('storage-vehicles').get({ vehicleId });
      assert.equal(row?.connectionStatus, expected, policy);
    }
  });

  it('takes a list of a hundred, and fails with more', async () => {
    await setUp();
    const rows = guidance.table('storage-vehicles');
    const ids = Array.from({ length: 101 }, (_, i) => `VEH-${i}`);
    for (const vehicleId of ids) {
      rows.put({ vehicleId, vin: vehicleId, status: 'active' });
      guidance
        .table('storage-fleet-enrollment')
        .put({ PK: 'FLEET#F1', SK: `VEHICLE#${vehicleId}`, fleetId: 'F1', vehicleId });
    }
    const tooMany = await sim('POST', 'start', admin, { vehicles: ids });
    assert.deepEqual([tooMany.status, tooMany.body.success], [500, false]);
    assert.match(String(tooMany.body.error), /^ECS RunTask failed/);
    await start({ vehicles: ids.slice(0, 100) });
    // A number takes what is there, and makes nothing.
    const id = await start({ vehicles: 500, trips: 2 });
    assert.equal(((await status(id)).trips as { total: number }).total, 202);
    assert.equal(rows.count, 101);
  });

  it('refuses as its words say', async () => {
    await setUp();
    const [vehicleId] = await vehicles(1);
    const viewer = await guidance.signIn(['fleet-viewer']);
    const none = await guidance.signIn(['fleet-operator']);
    const own = await guidance.signIn(['fleet-operator'], 'F1');
    const other = await guidance.signIn(['fleet-operator'], 'F2');
    for (const [token, body, code, error] of [
      [viewer, { vehicles: [vehicleId] }, 403, 'Read-only access'],
      [none, { vehicles: [vehicleId] }, 403, 'Caller has no fleet assignments.'],
      [own, { vehicles: 3 }, 403, 'vehicles must be a non-empty list of vehicleIds for this route.'],
      [own, { vehicles: [] }, 403, 'vehicles must be a non-empty list of vehicleIds for this route.'],
      [own, { vehicles: ['VEH-9'] }, 404, "Unknown vehicle(s): ['VEH-9']"],
      [other, { vehicles: [vehicleId] }, 403, 'Access denied'],
      [own, { vehicles: [vehicleId], mode: 'fwe' }, 409, 'No RUNNING telemetry campaign for VIN0'],
    ] as const) {
      const answer = await sim('POST', 'start', token, body);
      assert.deepEqual([answer.status, answer.body.error], [code, error]);
    }
    const unknown = await sim('GET', 'status/ffffffff', admin);
    assert.deepEqual([unknown.status, unknown.body], [404, { error: 'Simulation ffffffff not found.' }]);
    assert.deepEqual((await sim('GET', 'what', admin)).body, { error: 'Unknown route' });
    assert.equal((await sim('GET', 'health')).status, 401);
    const byNumber = await start({ vehicles: 1 });
    assert.equal((await sim('POST', `stop/${byNumber}`, own)).status, 403);
  });

  it('forgets the row after a day, and the task goes on', async () => {
    await setUp();
    driver();
    const id = await start({ vehicles: await vehicles(1), trips: 1000 });
    guidance.clock.advance(86_400_000);
    admin = await guidance.signIn(['platform-admin']);
    assert.equal((await sim('GET', `status/${id}`, admin)).status, 404);
    await until('a message', () => guidance.table('storage-telemetry').count > 0);
  });

  it('was open before it had an authoriser', async () => {
    await setUp('cm-guidance:dev,as-of=2026-06-11');
    assert.equal((await sim('GET', 'list')).status, 200);
  });
});

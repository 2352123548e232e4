import assert from 'node:assert/strict';
import { createGuidance, type Guidance, newVehicle } from './harness.ts';

type Rows = Record<string, unknown>[];

describe('what else the APIs of Guidance for Connected Mobility answer @slow', () => {
  let guidance: Guidance;
  let admin: string;
  let vehicleId: string;
  let sentAt: number;
  const get = async (at: string, token = admin): Promise<Record<string, unknown>> =>
    (await guidance.rest('GET', at, token)).body;
  const now = (): number => guidance.clock.now();
  const url = (part: string, output: string): string => guidance.outputs(part)[output] ?? '';

  before(async () => {
    guidance = await createGuidance('cm-guidance:dev,change=present');
    admin = await guidance.signIn(['platform-admin']);
    const { body } = await guidance.rest('POST', 'vehicles', admin, newVehicle());
    ({ vehicleId } = body.vehicle as { vehicleId: string });
    sentAt = now();
    guidance.publish({
      ...{ vehicleId, timestamp: sentAt, lat: 47.61, lng: -122.33, speed: 90, ignitionOn: true },
      engineTemp: 245,
    });
  });

  describe('of a vehicle', () => {
    it('its trip, with the events on it', async () => {
      const trips = (await get(`vehicles/${vehicleId}/trips`)).trips as Rows;
      const tripId = String(trips[0]?.tripId);
      const { trip, safetyEvents, route } = await get(`vehicles/${vehicleId}/trips/${tripId}`);
      assert.equal((trip as { tripId: string }).tripId, tripId);
      assert.deepEqual(
        (safetyEvents as Rows).map(({ eventType }) => eventType),
        ['SPEEDING'],
      );
      assert.deepEqual(route, [{ lat: '47.61', lng: '-122.33' }]);
      const none = await guidance.rest('GET', `vehicles/${vehicleId}/trips/none`, admin);
      assert.equal(none.status, 404);
    });

    it('its events, alerts and trouble codes', async () => {
      const events = await get(`vehicles/${vehicleId}/safety-events`);
      assert.equal((events.events as Rows).length, 1);
      assert.equal(((await get(`vehicles/${vehicleId}/safety-alerts`)).alerts as Rows).length, 1);
      const alerts = (await get(`vehicles/${vehicleId}/maintenance-alerts`)).alerts as Rows;
      assert.deepEqual(alerts.map(({ alertType }) => alertType).sort(), [
        'ENGINE_OVERHEAT',
        'ENGINE_TEMPERATURE',
      ]);
      const codes = await get(`vehicles/${vehicleId}/dtcs?status=ACTIVE`);
      assert.deepEqual(
        (codes.dtcs as Rows).map(({ dtcCode }) => dtcCode),
        ['P0217'],
      );
      assert.equal((await get(`vehicles/${vehicleId}/dtcs?status=CLEARED`)).total, 0);
    });

    it('its place, also in the list of all places, by seconds', async () => {
      const { vehicles, withLocations } = await get('vehicles/locations');
      const [place] = vehicles as Rows;
      assert.deepEqual(
        [place?.lat, place?.lng, place?.lastUpdate, place?.connectionStatus, withLocations],
        [47.61, -122.33, Math.floor(sentAt / 1000), 'connected', 1],
      );
    });

    it('its health, by the row and three minutes', async () => {
      const health = async () => (await get(`vehicles/${vehicleId}/health`)).connectionStatus;
      assert.equal(await health(), 'disconnected');
      const rows = guidance.table('storage-vehicles');
      rows.update({ vehicleId }, { connectionStatus: 'connected', lastSeenAt: now() - 179_999 });
      assert.equal(await health(), 'connected');
      rows.update({ vehicleId }, { lastSeenAt: now() - 180_000 });
      assert.equal(await health(), 'disconnected');
    });

    it('itself by its VIN', async () => {
      const { vehicle } = await get('vehicles/VIN1');
      assert.equal((vehicle as { vehicleId: string }).vehicleId, vehicleId);
    });
  });

  it('of all vehicles: events as texts, alerts', async () => {
    const [event] = (await get('safety-events')).events as Rows;
    assert.equal(event?.triggerValue, '90');
    assert.equal((await get('maintenance-alerts')).count, 2);
    const nobody = await guidance.signIn(['fleet-operator'], 'F9');
    assert.equal((await get('safety-events', nobody)).count, 0);
  });

  it('of fleets: one, changed, gone', async () => {
    const made = await guidance.rest('POST', 'fleets', admin, { entry: { name: 'A' } });
    const { fleetId } = made.body.fleet as { fleetId: string };
    const foreign = await guidance.signIn(['fleet-operator'], 'F9');
    assert.equal((await guidance.rest('GET', `fleets/${fleetId}`, foreign)).status, 403);
    await guidance.rest('PUT', `fleets/${fleetId}`, admin, { name: 'B', fleetId: 'other' });
    const { fleet } = await get(`fleets/${fleetId}`);
    assert.deepEqual(
      [(fleet as { name: string }).name, (fleet as { vehicleCount: number }).vehicleCount],
      ['B', 0],
    );
    assert.equal((await guidance.rest('DELETE', `fleets/${fleetId}`, admin)).status, 200);
    assert.equal((await guidance.rest('GET', `fleets/${fleetId}`, admin)).status, 404);
  });

  it('of drivers: a vehicle has one, the former one loses it', async () => {
    const stateless = await guidance.rest('POST', 'drivers', admin, { name: 'Ada' });
    assert.equal(stateless.status, 400);
    const ids: string[] = [];
    for (const name of ['Ada', 'Ben']) {
      guidance.clock.advance(1000);
      const driver = { name, status: 'active', assignedVehicleId: vehicleId };
      const { status, body } = await guidance.rest('POST', 'drivers', admin, driver);
      assert.equal(status, 201);
      ids.push((body.driver as { driverId: string }).driverId);
    }
    const drivers = (await get('drivers')).drivers as Rows;
    const assigned = new Map(drivers.map(({ driverId, assignedVehicleId }) => [driverId, assignedVehicleId]));
    assert.deepEqual([assigned.get(ids[0]), assigned.get(ids[1])], [null, vehicleId]);
    for (const id of ids) await guidance.rest('DELETE', `drivers/${id}`, admin);
    assert.equal((await get('drivers')).total, 0);
  });

  it('of users: changed and gone', async () => {
    const made = await guidance.rest('POST', 'users', admin, { email: 'a@example.org', fleetIds: ['F1'] });
    const { username } = made.body.user as { username: string };
    const user = async () => ((await get('users')).users as Rows).find((each) => each.username === username);
    assert.deepEqual([(await user())?.group, (await user())?.fleetIds], ['fleet-viewer', 'F1']);
    await guidance.rest('PUT', `users/${username}`, admin, {
      group: 'fleet-operator',
      fleetIds: ['F1', 'F2'],
    });
    assert.deepEqual([(await user())?.group, (await user())?.fleetIds], ['fleet-operator', 'F1,F2']);
    await guidance.rest('PUT', `users/${username}`, admin, { action: 'disable' });
    assert.equal((await user())?.enabled, false);
    assert.equal((await guidance.rest('PUT', `users/${username}`, admin, { action: 'fly' })).status, 400);
    await guidance.rest('DELETE', `users/${username}`, admin);
    assert.equal(await user(), undefined);
  });

  it('of manifests and campaigns', async () => {
    const data = (method: string, at: string, body?: unknown) =>
      guidance.call(url('data-processing', 'APIEndpoint'), method, `api/v1/${at}`, admin, body);
    const models = (await data('GET', 'model-manifests?name=CMS-FLEET-MODEL')).body.modelManifest;
    assert.equal((models as { isDefault: boolean }).isDefault, true);
    assert.equal((await data('GET', 'model-manifests?name=X')).status, 404);
    const model = { modelManifestName: 'CMS-FLEET-MODEL', modelManifestVersion: 1 };
    await data('PUT', 'model-manifests', { ...model, status: 'DEPRECATED' });
    const refused = await guidance.rest('POST', 'vehicles', admin, newVehicle());
    assert.match(String(refused.body.error), /not ACTIVE/);
    assert.equal((await data('DELETE', 'model-manifests?name=CMS-FLEET-MODEL&version=1')).status, 200);
    assert.equal((await data('GET', 'model-manifests')).body.count, 0);
    assert.equal((await data('GET', 'decoder-manifests')).body.count, 1);
    guidance.table('campaigns').put({ campaignId: 'C', targetArn: 'template' });
    const assign = { campaignName: 'C', vehicles: ['VIN1', 'X'] };
    const { body } = await data('POST', 'campaigns/assign', assign);
    assert.deepEqual([body.assigned, body.alreadyAssigned, body.rejected], [['VIN1'], [], ['X']]);
    assert.deepEqual((await data('POST', 'campaigns/assign', assign)).body.alreadyAssigned, ['VIN1']);
    const unknown = await data('GET', 'what');
    assert.deepEqual([unknown.status, unknown.body], [404, { error: 'Not found' }]);
  });

  it('of the simulator: its lists, and no host for an agent', async () => {
    const sim = (method: string, at: string, body?: unknown) =>
      guidance.call(url('simulation', 'SimulationApiUrl'), method, `api/simulation/${at}`, admin, body);
    assert.equal((await sim('GET', 'health')).body.status, 'healthy');
    assert.equal((await sim('GET', 'discover-iot-endpoint')).body.endpoint, 'localhost:8883');
    assert.deepEqual((await sim('GET', 'drivers')).body, { success: true, drivers: [], count: 0 });
    assert.ok(
      ((await sim('GET', 'presets')).body.presets as Rows).every(({ vehicles }) =>
        Number.isInteger(vehicles),
      ),
    );
    assert.equal((await sim('GET', 'campaigns')).status, 200);
    assert.equal((await sim('POST', 'agent/start', { vin: 'VIN1', vehicleId })).status, 503);
    assert.equal((await sim('POST', 'agent/stop', {})).status, 200);
    assert.deepEqual((await sim('GET', 'agent/status')).body, { agents: [], count: 0 });
    assert.deepEqual((await sim('GET', 'agent/logs/VIN1')).body, { vin: 'VIN1', logs: [] });
    const faults = (await sim('GET', `vehicle/${vehicleId}/faults`)).body;
    assert.equal(faults.campaignRunning, false);
    assert.deepEqual((faults.injectable as Rows).map(({ dtcCode }) => dtcCode).sort(), [
      'P0217',
      'P0520',
      'P0562',
    ]);
    assert.equal(
      (await sim('PUT', `vehicle/${vehicleId}/faults`, { maintenance_scenarios: [] })).status,
      409,
    );
  });

  it('of commands: the catalogue, routines, fences', async () => {
    const commands = (method: string, at: string, body?: unknown) =>
      guidance.call(url('commands', 'CommandsApiUrl'), method, `api/${at}`, admin, body);
    const { commands: all } = (await commands('GET', 'commands/catalog')).body;
    assert.ok((all as Rows).some(({ commandName }) => commandName === 'lock_all_doors'));
    assert.equal((await commands('GET', `commands/${vehicleId}/routines`)).status, 404);
    const { geofence } = (await commands('POST', 'geofences', { name: 'depot' })).body;
    assert.equal((await commands('GET', 'geofences')).body.count, 1);
    await commands('DELETE', `geofences/${(geofence as { id: string }).id}`);
    assert.equal((await commands('GET', 'geofences')).body.count, 0);
    assert.deepEqual((await commands('GET', 'what')).body, { error: 'Endpoint not found' });
  });

  it('on the page of the sandbox: vehicles, and what came of them', () => {
    guidance.publish('nonsense');
    const { vehicles, messages } = guidance.installations.overview();
    assert.deepEqual(vehicles, [{ vin: 'VIN1', received: 2, accepted: 1 }]);
    assert.equal(messages[0]?.reason, 'it has no "vehicleId"');
  });
});

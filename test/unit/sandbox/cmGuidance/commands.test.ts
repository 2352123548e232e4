import assert from 'node:assert/strict';
import { until } from '../../../support/until.ts';
import { createGuidance, type Guidance, newVehicle } from './harness.ts';

describe('the commands API of Guidance for Connected Mobility in the sandbox @slow', () => {
  let guidance: Guidance;
  let admin: string;
  let vehicleId: string;
  const commands = (method: string, at: string, body?: unknown) =>
    guidance.call(
      guidance.outputs('commands').CommandsApiUrl ?? '',
      method,
      `api/commands/${at}`,
      admin,
      body,
    );
  const send = (commandName: string) => commands('POST', vehicleId, { commandName, value: true });
  const answer = (body: object): void =>
    guidance.publish(JSON.stringify(body), `cms/commands/${vehicleId}/response`, '');
  const stateOf = (commandId: unknown): unknown =>
    guidance.table('storage-commands').get({ commandId })?.status;

  beforeEach(async () => {
    guidance = await createGuidance();
    admin = await guidance.signIn(['platform-admin']);
    const { body } = await guidance.rest('POST', 'vehicles', admin, newVehicle());
    ({ vehicleId } = body.vehicle as { vehicleId: string });
    guidance
      .table('storage-fleet-enrollment')
      .put({ PK: 'FLEET#F1', SK: `VEHICLE#${vehicleId}`, fleetId: 'F1', vehicleId });
  });

  it('sends what the catalogue has, and follows the answers', async () => {
    const sent = await send('lock_all_doors');
    assert.deepEqual(
      [sent.status, sent.body.status, sent.body.topic],
      [200, 'SENT', `cms/commands/${vehicleId}/request`],
    );
    const { commandId } = sent.body;
    assert.match(String(commandId), /^[0-9a-f]{12}$/);
    assert.equal(stateOf(commandId), 'SENT');
    answer({ commandId });
    answer({ commandId, status: 'NONSENSE' });
    assert.equal(stateOf(commandId), 'SENT');
    answer({ commandId, status: 'IN_PROGRESS' });
    assert.equal(stateOf(commandId), 'IN_PROGRESS');
    answer({ commandId, status: 'SUCCEEDED', resultValue: true });
    answer({ commandId, status: 'FAILED' });
    assert.equal(stateOf(commandId), 'SUCCEEDED');
    const list = await commands('GET', vehicleId);
    assert.equal(list.body.count, 1);
  });

  it('refuses what the catalogue does not have, and vehicles in no fleet', async () => {
    assert.equal((await send('fly')).status, 400);
    guidance.table('storage-fleet-enrollment').remove({ PK: 'FLEET#F1', SK: `VEHICLE#${vehicleId}` });
    assert.equal((await send('lock_all_doors')).status, 404);
  });

  it('keeps them for seven days', async () => {
    await send('lock_all_doors');
    guidance.clock.advance(7 * 86_400_000 - 1000);
    admin = await guidance.signIn(['platform-admin']);
    assert.equal((await commands('GET', vehicleId)).body.count, 1);
    guidance.clock.advance(1000);
    admin = await guidance.signIn(['platform-admin']);
    assert.equal((await commands('GET', vehicleId)).body.count, 0);
  });

  it('is answered by a simulated vehicle, which does not know everything', async () => {
    guidance.table('storage-drivers').put({ driverId: 'DRV-1', status: 'active' });
    const url = guidance.outputs('simulation').SimulationApiUrl ?? '';
    await guidance.call(url, 'POST', 'api/simulation/start', admin, { vehicles: [vehicleId] });
    await until('the vehicle', () => guidance.table('storage-telemetry').count > 0);
    const known = await send('honk_horn');
    assert.equal(stateOf(known.body.commandId), 'SUCCEEDED');
    const unknown = await send('set_cabin_temperature');
    const row = guidance.table('storage-commands').get({ commandId: unknown.body.commandId });
    assert.deepEqual([row?.status, row?.reason], ['FAILED', "Unsupported command: 'set_cabin_temperature'"]);
  });
});

import assert from 'node:assert/strict';
import { createAlerts } from '../../../../src/sandbox/installations/cmsOnAws/alerts.ts';
import { createDynamoDb } from '../../../../src/sandbox/services/dynamodb/dynamodb.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';

const EMAIL = 'owner@example.com';

function setUp() {
  const context = createTestContext();
  const dynamoDb = createDynamoDb(context);
  const alerts = createAlerts(context, { dynamoDb }, { app: 'cms', table: 'notifications' });
  alerts.install();
  const call = (what: string, given: Record<string, unknown>) => {
    const [, name = ''] = what.split(' ');
    const resolver = { ...alerts.publishing, ...alerts.subscribing }[what];
    assert.ok(resolver !== undefined, what);
    return resolver({ name, alias: name, arguments: given, fields: [] });
  };
  const notifications = () => [...dynamoDb.tables.find('notifications').all()];
  return { context, alerts, call, notifications };
}

describe('alerts of CMS on AWS in the sandbox', () => {
  it('keep what a vehicle says of itself', () => {
    const { context, alerts, notifications } = setUp();
    alerts.onNotification({ vin: 'V1', message: 'hot' });
    assert.deepEqual(notifications(), [
      {
        topic: { S: 'CMS-VEHICLE_ALARM-V1' },
        timestamp: { S: new Date(context.clock.now()).toISOString() },
        message: { S: 'hot' },
        read: { BOOL: false },
      },
    ]);
    assert.throws(() => alerts.onNotification({ vin: 'V1' }));
  });

  it('are published by a client', () => {
    const { call, notifications } = setUp();
    const alarm = { vin: 'V1', alarmType: 'VEHICLE_ALARM', message: 'hot' };
    assert.equal((call('mutation publish', alarm) as { status: string }).status, 'SUCCESS');
    assert.equal(notifications().length, 1);
    assert.throws(() => call('mutation publish', { ...alarm, alarmType: 'OTHER' }), /alarmType/);
  });

  it('are subscribed to, vehicle by vehicle', () => {
    const { call } = setUp();
    const wish = (vin: string, emailEnabled: boolean) =>
      call('mutation updateUserSubscriptions', {
        email: EMAIL,
        alarms: [{ alarmType: 'VEHICLE_ALARM', vin, emailEnabled }],
      });
    assert.equal(wish('V1', true), true);
    wish('V2', true);
    wish('V1', false);
    assert.deepEqual(call('query getUserSubscriptions', { email: EMAIL }), {
      email: EMAIL,
      alarms: [{ alarmType: 'VEHICLE_ALARM', vin: 'V2' }],
    });
  });
});

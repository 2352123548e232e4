import assert from 'node:assert/strict';
import { createTestIot, type TestIot } from './harness.ts';

describe('IoT registry events', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
  });

  const want = (Enabled: boolean) =>
    iot.ok('PATCH', '/event-configurations', { eventConfigurations: { THING: { Enabled } } });

  it('are all off at first', async () => {
    const { eventConfigurations, creationDate } = await iot.ok('GET', '/event-configurations');
    assert.deepEqual((eventConfigurations as Record<string, unknown>).THING, { Enabled: false });
    assert.equal(creationDate, undefined);
    await iot.ok('POST', '/things/car', {});
    assert.deepEqual(iot.published, []);
  });

  it('tell of things that are made, changed and deleted, until they are switched off', async () => {
    await want(true);
    const { eventConfigurations, lastModifiedDate } = await iot.ok('GET', '/event-configurations');
    assert.deepEqual((eventConfigurations as Record<string, unknown>).THING, { Enabled: true });
    assert.equal(lastModifiedDate, iot.context.clock.now() / 1000);

    const { thingId } = await iot.ok('POST', '/things/car', {
      attributePayload: { attributes: { vin: 'V' } },
    });
    await iot.ok('PATCH', '/things/car', { attributePayload: { attributes: { a: 'b' }, merge: true } });
    await iot.ok('DELETE', '/things/car');
    assert.deepEqual(
      iot.published.map(({ topic }) => topic),
      ['created', 'updated', 'deleted'].map((what) => `$aws/events/thing/car/${what}`),
    );
    const { eventId, ...event } = iot.published[1]?.payload ?? {};
    assert.equal(typeof eventId, 'string');
    assert.deepEqual(event, {
      eventType: 'THING_EVENT',
      timestamp: iot.context.clock.now(),
      operation: 'UPDATED',
      accountId: '123456789012',
      thingId,
      thingName: 'car',
      versionNumber: 2,
      thingTypeName: null,
      attributes: { vin: 'V', a: 'b' },
    });

    await want(false);
    await iot.ok('POST', '/things/bus', {});
    assert.equal(iot.published.length, 3);
  });

  it('refuse kinds that do not exist', async () => {
    await iot.refused('InvalidRequestException', 400, 'PATCH', '/event-configurations', {
      eventConfigurations: { CAR: { Enabled: true } },
    });
  });
});

describe('IoT topic rules', () => {
  it('are shown, listed, switched off and on, and deleted', async () => {
    const test = await createTestIot();
    const { rules } = test.iot.parts;
    rules.ensure({
      ruleName: 'cms_rule',
      sql: "SELECT * FROM 'a/#'",
      topicPattern: 'a/#',
      actions: [{ s3: { bucketName: 'b' } }],
    });
    const { rule, ruleArn } = (await test.ok('GET', '/rules/cms_rule')) as {
      rule: Record<string, unknown>;
      ruleArn: string;
    };
    assert.equal(ruleArn, 'arn:aws:iot:us-west-2:123456789012:rule/cms_rule');
    assert.deepEqual(
      [rule.sql, rule.ruleDisabled, rule.actions],
      ["SELECT * FROM 'a/#'", false, [{ s3: { bucketName: 'b' } }]],
    );
    await test.ok('POST', '/rules/cms_rule/disable');
    assert.equal(rules.isEnabled('cms_rule'), false);
    const listed = async (query: string) =>
      ((await test.ok('GET', `/rules?${query}`)).rules as object[]).length;
    assert.deepEqual([await listed('topic=a%2F%23'), await listed('ruleDisabled=false')], [1, 0]);
    await test.ok('POST', '/rules/cms_rule/enable');
    assert.equal(rules.isEnabled('cms_rule'), true);
    await test.ok('DELETE', '/rules/cms_rule');
    await test.refused('UnauthorizedException', 401, 'GET', '/rules/cms_rule');
  });
});

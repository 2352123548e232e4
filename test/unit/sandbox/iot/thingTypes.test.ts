import assert from 'node:assert/strict';
import { createTestIot, names, type TestIot } from './harness.ts';

describe('IoT thing types', () => {
  let iot: TestIot;
  beforeEach(async () => {
    iot = await createTestIot();
  });
  const properties = { thingTypeDescription: 'telematics', searchableAttributes: ['vin', 'plant'] };

  it('are made and described', async () => {
    const made = await iot.ok('POST', '/thing-types/tcu', { thingTypeProperties: properties });
    assert.equal(made.thingTypeArn, 'arn:aws:iot:us-west-2:123456789012:thingtype/tcu');
    assert.deepEqual(await iot.ok('GET', '/thing-types/tcu'), {
      ...made,
      thingTypeProperties: properties,
      thingTypeMetadata: { deprecated: false, creationDate: iot.context.clock.now() / 1000 },
    });
  });

  it('can be made again alike, but not otherwise', async () => {
    const first = await iot.ok('POST', '/thing-types/tcu', { thingTypeProperties: properties });
    const alike = { ...properties, searchableAttributes: ['plant', 'vin'] };
    assert.deepEqual(await iot.ok('POST', '/thing-types/tcu', { thingTypeProperties: alike }), first);
    await iot.refused('ResourceAlreadyExistsException', 409, 'POST', '/thing-types/tcu', {});
  });

  it('have at most three searchable attributes', async () => {
    await iot.refused('InvalidRequestException', 400, 'POST', '/thing-types/tcu', {
      thingTypeProperties: { searchableAttributes: ['a', 'b', 'c', 'd'] },
    });
  });

  it('are listed page by page, or one by name', async () => {
    for (const name of ['a', 'b', 'c']) await iot.ok('POST', `/thing-types/${name}`);
    const page = await iot.ok('GET', '/thing-types?maxResults=2');
    assert.deepEqual(names(page.thingTypes, 'thingTypeName'), ['a', 'b']);
    const rest = await iot.ok('GET', `/thing-types?nextToken=${encodeURIComponent(String(page.nextToken))}`);
    assert.deepEqual(names(rest.thingTypes, 'thingTypeName'), ['c']);
    assert.equal(rest.nextToken, undefined);
    assert.deepEqual(
      names((await iot.ok('GET', '/thing-types?thingTypeName=b')).thingTypes, 'thingTypeName'),
      ['b'],
    );
    assert.deepEqual((await iot.ok('GET', '/thing-types?thingTypeName=d')).thingTypes, []);
  });

  it('are deprecated and undeprecated', async () => {
    await iot.ok('POST', '/thing-types/tcu');
    await iot.ok('POST', '/thing-types/tcu/deprecate', {});
    const shown = (await iot.ok('GET', '/thing-types/tcu')).thingTypeMetadata as Record<string, unknown>;
    assert.deepEqual([shown.deprecated, shown.deprecationDate], [true, iot.context.clock.now() / 1000]);
    await iot.ok('POST', '/thing-types/tcu/deprecate', { undoDeprecate: true });
    const after = (await iot.ok('GET', '/thing-types/tcu')).thingTypeMetadata as Record<string, unknown>;
    assert.deepEqual([after.deprecated, after.deprecationDate], [false, undefined]);
  });

  it('are deleted five minutes after they were deprecated, not before', async () => {
    await iot.ok('POST', '/thing-types/tcu');
    await iot.refused('InvalidRequestException', 400, 'DELETE', '/thing-types/tcu');
    await iot.ok('POST', '/thing-types/tcu/deprecate');
    iot.context.clock.advance(299_999);
    await iot.refused('InvalidRequestException', 400, 'DELETE', '/thing-types/tcu');
    iot.context.clock.advance(1);
    await iot.ok('DELETE', '/thing-types/tcu');
    await iot.refused('ResourceNotFoundException', 404, 'GET', '/thing-types/tcu');
  });

  it('need not wait when limits are off', async () => {
    iot = await createTestIot({ config: { limits: false } });
    await iot.ok('POST', '/thing-types/tcu');
    await iot.ok('POST', '/thing-types/tcu/deprecate');
    await iot.ok('DELETE', '/thing-types/tcu');
  });

  it('stay while a thing has them', async () => {
    await iot.ok('POST', '/thing-types/tcu');
    await iot.ok('POST', '/things/a', { thingTypeName: 'tcu' });
    await iot.ok('POST', '/thing-types/tcu/deprecate');
    iot.context.clock.advance(300_000);
    await iot.refused('InvalidRequestException', 400, 'DELETE', '/thing-types/tcu');
  });

  it('that do not exist are told so', async () => {
    await iot.refused('ResourceNotFoundException', 404, 'GET', '/thing-types/nope');
    await iot.refused('ResourceNotFoundException', 404, 'POST', '/thing-types/nope/deprecate');
    await iot.refused('ResourceNotFoundException', 404, 'DELETE', '/thing-types/nope');
  });
});

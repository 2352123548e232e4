import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createDynamoDb } from '../../../src/sandbox/services/dynamodb/dynamodb.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

type Body = Record<string, unknown>;
type Key = Record<string, { S?: string; N?: string }>;

describe('indexes of the sandbox’s tables', () => {
  function setUp() {
    const context = createTestContext();
    const { service, tables } = createDynamoDb(context);
    tables.ensure({
      name: 'trips',
      hash: { name: 'tripId', type: 'S' },
      indexes: [
        {
          name: 'vehicle-start',
          hash: { name: 'vehicleId', type: 'S' },
          range: { name: 'startTime', type: 'N' },
        },
        { name: 'keys', hash: { name: 'vehicleId', type: 'S' }, keysOnly: true },
      ],
    });
    async function send(operation: string, input: object): Promise<{ status: number; body: Body }> {
      const { status, body } = await answered(service, operation, {
        ...{ method: 'POST', path: '/', query: new URLSearchParams(), requestId: randomUUID() },
        ...{ region: 'us-west-2', signed: true, trusted: false },
        headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
        body: Buffer.from(JSON.stringify({ TableName: 'trips', ...input })),
      });
      return { status, body: JSON.parse(String(body)) as Body };
    }
    const put = (tripId: string, more: Key) => send('PutItem', { Item: { tripId: { S: tripId }, ...more } });
    async function query(
      more: object = {},
    ): Promise<{ trips: unknown[]; next: unknown; status: number; body: Body }> {
      const { status, body } = await send('Query', {
        IndexName: 'vehicle-start',
        KeyConditionExpression: 'vehicleId = :v',
        ExpressionAttributeValues: { ':v': { S: 'V1' } },
        ...more,
      });
      const items = (body.Items ?? []) as Key[];
      return { status, body, trips: items.map(({ tripId }) => tripId?.S), next: body.LastEvaluatedKey };
    }
    const at = (vehicle: string, start: number): Key => ({
      vehicleId: { S: vehicle },
      startTime: { N: String(start) },
    });
    return { context, tables, send, put, query, at };
  }

  it('find by their key, in the order of their range, both ways', async () => {
    const { put, query, at } = setUp();
    await put('b', at('V1', 20));
    await put('a', at('V1', 3));
    await put('c', at('V2', 1));
    assert.deepEqual((await query()).trips, ['a', 'b']);
    assert.deepEqual((await query({ ScanIndexForward: false })).trips, ['b', 'a']);
    const later = await query({
      KeyConditionExpression: 'vehicleId = :v AND startTime > :s',
      ExpressionAttributeValues: { ':v': { S: 'V1' }, ':s': { N: '3' } },
    });
    assert.deepEqual(later.trips, ['b']);
  });

  it('hold what has their keys, of their types, and follow changes and removals', async () => {
    const { put, query, at, send } = setUp();
    await put('a', at('V1', 1));
    await query();
    await put('none', { vehicleId: { S: 'V1' } });
    await put('text', { vehicleId: { S: 'V1' }, startTime: { S: '1' } });
    await put('b', at('V1', 2));
    assert.deepEqual((await query()).trips, ['a', 'b']);
    await put('a', at('V2', 1));
    assert.deepEqual((await query()).trips, ['b']);
    await send('DeleteItem', { Key: { tripId: { S: 'b' } } });
    assert.deepEqual((await query()).trips, []);
  });

  it('are read page by page, with their keys and the table’s to go on from', async () => {
    const { put, query, at } = setUp();
    for (const [i, trip] of ['a', 'b', 'c'].entries()) await put(trip, at('V1', i));
    const first = await query({ Limit: 2 });
    assert.deepEqual(first.trips, ['a', 'b']);
    assert.deepEqual(first.next, { tripId: { S: 'b' }, vehicleId: { S: 'V1' }, startTime: { N: '1' } });
    const second = await query({ Limit: 2, ExclusiveStartKey: first.next });
    assert.deepEqual([second.trips, second.next], [['c'], undefined]);
  });

  it('give keys alone where that is what they hold, and are scanned', async () => {
    const { put, send, at } = setUp();
    await put('a', at('V1', 1));
    await put('none', {});
    const { body } = await send('Scan', { IndexName: 'keys' });
    assert.deepEqual(body.Items, [{ tripId: { S: 'a' }, vehicleId: { S: 'V1' } }]);
  });

  it('refuse other names and consistent reads', async () => {
    const { query } = setUp();
    assert.match(
      JSON.stringify((await query({ IndexName: 'other' })).body),
      /does not have the specified index: other/,
    );
    const consistent = await query({ ConsistentRead: true });
    assert.equal(consistent.status, 400);
    assert.match(JSON.stringify(consistent.body), /Consistent reads are not supported/);
  });

  it('stand in the description of the table', async () => {
    const { send } = setUp();
    const { Table } = (await send('DescribeTable', {})).body as {
      Table: { GlobalSecondaryIndexes: { IndexName: string; Projection: { ProjectionType: string } }[] };
    };
    assert.deepEqual(
      Table.GlobalSecondaryIndexes.map(({ IndexName, Projection }) => [IndexName, Projection.ProjectionType]),
      [
        ['vehicle-start', 'ALL'],
        ['keys', 'KEYS_ONLY'],
      ],
    );
  });
});

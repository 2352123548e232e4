import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { createDynamoDb } from '../../../src/sandbox/services/dynamodb/dynamodb.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

type Body = Record<string, unknown>;
interface Reply {
  status: number;
  body: Body;
}
type Send = (operation: string, input: object) => Promise<Reply>;

const AUTHORISED = 'cms-authorised';
const PROVISIONED = 'cms-provisioned';

function setUp() {
  const context = createTestContext();
  const { service, tables } = createDynamoDb(context);
  tables.ensure({ name: AUTHORISED, hash: { name: 'vin', type: 'S' } });
  tables.ensure({
    name: PROVISIONED,
    hash: { name: 'vin', type: 'S' },
    range: { name: 'certificate_id', type: 'S' },
  });
  const send: Send = async (operation, input) => {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      requestId: randomUUID(),
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    assert.ok(service.claims(request));
    const { status, body } = await answered(service, operation, request);
    return { status, body: JSON.parse(String(body)) as Body };
  };
  const ok = async (operation: string, input: object): Promise<Body> => {
    const { status, body } = await send(operation, input);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  return { context, tables, send, ok };
}

const S = (text: string) => ({ S: text });
const vehicle = (vin: string, more: object = {}) => ({
  vin: S(vin),
  make: S('Ford'),
  year: S('2024'),
  ...more,
});

/** Calls one after the other, of which each sees what those before it wrote. */
const calls: [title: string, operation: string, input: object][] = [
  [
    'puts an item',
    'PutItem',
    { TableName: AUTHORISED, Item: vehicle('V1', { allow_provisioning: { BOOL: true } }) },
  ],
  [
    'refuses one that is there, by condition',
    'PutItem',
    { TableName: AUTHORISED, Item: vehicle('V1'), ConditionExpression: 'attribute_not_exists(vin)' },
  ],
  [
    'puts one that is not there, by condition',
    'PutItem',
    {
      TableName: AUTHORISED,
      Item: vehicle('V2', { allow_provisioning: { BOOL: false } }),
      ConditionExpression: 'attribute_not_exists(vin)',
    },
  ],
  [
    'gives back what was replaced',
    'PutItem',
    { TableName: AUTHORISED, Item: vehicle('V2', { n: { N: '1' } }), ReturnValues: 'ALL_OLD' },
  ],
  ['gets an item', 'GetItem', { TableName: AUTHORISED, Key: { vin: S('V1') } }],
  ['gets nothing', 'GetItem', { TableName: AUTHORISED, Key: { vin: S('V9') } }],
  [
    'gets parts of it',
    'GetItem',
    { TableName: AUTHORISED, Key: { vin: S('V1') }, ProjectionExpression: 'vin, make' },
  ],
  [
    'gets parts by other names',
    'GetItem',
    {
      TableName: AUTHORISED,
      Key: { vin: S('V1') },
      ProjectionExpression: '#y',
      ExpressionAttributeNames: { '#y': 'year' },
    },
  ],
  [
    'wants another name for a reserved word',
    'GetItem',
    { TableName: AUTHORISED, Key: { vin: S('V1') }, ProjectionExpression: 'year' },
  ],
  [
    'wants the key and nothing else',
    'GetItem',
    { TableName: AUTHORISED, Key: { vin: S('V1'), make: S('x') } },
  ],
  ['wants the type of the key', 'GetItem', { TableName: AUTHORISED, Key: { vin: { N: '1' } } }],
  ['wants the key of an item', 'PutItem', { TableName: AUTHORISED, Item: { make: S('x') } }],
  ['knows its tables', 'GetItem', { TableName: 'elsewhere', Key: { vin: S('V1') } }],
  [
    'makes an item of an update',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET has_vehicle_connected_once = :t',
      ExpressionAttributeValues: { ':t': { BOOL: true } },
      ReturnValues: 'ALL_NEW',
    },
  ],
  [
    'updates only what is there, by condition',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c9') },
      UpdateExpression: 'SET certificate_status = :s',
      ConditionExpression: 'attribute_exists(vin)',
      ExpressionAttributeValues: { ':s': S('DELETED') },
    },
  ],
  [
    'sets, adds, removes and takes away at once',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression:
        'SET certificate_status = :s, #r = if_not_exists(#r, :r), l = list_append(if_not_exists(l, :e), :e) ADD n :n, tags :tags REMOVE has_vehicle_connected_once',
      ExpressionAttributeNames: { '#r': 'region' },
      ExpressionAttributeValues: {
        ':s': S('ACTIVE'),
        ':r': S('us-west-2'),
        ':e': { L: [{ N: '1' }] },
        ':n': { N: '2.50' },
        ':tags': { SS: ['a'] },
      },
      ReturnValues: 'ALL_NEW',
    },
  ],
  [
    'gives back what was changed',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET n = n - :n, l[0] = :n DELETE tags :tags',
      ExpressionAttributeValues: { ':n': { N: '0.5' }, ':tags': { SS: ['a'] } },
      ReturnValues: 'UPDATED_NEW',
    },
  ],
  [
    'gives back what it was before',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: '1e2' } },
      ReturnValues: 'UPDATED_OLD',
    },
  ],
  [
    'does not update a key',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET vin = :n',
      ExpressionAttributeValues: { ':n': S('x') },
    },
  ],
  [
    'does not add to a text',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'ADD certificate_status :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    },
  ],
  [
    'does not change what is nowhere',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET a.b = :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    },
  ],
  [
    'knows no value that is not given',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET a = :b',
    },
  ],
  [
    'wants every value used',
    'UpdateItem',
    {
      TableName: PROVISIONED,
      Key: { vin: S('V1'), certificate_id: S('c1') },
      UpdateExpression: 'SET a = :a',
      ExpressionAttributeValues: { ':a': { N: '1' }, ':b': { N: '1' } },
    },
  ],
  [
    'writes a batch',
    'BatchWriteItem',
    {
      RequestItems: {
        [AUTHORISED]: [{ PutRequest: { Item: vehicle('V3') } }, { DeleteRequest: { Key: { vin: S('V2') } } }],
        [PROVISIONED]: ['c4', 'c2', 'c3'].map((id) => ({
          PutRequest: { Item: { vin: S('V1'), certificate_id: S(id), certificate_status: S('INACTIVE') } },
        })),
      },
    },
  ],
  [
    'writes no item twice at once',
    'BatchWriteItem',
    {
      RequestItems: {
        [AUTHORISED]: [{ PutRequest: { Item: vehicle('V3') } }, { DeleteRequest: { Key: { vin: S('V3') } } }],
      },
    },
  ],
  [
    'queries a partition',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'vin = :v',
      ExpressionAttributeValues: { ':v': S('V1') },
    },
  ],
  [
    'queries it backwards, page by page',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'vin = :v',
      ExpressionAttributeValues: { ':v': S('V1') },
      ScanIndexForward: false,
      Limit: 2,
      ProjectionExpression: 'certificate_id',
    },
  ],
  [
    'goes on backwards',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'vin = :v',
      ExpressionAttributeValues: { ':v': S('V1') },
      ScanIndexForward: false,
      ExclusiveStartKey: { vin: S('V1'), certificate_id: S('c3') },
      ProjectionExpression: 'certificate_id',
    },
  ],
  [
    'queries a range, with a filter',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'vin = :v AND certificate_id BETWEEN :a AND :b',
      FilterExpression: 'certificate_status IN (:s, :a)',
      ExpressionAttributeValues: { ':v': S('V1'), ':a': S('c2'), ':b': S('c3'), ':s': S('INACTIVE') },
    },
  ],
  [
    'queries by the beginning of the range key',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'begins_with(certificate_id, :c) AND vin = :v',
      ExpressionAttributeValues: { ':v': S('V1'), ':c': S('c4') },
      Select: 'COUNT',
    },
  ],
  [
    'wants the hash key of a query',
    'Query',
    {
      TableName: PROVISIONED,
      KeyConditionExpression: 'certificate_id = :c',
      ExpressionAttributeValues: { ':c': S('c1') },
    },
  ],
  [
    'gets a batch',
    'BatchGetItem',
    { RequestItems: { [AUTHORISED]: { Keys: [{ vin: S('V1') }], ProjectionExpression: 'make' } } },
  ],
  [
    'scans with a filter',
    'Scan',
    {
      TableName: AUTHORISED,
      FilterExpression:
        'allow_provisioning = :t AND NOT (make <> :m OR size(make) > :n) AND contains(make, :o) AND attribute_type(vin, :type)',
      ExpressionAttributeValues: {
        ':t': { BOOL: true },
        ':m': S('Ford'),
        ':n': { N: '4' },
        ':o': S('or'),
        ':type': S('S'),
      },
    },
  ],
  [
    'deletes by condition',
    'DeleteItem',
    {
      TableName: AUTHORISED,
      Key: { vin: S('V3') },
      ConditionExpression: 'make = :m',
      ExpressionAttributeValues: { ':m': S('Audi') },
    },
  ],
  [
    'deletes, and gives back what it was',
    'DeleteItem',
    { TableName: AUTHORISED, Key: { vin: S('V3') }, ReturnValues: 'ALL_OLD' },
  ],
  ['deletes what is not there', 'DeleteItem', { TableName: AUTHORISED, Key: { vin: S('V3') } }],
  ['refuses an empty value', 'PutItem', { TableName: AUTHORISED, Item: { vin: S('V5'), a: {} } }],
  [
    'refuses what is no number',
    'PutItem',
    { TableName: AUTHORISED, Item: { vin: S('V5'), a: { N: 'five' } } },
  ],
  [
    'refuses a number with too many digits',
    'PutItem',
    { TableName: AUTHORISED, Item: { vin: S('V5'), a: { N: '1'.repeat(39) } } },
  ],
  ['refuses an empty set', 'PutItem', { TableName: AUTHORISED, Item: { vin: S('V5'), a: { SS: [] } } }],
  [
    'refuses an empty expression',
    'UpdateItem',
    { TableName: AUTHORISED, Key: { vin: S('V5') }, UpdateExpression: '' },
  ],
];

describe('DynamoDB of the sandbox', () => {
  describe('answers as dynalite does, and @slow', () => {
    let ours: Send;
    let theirs: Send;
    let close: () => void;

    before(async () => {
      ours = setUp().send;
      const server = dynalite({ createTableMs: 0 });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', () => resolve());
      });
      const { port } = server.address() as AddressInfo;
      // Its own way to close waits up to half a minute.
      server.unref();
      close = () => server.closeAllConnections();
      theirs = async (operation, input) => {
        const reply = await fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': `DynamoDB_20120810.${operation}`,
            'x-amz-date': '20260101T000000Z',
            authorization:
              'AWS4-HMAC-SHA256 Credential=a/20260101/us-west-2/dynamodb/aws4_request, SignedHeaders=host, Signature=b',
          },
          body: JSON.stringify(input),
        });
        return { status: reply.status, body: (await reply.json()) as Body };
      };
      for (const [name, ...keys] of [
        [AUTHORISED, 'vin'],
        [PROVISIONED, 'vin', 'certificate_id'],
      ]) {
        const { status, body } = await theirs('CreateTable', {
          TableName: name,
          AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
          KeySchema: keys.map((key, i) => ({ AttributeName: key, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
          BillingMode: 'PAY_PER_REQUEST',
        });
        assert.equal(status, 200, JSON.stringify(body));
      }
    });
    after(() => close());

    for (const [title, operation, input] of calls) {
      it(title, async () => {
        const [one, other] = [await ours(operation, input), await theirs(operation, input)];
        assert.deepEqual(comparable(one), comparable(other));
      });
    }
  });

  it('keeps a whole table for its pages, whatever goes meanwhile', async () => {
    const { ok } = setUp();
    const all = Array.from({ length: 60 }, (_, i) => `V${i}`);
    for (const vin of all) await ok('PutItem', { TableName: AUTHORISED, Item: vehicle(vin) });
    const seen: string[] = [];
    let start: unknown;
    do {
      const page = await ok('Scan', { TableName: AUTHORISED, Limit: 7, ExclusiveStartKey: start });
      seen.push(...(page.Items as { vin: { S: string } }[]).map(({ vin }) => vin.S));
      start = page.LastEvaluatedKey;
      if (start !== undefined) await ok('DeleteItem', { TableName: AUTHORISED, Key: start });
    } while (start !== undefined);
    assert.deepEqual(seen.sort(), all.sort());
  });

  it('ends a page after a megabyte', async () => {
    const { ok } = setUp();
    const large = S('x'.repeat(300_000));
    for (const vin of ['V1', 'V2', 'V3', 'V4', 'V5'])
      await ok('PutItem', { TableName: AUTHORISED, Item: vehicle(vin, { large }) });
    const page = await ok('Scan', { TableName: AUTHORISED });
    assert.equal(page.Count, 4);
    const rest = await ok('Scan', { TableName: AUTHORISED, ExclusiveStartKey: page.LastEvaluatedKey });
    assert.equal(rest.Count, 1);
    assert.equal(rest.LastEvaluatedKey, undefined);
  });

  it('gives all of a table in its first segment', async () => {
    const { ok } = setUp();
    await ok('PutItem', { TableName: AUTHORISED, Item: vehicle('V1') });
    const segment = (Segment: number) => ok('Scan', { TableName: AUTHORISED, Segment, TotalSegments: 2 });
    assert.deepEqual([(await segment(0)).Count, (await segment(1)).Count], [1, 0]);
  });

  it('shows the item that a condition failed on', async () => {
    const { ok, send } = setUp();
    await ok('PutItem', { TableName: AUTHORISED, Item: vehicle('V1') });
    const { status, body } = await send('PutItem', {
      TableName: AUTHORISED,
      Item: vehicle('V1'),
      ConditionExpression: 'attribute_not_exists(vin)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    assert.equal(status, 400);
    assert.deepEqual(body.Item, vehicle('V1'));
  });

  it('refuses what only the older parameters say', async () => {
    const { send } = setUp();
    const { status, body } = await send('DeleteItem', {
      TableName: AUTHORISED,
      Key: { vin: S('V1') },
      Expected: { vin: { Exists: true } },
    });
    assert.equal(status, 400);
    assert.match(String(body.message), /legacy parameters/);
  });

  it('describes and lists its tables', async () => {
    const { context, ok } = setUp();
    assert.deepEqual(await ok('ListTables', { Limit: 1 }), {
      TableNames: [AUTHORISED],
      LastEvaluatedTableName: AUTHORISED,
    });
    assert.deepEqual(await ok('ListTables', { ExclusiveStartTableName: AUTHORISED }), {
      TableNames: [PROVISIONED],
    });
    const { Table } = (await ok('DescribeTable', { TableName: PROVISIONED })) as { Table: Body };
    assert.equal(Table.TableArn, `arn:aws:dynamodb:us-west-2:123456789012:table/${PROVISIONED}`);
    assert.deepEqual(Table.KeySchema, [
      { AttributeName: 'vin', KeyType: 'HASH' },
      { AttributeName: 'certificate_id', KeyType: 'RANGE' },
    ]);
    assert.deepEqual(
      [Table.TableStatus, Table.ItemCount, Table.CreationDateTime],
      ['ACTIVE', 0, context.clock.now() / 1000],
    );
  });

  it('is empty after a reset', async () => {
    const { context, tables, ok } = setUp();
    await ok('PutItem', { TableName: AUTHORISED, Item: vehicle('V1') });
    context.store.reset();
    tables.ensure({ name: AUTHORISED, hash: { name: 'vin', type: 'S' } });
    assert.equal((await ok('Scan', { TableName: AUTHORISED })).Count, 0);
  });
});

/** Without what is worded by each alone: where exactly a syntax error is, and the name space of an error. */
function comparable({ status, body }: Reply): unknown {
  const { __type: type, message, Message, ...rest } = body;
  const text = [message, Message].find((each) => typeof each === 'string') ?? '';
  const error = typeof type === 'string' ? { type: type.split('#')[1], message: text } : {};
  return { status, ...rest, ...error };
}

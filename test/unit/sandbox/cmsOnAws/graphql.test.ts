import assert from 'node:assert/strict';
import {
  readDocument,
  UnreadableDocument,
} from '../../../../src/sandbox/installations/cmsOnAws/graphql/document.ts';
import {
  createGraphql,
  type GraphqlApi,
} from '../../../../src/sandbox/installations/cmsOnAws/graphql/graphql.ts';
import { telemetryResolvers } from '../../../../src/sandbox/installations/cmsOnAws/graphql/telemetryQueries.ts';
import { createBuckets } from '../../../../src/sandbox/services/s3/buckets.ts';
import { answered } from '../../../support/answered.ts';
import { createTestContext } from '../../../support/sandboxContext.ts';

const VIN = 'KMHFG4JG1CA181127';
const TOKEN = 'e30.e30.c2ln';

interface Answer {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; errorType: string; path?: string[] }[];
}

function setUp() {
  const context = createTestContext();
  const bucket = createBuckets(context).ensure('telemetry');
  const api: GraphqlApi = {
    userPoolId: 'pool',
    clients: ['service'],
    scopes: ['a/service'],
    resolvers: telemetryResolvers(() => bucket),
  };
  const granted = new Map([
    [TOKEN, { clientId: 'service', scopes: ['a/service'] }],
    ['e30.e30.dXNlcg', { clientId: 'service', scopes: ['aws.cognito.signin.user.admin'] }],
    ['e30.e30.b3RoZXI', { clientId: 'other', scopes: ['a/service'] }],
  ]);
  const service = createGraphql(new Map([['api1', api]]), {
    accessOf: (_pool, token) => Promise.resolve(granted.get(token)),
  });
  async function ask(body: unknown, authorization = `Bearer ${TOKEN}`): Promise<Answer> {
    const request = {
      method: 'POST',
      path: '/appsync-api/api1/graphql',
      query: new URLSearchParams(),
      headers: { authorization },
      body: Buffer.from(JSON.stringify(body)),
      requestId: 'r',
      region: 'us-west-2',
      signed: false,
      trusted: false,
    };
    assert.ok(service.claims(request));
    const reply = await answered(service, 'POST /graphql', request);
    return { status: reply.status, ...(JSON.parse(String(reply.body)) as object) };
  }
  let count = 0;
  const store = (message: object | string) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    bucket.put(`cms/data/x/${String(count++).padStart(13, '0')}`, Buffer.from(text), 'application/json');
  };
  const sample = (vin: string, more: object = {}) => store({ vehicleidentification: { vin }, ...more });
  return { bucket, ask, store, sample };
}

const one = (fields: string) => ({
  query: `query One($vin: String!) { getVehicle(vin: $vin) { ${fields} } }`,
  variables: { vin: VIN },
});
const list = (page: number | null = 0) => ({
  query: `{ listVehicles(page: ${page}) { vehicleIdentification { vin { value } } } }`,
});

describe('GraphQL of CMS on AWS in the sandbox', () => {
  it('answers with a message of the vehicle, in the shape that was asked for', async () => {
    const { ask, sample } = setUp();
    sample('ANOTHER', { speed: 1 });
    sample(VIN, { speed: 12.5, currentlocation: { latitude: 52.5 }, versionvss: { major: 4 } });
    const { status, data, errors } = await ask(
      one(
        'vehicleIdentification { vin { value } } speed { value } where: currentLocation { latitude { value } }',
      ),
    );
    assert.deepEqual([status, errors], [200, undefined]);
    assert.deepEqual(data, {
      getVehicle: {
        vehicleIdentification: { vin: { value: VIN } },
        speed: { value: 12.5 },
        where: { latitude: { value: 52.5 } },
      },
    });
  });

  it('does not answer with the newest message', async () => {
    const { ask, sample } = setUp();
    for (const speed of [1, 2, 3]) sample(VIN, { speed });
    const { data } = await ask(one('speed { value }'));
    assert.deepEqual(data, { getVehicle: { speed: { value: 1 } } });
  });

  for (const [title, prepare, query, message] of [
    [
      'a vehicle that sent nothing',
      () => undefined,
      one('vehicleIdentification { vin { value } }'),
      /list index out of range/,
    ],
    ['a field that a message lacks', ({ sample }) => sample(VIN), one('speed { value }'), /'VarCharValue'/],
    [
      'no value at all',
      ({ sample }) => sample(VIN),
      one('vehicleIdentification { vin { timestamp } }'),
      /FAILED/,
    ],
    [
      'anything, with one object that is no JSON',
      ({ sample, store }) => {
        sample(VIN);
        store('{"speed":');
      },
      one('vehicleIdentification { vin { value } }'),
      /Query execution failed with status FAILED/,
    ],
    [
      'anything, with one object of several lines',
      ({ sample, store }) => {
        sample(VIN);
        store('{\n"speed": 1\n}');
      },
      one('vehicleIdentification { vin { value } }'),
      /FAILED/,
    ],
    [
      'anything, with a text where a number is due',
      ({ sample }) => {
        sample(VIN);
        sample('OTHER', { speed: 'fast' });
      },
      one('vehicleIdentification { vin { value } }'),
      /FAILED/,
    ],
    ['a page that is null', () => undefined, list(null), /unsupported/],
  ] as [string, (test: ReturnType<typeof setUp>) => void, object, RegExp][]) {
    it(`fails for ${title}`, async () => {
      const test = setUp();
      prepare(test);
      const { status, data, errors } = await test.ask(query);
      assert.equal(status, 200);
      assert.deepEqual(Object.values(data ?? {}), [null]);
      assert.equal(errors?.[0]?.errorType, 'Lambda:Unhandled');
      assert.match(errors[0].message, message);
    });
  }

  it('works again when the bad object is deleted', async () => {
    const { ask, bucket, sample, store } = setUp();
    sample(VIN);
    store('{');
    assert.ok((await ask(list())).errors !== undefined);
    bucket.remove(bucket.keys('cms/data/').at(-1) ?? '');
    assert.equal((await ask(list())).errors, undefined);
  });

  it('lists messages in pages of a hundred, and never shows the last of a page', async () => {
    const { ask, sample } = setUp();
    const vins = Array.from({ length: 105 }, (_, i) => `VIN${String(i).padStart(3, '0')}`);
    for (const vin of vins.toReversed()) sample(vin);
    const page = async (n: number) => {
      const { data } = await ask(list(n));
      const rows = data?.listVehicles as { vehicleIdentification: { vin: { value: string } } }[];
      return rows.map((row) => row.vehicleIdentification.vin.value);
    };
    assert.deepEqual(await page(0), vins.slice(0, 99));
    assert.deepEqual(await page(1), vins.slice(100));
    assert.deepEqual(await page(2), []);
  });

  for (const [title, header] of [
    ['no token', ''],
    ['a token without Bearer', TOKEN],
    ['a token without the scope', 'Bearer e30.e30.dXNlcg'],
    ['a token of another client', 'Bearer e30.e30.b3RoZXI'],
    ['a token of nobody', 'Bearer e30.e30.eHh4'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const { ask } = setUp();
      const { status, errors } = await ask(list(), header);
      assert.deepEqual([status, errors?.[0]?.errorType], [401, 'UnauthorizedException']);
    });
  }

  it('reads names, aliases, variables and values of a document', () => {
    const text =
      'mutation A($v: [String!] = "x", $n: Int) { a: f(v: $v, n: 1.5, b: true, e: ONE, l: [{ k: "x" }]) { g } }';
    assert.deepEqual(readDocument(text, { v: 'V' }), {
      operation: 'mutation',
      fields: [
        {
          name: 'f',
          alias: 'a',
          arguments: { v: 'V', n: 1.5, b: true, e: 'ONE', l: [{ k: 'x' }] },
          fields: [{ name: 'g', alias: 'g', arguments: {}, fields: [] }],
        },
      ],
    });
  });

  it('knows no field that it has not', async () => {
    const { ask } = setUp();
    const { data, errors } = await ask({ query: 'mutation { getVehicle(vin: "V") { a { value } } }' });
    assert.deepEqual(
      [data, errors?.[0]?.message],
      [null, "Field 'getVehicle' in type 'Mutation' is undefined"],
    );
  });

  for (const text of ['subscription { f }', '{ f', '{ f } }', '{ f(a: }', '{ ...F }', '']) {
    it(`does not read ${JSON.stringify(text)}`, () => {
      assert.throws(() => readDocument(text, {}), UnreadableDocument);
    });
  }
});

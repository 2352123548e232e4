import assert from 'node:assert/strict';
import type { Connection, HttpReply, HttpRequest } from '../../../../src/aws/connection.ts';
import { createServiceToken } from '../../../../src/cms/cmsOnAws/graphql/serviceToken.ts';
import { createTelemetryQuery } from '../../../../src/cms/cmsOnAws/graphql/telemetryQuery.ts';
import { breakingProblem, storedProblem } from '../../../../src/cms/cmsOnAws/judgeStored.ts';
import { isCmsError } from '../../../../src/core/errors.ts';

const SECRET = 'Zk8-not-to-be-seen-anywhere';
const signal = new AbortController().signal;

/** A connection to an identity provider and an API that answer what a test says. */
function setUp({
  idp = { token_endpoint: 'https://idp.example.com/token' },
  client = { client_id: 'service', client_secret: SECRET, audience: '' },
  answer = (_request: HttpRequest): Partial<HttpReply> => ({ status: 200, text: '{}' }),
  tokenStatus = (_asked: number) => 200,
}: {
  idp?: object;
  client?: object;
  answer?: (request: HttpRequest) => Partial<HttpReply>;
  /** By how often one was asked for. */
  tokenStatus?: (asked: number) => number;
} = {}) {
  let now = 1_000_000;
  const sent: HttpRequest[] = [];
  const arns = ['arn:idp', 'arn:client'];
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const connection = {
    clock,
    ssm: () =>
      Promise.resolve({
        send: ({ input }: { input: { Names: string[] } }) =>
          Promise.resolve({ Parameters: input.Names.map((Name, i) => ({ Name, Value: arns[i] })) }),
      }),
    secretsManager: () =>
      Promise.resolve({
        send: ({ input }: { input: { SecretId: string } }) =>
          Promise.resolve({ SecretString: JSON.stringify(input.SecretId === 'arn:idp' ? idp : client) }),
      }),
    http: () => ({
      send(request: HttpRequest) {
        sent.push(request);
        const tokens = sent.filter(({ url }) => url.endsWith('/token')).length;
        const token = JSON.stringify({ access_token: `a.b.${tokens}`, expires_in: 3600 });
        const status = tokenStatus(tokens);
        const granted = { status, text: status === 200 ? token : 'slow down' };
        const reply = request.url.endsWith('/token') ? granted : answer(request);
        return Promise.resolve({ headers: {}, status: 200, text: '', ...reply });
      },
    }),
  } as unknown as Connection;
  const token = createServiceToken(connection, 'cms');
  return {
    sent,
    token,
    query: createTelemetryQuery(connection, 'https://api.example.com/graphql', token),
    work: { signal, clock, random: () => 0.5 },
    pass: (ms: number) => (now += ms),
  };
}

describe('The service token of CMS on AWS', () => {
  it('is asked for with client credentials, and kept until it is about to end', async () => {
    const { token, sent, pass } = setUp();
    assert.equal(await token.get(signal), 'a.b.1');
    const form = new URLSearchParams(sent[0]?.body);
    assert.deepEqual(Object.fromEntries(form), {
      ...{ grant_type: 'client_credentials', client_id: 'service', client_secret: SECRET, audience: '' },
    });
    pass(3500_000);
    assert.equal(await token.get(signal), 'a.b.1');
    pass(60_000);
    assert.equal(await token.get(signal), 'a.b.2');
  });

  it('is asked for anew when it was refused', async () => {
    const { token } = setUp();
    const first = await token.get(signal);
    assert.equal(await token.get(signal, first), 'a.b.2');
  });

  it('is not asked for where a value of the identity provider is empty, and no other value is quoted', async () => {
    for (const { token, sent } of [
      setUp({ idp: { token_endpoint: '' } }),
      setUp({ client: { client_id: '', client_secret: SECRET } }),
    ]) {
      await assert.rejects(token.get(signal), (error) => {
        assert.ok(isCmsError(error));
        assert.equal(error.code, 'CMS_UNAUTHORIZED');
        assert.ok(!JSON.stringify([error.message, error.details]).includes(SECRET));
        return true;
      });
      assert.deepEqual(sent, []);
    }
  });

  it('does not cross a network unencrypted', async () => {
    const { token, sent } = setUp({ idp: { token_endpoint: 'http://idp.example.com/token' } });
    await assert.rejects(
      token.get(signal),
      (error) => isCmsError(error) && error.code === 'ENDPOINT_NOT_PRIVATE',
    );
    assert.deepEqual(sent, []);
  });
});

describe('A query over the telemetry of CMS on AWS', () => {
  const failing = (message: string) => () => ({
    text: JSON.stringify({
      data: { getVehicle: null },
      errors: [{ message, errorType: 'Lambda:Unhandled' }],
    }),
  });

  it('tells an unknown VIN, a row without one, and a store that cannot be read apart', async () => {
    const kinds: string[] = [];
    for (const message of [
      'list index out of range',
      "'VarCharValue'",
      'Query execution failed with status FAILED',
    ]) {
      const { query, work } = setUp({ answer: failing(message) });
      kinds.push((await query.knows('KMHFG4JG1CA181127', work)).kind);
    }
    assert.deepEqual(kinds, ['unknown', 'incomplete', 'broken']);
  });

  it('asks with a new token after a refusal, and gives up after the second', async () => {
    const { query, work, sent } = setUp({ answer: () => ({ status: 401, text: '{}' }) });
    await assert.rejects(
      query.knows('V', work),
      (error) => isCmsError(error) && error.code === 'CMS_UNAUTHORIZED',
    );
    const bearers = sent.flatMap(({ url, headers }) =>
      url.endsWith('/token') ? [] : [headers?.authorization],
    );
    assert.deepEqual(bearers, ['Bearer a.b.1', 'Bearer a.b.2']);
  });

  it('asks again when the API is busy, and only so often', async () => {
    const { query, work, sent } = setUp({ answer: () => ({ status: 429, text: '{}' }) });
    await assert.rejects(
      query.page(0, work),
      (error) => isCmsError(error) && error.code === 'CMS_UNAVAILABLE',
    );
    assert.equal(sent.filter(({ url }) => url.endsWith('/graphql')).length, 4);
  });

  it('asks for the token again when the identity provider is busy, and only so often', async () => {
    const row = { vehicleIdentification: { vin: { value: 'V' } } };
    const answer = () => ({ text: JSON.stringify({ data: { getVehicle: row } }) });
    const once = setUp({ answer, tokenStatus: (asked) => (asked === 1 ? 429 : 200) });
    assert.equal((await once.query.knows('V', once.work)).kind, 'found');
    const always = setUp({ answer, tokenStatus: () => 503 });
    await assert.rejects(
      always.query.knows('V', always.work),
      (error) =>
        isCmsError(error) && error.code === 'CMS_UNAVAILABLE' && error.message.includes('cms is busy'),
    );
    assert.equal(always.sent.length, 4);
  });

  it('asks for nothing but the VIN, which every message has', async () => {
    const rows = Array.from({ length: 99 }, () => ({ vehicleIdentification: { vin: { value: 'V1' } } }));
    const answer = () => ({ text: JSON.stringify({ data: { listVehicles: rows } }) });
    const { query, work, sent } = setUp({ answer });
    const found = await query.page(3, work);
    assert.deepEqual(found.kind === 'found' && [found.value.vins.length, found.value.isLast], [99, false]);
    const body = JSON.parse(sent.at(-1)?.body ?? '') as { query: string; variables: object };
    assert.deepEqual(body.variables, { page: 3 });
    assert.match(
      body.query,
      /listVehicles\(page: \$page\) \{ vehicleIdentification \{ vin \{ value \} \} \}/,
    );
  });
});

describe('A stored message that breaks queries', () => {
  const problemOf = (text: string) => breakingProblem(Buffer.from(text));

  it('is no JSON, has several lines, is no object, or has a text where the table has a number', () => {
    for (const text of ['{', '{\n}', '[1]', '{"speed":"fast"}', '{"CurrentLocation":{"Latitude":"48"}}'])
      assert.notEqual(problemOf(text), undefined, text);
  });

  it('is none that only lacks something, or says more than the table has', () => {
    for (const text of ['{}', '{"speed":1.5}', '{"SPEED":1}', '{"unknown":"x","speed":null}'])
      assert.equal(problemOf(text), undefined, text);
    // Which is not to say that it is as it should be.
    assert.notEqual(storedProblem(Buffer.from('{"SPEED":1}'), 'V'), undefined);
  });
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSsm } from '../../../src/sandbox/services/ssm/ssm.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext, type TestContextOverrides } from '../../support/sandboxContext.ts';

interface Shown {
  Name: string;
  Value: string;
  Version: number;
}

function setUp(overrides: TestContextOverrides = {}) {
  const context = createTestContext(overrides);
  const { service, parameters } = createSsm(context);
  async function send(operation: string, input: unknown) {
    const request = {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `AmazonSSM.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
      requestId: randomUUID(),
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    assert.ok(service.claims(request));
    const reply = await answered(service, operation, request);
    return { ...reply, body: JSON.parse(String(reply.body)) as Record<string, unknown> };
  }
  async function ok(operation: string, input: unknown) {
    const { status, body } = await send(operation, input);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }
  const get = async (name: string) => (await ok('GetParameter', { Name: name })).Parameter as Shown;
  const below = async (input: object) => {
    const { Parameters, NextToken } = await ok('GetParametersByPath', input);
    return { names: (Parameters as Shown[]).map(({ Name }) => Name), NextToken };
  };
  return { context, parameters, send, ok, get, below };
}

describe('Parameter Store of the sandbox', () => {
  it('is empty but for what installations put in', async () => {
    const { send, below } = setUp();
    const { status, headers, body } = await send('GetParameter', { Name: '/solution/cms' });
    assert.equal(status, 400);
    assert.equal(headers?.['content-type'], 'application/x-amz-json-1.1');
    assert.deepEqual(body, { __type: 'ParameterNotFound' });
    assert.deepEqual(await below({ Path: '/', Recursive: true }), { names: [], NextToken: undefined });
  });

  it('gives a parameter with all that AWS says of it', async () => {
    const { context, parameters, ok } = setUp();
    parameters.put({ name: '/solution/cms/config/vpc/name', value: 'cms-vpc' });
    assert.deepEqual(
      await ok('GetParameter', { Name: '/solution/cms/config/vpc/name', WithDecryption: true }),
      {
        Parameter: {
          Name: '/solution/cms/config/vpc/name',
          Type: 'String',
          Value: 'cms-vpc',
          Version: 1,
          LastModifiedDate: context.clock.now() / 1000,
          ARN: 'arn:aws:ssm:us-west-2:123456789012:parameter/solution/cms/config/vpc/name',
          DataType: 'text',
        },
      },
    );
  });

  it('finds it by its name with spaces around, and by its ARN', async () => {
    const { parameters, get, send } = setUp();
    parameters.put({ name: '/a/b', value: '1' });
    parameters.put({ name: 'plain', value: '2' });
    const arn = 'arn:aws:ssm:us-west-2:123456789012:parameter';
    assert.equal((await get(' /a/b ')).Value, '1');
    assert.equal((await get(`${arn}/a/b`)).Value, '1');
    assert.equal((await get('plain')).Value, '2');
    assert.equal((await get(`${arn}/plain`)).Value, '2');
    const foreign = await send('GetParameter', {
      Name: `${arn.replace('123456789012', '210987654321')}/a/b`,
    });
    assert.equal(foreign.body.__type, 'ParameterNotFound');
  });

  it('counts a version for each value, and gives an older one by its number', async () => {
    const { parameters, get, send } = setUp();
    for (const value of ['one', 'one', 'two']) parameters.put({ name: '/a', value });
    assert.deepEqual([(await get('/a')).Value, (await get('/a')).Version], ['two', 2]);
    const old = await get('/a:1');
    assert.deepEqual([old.Name, old.Value, old.Version], ['/a', 'one', 1]);
    assert.equal((old as Shown & { Selector: string }).Selector, ':1');
    for (const version of ['3', '0', 'latest']) {
      const { body } = await send('GetParameter', { Name: `/a:${version}` });
      assert.equal(body.__type, 'ParameterVersionNotFound');
      assert.ok(String(body.message).includes(`version ${version} of /a.`));
    }
  });

  it('refuses names that are none', async () => {
    const { send } = setUp();
    for (const Name of [
      'a b',
      'no/slash/first',
      '/a//b',
      '/a/',
      '/ssm/x',
      'SSMthing',
      '/ä',
      '/a:b:c',
      '/a:',
    ]) {
      const { status, body } = await send('GetParameter', { Name });
      assert.deepEqual([status, body.__type], [400, 'ValidationException'], Name);
    }
    const { body } = await send('GetParameter', { Name: '' });
    assert.equal(
      body.message,
      "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  });

  describe('by path', () => {
    it('gives the next level, or everything below, but not the path itself', async () => {
      const { parameters, below } = setUp();
      for (const name of ['/s/a', '/s/a/x', '/s/a/x/y', '/s/ab', 's', '/s/a/z']) {
        parameters.put({ name, value: 'v' });
      }
      assert.deepEqual((await below({ Path: '/s/a' })).names, ['/s/a/x', '/s/a/z']);
      assert.deepEqual((await below({ Path: '/s/a/' })).names, ['/s/a/x', '/s/a/z']);
      assert.deepEqual((await below({ Path: '/s/a', Recursive: true })).names, [
        '/s/a/x',
        '/s/a/x/y',
        '/s/a/z',
      ]);
      assert.deepEqual((await below({ Path: '/' })).names, []);
      assert.deepEqual((await below({ Path: '/', Recursive: true })).names.length, 5);
      assert.deepEqual((await below({ Path: '/nowhere' })).names, []);
    });

    it('gives ten at a time, each once', async () => {
      const { parameters, below } = setUp();
      const all = Array.from({ length: 25 }, (_, i) => `/s/${String(i).padStart(2, '0')}`);
      for (const name of [...all].reverse()) parameters.put({ name, value: 'v' });
      const sizes: number[] = [];
      const names: string[] = [];
      let token: unknown;
      do {
        const page = await below({ Path: '/s', ...(token === undefined ? {} : { NextToken: token }) });
        sizes.push(page.names.length);
        names.push(...page.names);
        token = page.NextToken;
      } while (token !== undefined);
      assert.deepEqual(sizes, [10, 10, 5]);
      assert.deepEqual(names, all);
      const { NextToken } = await below({ Path: '/s', MaxResults: 3 });
      assert.equal(typeof NextToken, 'string');
    });

    it('refuses more than ten, a token of another list, a filter and a path that is none', async () => {
      const { parameters, below, send } = setUp();
      for (const name of ['/s/a', '/s/b']) parameters.put({ name, value: 'v' });
      const { NextToken } = await below({ Path: '/s', MaxResults: 1 });
      const wrong: [input: object, type: string][] = [
        [{ Path: '/s', MaxResults: 11 }, 'ValidationException'],
        [{ Path: '/s', MaxResults: 0 }, 'ValidationException'],
        [{ Path: '/s', MaxResults: 'ten' }, 'SerializationException'],
        [{ Path: 's' }, 'ValidationException'],
        [{ Path: '/s//a' }, 'ValidationException'],
        [{ Path: '/SSM' }, 'ValidationException'],
        [{}, 'ValidationException'],
        [{ Path: '/s', NextToken: 'nonsense' }, 'InvalidNextToken'],
        [{ Path: '/', NextToken }, 'InvalidNextToken'],
        [{ Path: '/s', Recursive: true, NextToken }, 'InvalidNextToken'],
        [{ Path: '/s', ParameterFilters: [{ Key: 'Type', Values: ['String'] }] }, 'InvalidFilterKey'],
      ];
      for (const [input, type] of wrong) {
        const { status, body } = await send('GetParametersByPath', input);
        assert.deepEqual([status, body.__type], [400, type], JSON.stringify(input));
      }
    });
  });

  it('finds its parameters again after a restart, and not after a reset', async () => {
    const { context, parameters } = setUp();
    parameters.put({ name: '/a', value: '1' });
    const again = setUp({ store: context.store });
    assert.equal((await again.get('/a')).Value, '1');
    context.store.reset();
    assert.deepEqual((await again.below({ Path: '/', Recursive: true })).names, []);
  });

  it('answers an operation it does not know as AWS does', async () => {
    const { send } = setUp();
    const { status, body } = await send('PutParameter', { Name: '/a', Value: 'x' });
    assert.equal(status, 400);
    assert.deepEqual(body, { __type: 'UnknownOperationException' });
  });
});

import assert from 'node:assert/strict';
import {
  type InstallationKind,
  type InstallationSettings,
  type InstallationSpec,
  NotInstallable,
} from '../../../src/sandbox/installations/contract.ts';
import {
  createInstallations,
  kinds,
  readInstallation,
} from '../../../src/sandbox/installations/installations.ts';
import { wholeNumber } from '../../../src/sandbox/kernel/arguments.ts';
import type { HttpRequest } from '../../../src/sandbox/kernel/http.ts';
import { createCommand, parseOptions } from '../../../src/sandbox/options.ts';
import { apiIdOf, apiUrl } from '../../../src/sandbox/protocols/apiGateway/apiIds.ts';
import { createApiService } from '../../../src/sandbox/protocols/apiGateway/apiService.ts';
import { createAws } from '../../../src/sandbox/services/services.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';
import { sharedAuthority } from './iot/harness.ts';

/** A generation that is made up: a stack, a parameter with the address of its one API, and what devices said. */
const toy: InstallationKind<{ mostHeard: number }> = {
  kind: 'toy',
  options: {
    mostHeard: {
      ...{ value: 'N', description: 'messages that are kept', default: 1000 },
      read: (text, option) => wholeNumber(option, text, 1, 1000),
    },
  },
  shorthand: {
    flags: '--toy <NAME...>',
    description: 'toys to install',
    read: (name) => ({ kind: 'toy', name, with: {} }),
  },
  problem: (spec) => (Object.keys(spec.with).length > 0 ? 'toy has no keys.' : undefined),
  stacks: ({ name }) => ({ main: `toy-${name}` }),
  create({ endpoints }, { cloudFormation, ssm }, { mostHeard }) {
    const apis = new Map<string, string>();
    const heard: string[] = [];
    return {
      services: [
        createApiService<string>({
          name: 'toys',
          apis,
          stage: 'prod',
          proxy: false,
          operations: ['GET /name'],
          operationOf: (method, path) => (`${method} ${path}` === 'GET /name' ? 'GET /name' : undefined),
          authorize: () => Promise.resolve(undefined),
          answer: (name) => ({ status: 200, body: name }),
          failure: (code) => ({ headers: {}, body: code }),
        }),
      ],
      administration: { 'GET /heard': () => heard },
      onMessage({ topic }) {
        if (heard.length < mostHeard) heard.push(topic);
      },
      install({ name }) {
        const id = apiIdOf(`toy-${name}`, 'toys');
        apis.set(id, name);
        ssm.parameters.put({ name: `/toy/${name}/url`, value: apiUrl(endpoints.http, id, 'prod') });
        cloudFormation.stacks.deploy(`toy-${name}`, () => ({ description: 'A toy' }));
        return Promise.resolve();
      },
      reload: () => heard.splice(0),
    };
  },
};

async function setUp(settings: InstallationSettings = {}) {
  const context = createTestContext();
  const aws = createAws(context, {
    authority: await sharedAuthority(),
    onMessage: (message) => installations.onMessage(message),
  });
  const installations = createInstallations(context, aws, settings, [...kinds, toy]);
  const services = [...installations.services, ...aws.services];
  async function call(method: string, url: string, headers: Record<string, string> = {}, body = '') {
    const request: HttpRequest = {
      method,
      path: new URL(url, 'http://localhost').pathname,
      query: new URLSearchParams(),
      headers,
      body: Buffer.from(body),
      requestId: 'r',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    const service = services.find((each) => each.claims(request));
    if (service === undefined) return undefined;
    const operation = service.operation(request);
    const unknown = { code: 'UnknownOperationException', message: '', status: service.unknownStatus };
    const reply =
      operation === undefined ? service.error(unknown, request) : await answered(service, operation, request);
    return String(reply.body);
  }
  const add = (text: string) => installations.add(readInstallation(text));
  const stackNames = () =>
    aws.cloudFormation.stacks.all().flatMap((s) => (s.rootId === undefined ? [s.name] : []));
  return { context, aws, installations, call, add, stackNames };
}

describe('installations', () => {
  it('are nothing at first', async () => {
    const { installations, stackNames, aws } = await setUp();
    assert.deepEqual(installations.list(), []);
    assert.deepEqual(stackNames(), []);
    assert.throws(() => aws.iot.parts.thingTypes.find('tcu'));
  });

  it('stand beside each other, several of a kind and kinds of their own @slow', async () => {
    const { add, installations, stackNames, call } = await setUp();
    for (const text of ['cdf:dev1', 'toy:a', 'cdf:dev2,core=cdf-core-dev2', 'toy:b'])
      assert.ok(await add(text));
    assert.deepEqual(installations.list(), [
      { id: 'cdf:dev1', kind: 'cdf', name: 'dev1', stacks: { cms: 'cms-dev1', cdf: 'cdf-core-development' } },
      { id: 'toy:a', kind: 'toy', name: 'a', stacks: { main: 'toy-a' } },
      { id: 'cdf:dev2', kind: 'cdf', name: 'dev2', stacks: { cms: 'cms-dev2', cdf: 'cdf-core-dev2' } },
      { id: 'toy:b', kind: 'toy', name: 'b', stacks: { main: 'toy-b' } },
    ]);
    // The newest first.
    assert.deepEqual(stackNames(), [
      'toy-b',
      'cms-dev2',
      'cdf-core-dev2',
      'toy-a',
      'cms-dev1',
      'cdf-core-development',
    ]);
    const parameters = await call(
      'POST',
      '/',
      { 'x-amz-target': 'AmazonSSM.GetParametersByPath' },
      '{"Path":"/toy","Recursive":true}',
    );
    const { Parameters } = JSON.parse(parameters ?? '') as { Parameters: { Value: string }[] };
    const answers = await Promise.all(Parameters.map(({ Value }) => call('GET', `${Value}/name`)));
    assert.deepEqual(answers, ['a', 'b']);
    assert.equal(
      await call('GET', `${Parameters[0]?.Value}/nothing`),
      '{"message":"Missing Authentication Token"}',
    );
    assert.equal(await call('GET', `${Parameters[0]?.Value}x/name`), '{"message":"Forbidden"}');
  });

  it('are added once; the same again changes nothing @slow', async () => {
    const { add, installations, aws } = await setUp();
    assert.deepEqual(await Promise.all([add('cdf:dev1'), add('cdf:dev1'), add('cdf:dev2')]), [
      true,
      false,
      true,
    ]);
    assert.equal(installations.list().length, 2);
    // All CMS v1 of an account share this certificate.
    assert.equal([...aws.iot.parts.state.certificates.values()].length, 1);
  });

  it('say why one cannot be added, and leave everything as it was', async () => {
    const { add, installations, stackNames } = await setUp();
    await add('toy:a');
    const wrong: [text: string, why: RegExp][] = [
      ['toy:b,size=5', /^toy has no keys\.$/],
      ['lego:a', /^There is no kind of CMS named "lego"\. Known: .*\btoy\.$/],
      ['cdf:x,stack=toy-a', /^cdf:x needs the stack toy-a, which is another one's\.$/],
      ['cdf:x,core=toy-a', /toy-a/],
    ];
    for (const [text, why] of wrong) {
      await assert.rejects(
        add(text),
        (error: unknown) => error instanceof NotInstallable && why.test(error.message),
      );
    }
    assert.deepEqual(
      installations.list().map(({ id }) => id),
      ['toy:a'],
    );
    assert.deepEqual(stackNames(), ['toy-a']);
  });

  it('are all there again after a reset @slow', async () => {
    const { context, add, installations, stackNames, call, aws } = await setUp();
    await add('cdf:dev1');
    await add('toy:a');
    const [before, ids] = [stackNames(), installations.list()];
    installations.onMessage({
      topic: 'x',
      payload: Buffer.from(''),
      clientId: 'c',
      certificateId: undefined,
    });
    await installations.again(() => context.store.reset());
    assert.deepEqual([stackNames(), installations.list()], [before, ids]);
    assert.deepEqual(await installations.administration['GET /heard']?.({} as HttpRequest, ''), []);
    assert.equal(aws.iot.parts.thingTypes.find('tcu').thingTypeName, 'tcu');
    const parameter = await call(
      'POST',
      '/',
      { 'x-amz-target': 'AmazonSSM.GetParameter' },
      '{"Name":"/toy/a/url"}',
    );
    assert.match(parameter ?? '', /"Version":1/);
  });

  it('get what devices publish', async () => {
    const { add, installations, aws } = await setUp();
    await add('toy:a');
    const payload = Buffer.from('{}');
    aws.broker.publishFromHttp({ topic: 'some/topic', payload, qos: 0, retain: false });
    assert.deepEqual(await installations.administration['GET /heard']?.({} as HttpRequest, ''), [
      'some/topic',
    ]);
  });
});

describe('a kind of installation', () => {
  const known = [...kinds, toy];

  it('brings its own options, and its own short way to be named', () => {
    const help = createCommand(known).helpInformation();
    assert.match(help, /--toy <NAME\.\.\.> +toys to install/);
    assert.match(help, /--most-heard <N> +messages that are kept \(default: 1000\)/);
    const { installations, settings } = parseOptions(['--toy', 'a', 'b', '--most-heard', '2'], known);
    assert.deepEqual(
      installations.map(({ kind, name }) => [kind, name]),
      [
        ['toy', 'a'],
        ['toy', 'b'],
      ],
    );
    assert.deepEqual(settings.toy, { mostHeard: 2 });
    assert.throws(
      () => parseOptions(['--most-heard', '0'], known),
      /^StartError: --most-heard must be a whole number from 1 to 1000, not "0"\.$/,
    );
    assert.doesNotMatch(createCommand([toy]).helpInformation(), /CMS v1|--stack|--event-delay-ms/);
  });

  it('gets what its options say, and their defaults where nothing was said', async () => {
    for (const [settings, kept] of [
      [{ toy: { mostHeard: 2 } }, 2],
      [{}, 3],
    ] as const) {
      const { add, installations } = await setUp(settings);
      await add('toy:a');
      for (const topic of ['x', 'y', 'z'])
        installations.onMessage({
          topic,
          payload: Buffer.from(''),
          clientId: 'c',
          certificateId: undefined,
        });
      const heard = await installations.administration['GET /heard']?.({} as HttpRequest, '');
      assert.equal((heard as string[]).length, kept);
    }
  });
});

describe('an installation on the command line', () => {
  const read: [text: string, spec: InstallationSpec][] = [
    ['cdf:dev1', { kind: 'cdf', name: 'dev1', with: {} }],
    ['cms-on-aws:cms,core=a,b=c:d', { kind: 'cms-on-aws', name: 'cms', with: { core: 'a', b: 'c:d' } }],
  ];
  for (const [text, spec] of read) {
    it(`is read: ${text}`, () => {
      assert.deepEqual(readInstallation(text), spec);
    });
  }
  for (const text of [
    '',
    'cdf',
    ':x',
    'cdf:',
    'cdf:a,',
    'cdf:a,b',
    'cdf:a,b=',
    'cdf:a,=b',
    'cdf:a,b=c=d',
    'a:b:c',
  ]) {
    it(`is refused: "${text}"`, () => {
      assert.throws(() => readInstallation(text), NotInstallable);
    });
  }
});

import assert from 'node:assert/strict';
import { createConnection } from '../../../src/aws/createConnection.ts';
import type { Connection } from '../../../src/aws/connection.ts';
import { findDeployments } from '../../../src/cms/discover.ts';
import { cdf } from '../../../src/cms/cdf/generation.ts';
import type { Deployment } from '../../../src/cms/contract/deployment.ts';
import type { Generation } from '../../../src/cms/contract/generation.ts';
import { type DeploymentChoice, openDeployment } from '../../../src/cms/open.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { startHttpServer } from '../../support/httpServer.ts';
import type { HttpServer } from '../../support/httpServer.ts';
import { english } from '../../../src/core/wording.ts';
import { testWork } from '../../support/works.ts';
import { nobody } from '../../support/cms.ts';

interface Fixture {
  name: string;
  status?: string;
  description?: string;
  outputs?: Record<string, string>;
  parameters?: Record<string, string>;
}

const cms = (name: string, more: Partial<Fixture> = {}): Fixture => ({
  name,
  description: 'CMS Parent Stack (Connected Mobility Solution)',
  outputs: {
    UserPoolId: 'us-west-2_abc',
    UserPoolClientId: 'client',
    FacadeApiGatewayUrl: 'https://f/Prod',
    FleetmanagerApiGatewayUrl: 'https://m/Prod',
    CloudfrontDomain: 'ui.cloudfront.net',
  },
  parameters: { CDFCoreAssetLibraryApiFunctionName: 'cdf-assetLibrary-rest-dev' },
  ...more,
});
const core = (name: string, env: string): Fixture => ({
  name,
  description: 'CDF (AWS Connected Device Framework)',
  outputs: {
    AssetLibraryApiGatewayUrl: 'https://a/Prod',
    AssetLibraryRestApiFunctionName: `cdf-assetLibrary-rest-${env}`,
  },
});

/** CloudFormation's DescribeStacks, two stacks a page. */
function describeStacks(stacks: readonly Fixture[], body: string) {
  const query = new URLSearchParams(body);
  const name = query.get('StackName');
  const wanted = name === null ? stacks : stacks.filter((stack) => stack.name === name);
  if (name !== null && wanted.length === 0) {
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error></ErrorResponse>`;
    return { status: 400, headers: { 'content-type': 'text/xml' }, body: text };
  }
  const from = Number(query.get('NextToken') ?? 0);
  const members = wanted.slice(from, from + 2).map(member);
  const next = from + 2 < wanted.length ? `<NextToken>${from + 2}</NextToken>` : '';
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>${members.join('')}</Stacks>${next}</DescribeStacksResult></DescribeStacksResponse>`,
  };
}

function member(stack: Fixture): string {
  const list = (of: Record<string, string> | undefined, key: string, value: string) =>
    Object.entries(of ?? {})
      .map(([k, v]) => `<member><${key}>${k}</${key}><${value}>${v}</${value}></member>`)
      .join('');
  return `<member><StackName>${stack.name}</StackName><StackId>arn:${stack.name}</StackId><CreationTime>2024-01-01T00:00:00Z</CreationTime><StackStatus>${stack.status ?? 'CREATE_COMPLETE'}</StackStatus><Description>${stack.description ?? ''}</Description><Outputs>${list(stack.outputs, 'OutputKey', 'OutputValue')}</Outputs><Parameters>${list(stack.parameters, 'ParameterKey', 'ParameterValue')}</Parameters></member>`;
}

describe('opening a deployment', () => {
  let stacks: Fixture[];
  let server: HttpServer;
  let connection: Connection;
  const { signal } = new AbortController();

  beforeEach(async () => {
    server = await startHttpServer((request) => describeStacks(stacks, request.body));
    connection = await createConnection(
      {
        region: 'us-west-2',
        endpoint: server.url,
        credentials: { accessKeyId: 'A', secretAccessKey: 's' },
      },
      testWork(),
    );
  });
  afterEach(async () => {
    connection.dispose();
    await server.close();
  });

  async function refusal(choice: DeploymentChoice, generations?: readonly Generation[]): Promise<CmsError> {
    try {
      await openDeployment(connection, choice, nobody, signal, generations);
    } catch (error) {
      assert.ok(error instanceof CmsError);
      return error;
    }
    throw new assert.AssertionError({ message: 'it was opened' });
  }

  it('opens the only one, over several pages @slow', async () => {
    stacks = [{ name: 'a' }, { name: 'b' }, cms('cms-x'), { name: 'c' }, core('core-y', 'dev')];
    const deployment = await openDeployment(connection, {}, nobody, signal);
    assert.deepEqual([deployment.stack.name, deployment.facts[0]?.value], ['cms-x', 'core-y']);
    assert.equal(deployment.uiUrl, 'https://ui.cloudfront.net');
    assert.equal(server.requests.length, 3);
  });

  for (const [output, uiUrl] of [
    ['http://127.0.0.1:4566/_sandbox/ui', 'http://127.0.0.1:4566/_sandbox/ui'],
    ['http://ui.example.com/', undefined],
    ['http://', undefined],
  ] as const)
    it(`takes "${output}" for ${uiUrl === undefined ? 'no web UI' : 'the URL of the web UI'} @slow`, async () => {
      const stack = cms('cms-x');
      stacks = [{ ...stack, outputs: { ...stack.outputs, CloudfrontDomain: output } }, core('core-y', 'dev')];
      assert.equal((await openDeployment(connection, {}, nobody, signal)).uiUrl, uiUrl);
    });

  it('reads just the two stacks that were named @slow', async () => {
    stacks = [cms('cms-x'), core('core-y', 'dev'), { name: 'z' }];
    await openDeployment(connection, { stack: 'cms-x', parts: { core: 'core-y' } }, nobody, signal);
    assert.equal(server.requests.length, 2);
    assert.ok(server.requests.every((request) => request.body.includes('StackName')));
  });

  it('asks which one when there are two', async () => {
    stacks = [cms('cms-a'), cms('cms-b'), core('core', 'dev')];
    const error = await refusal({});
    assert.equal(error.code, 'STACK_AMBIGUOUS');
    assert.match(error.message, /cms-a, cms-b/);
  });

  describe('of two generations', () => {
    /** Calls its only deployment as one of CMS v1, on another stack. */
    const other: Generation = {
      ...cdf,
      id: 'other',
      label: 'Other',
      recognise: (all) =>
        all
          .filter(({ name }) => name === 'else')
          .map((stack) => ({
            ...{ generation: 'other', name: 'cms-a', stack, parts: {}, state: { kind: 'ready' as const } },
          })),
      open: (_, { generation, stack }) =>
        Promise.resolve({
          ...{ generation, stack, vehicles: {} },
          lists: [],
          checks: [],
        } as unknown as Deployment),
    };
    const opened = async (choice: DeploymentChoice) => {
      const found = await openDeployment(connection, choice, nobody, signal, [cdf, other]);
      return `${found.generation} ${found.stack.name}`;
    };

    beforeEach(() => {
      stacks = [cms('cms-a'), cms('cms-b'), core('core', 'dev'), { name: 'else' }];
    });

    it('asks which one when both have one of the name', async () => {
      await assert.rejects(opened({ deployment: 'cms-a' }), {
        code: 'STACK_AMBIGUOUS',
        message: /called "cms-a": cms-a \(CMS v1, cms-a\), cms-a \(Other, else\)/,
      });
      assert.equal(await opened({ deployment: 'cms-a', stack: 'else' }), 'other else');
      assert.equal(await opened({ deployment: 'cms-a', stack: 'cms-a' }), 'cdf cms-a');
      assert.equal(await opened({ stack: 'cms-a' }), 'cdf cms-a');
      assert.equal(await opened({ deployment: 'else' }), 'other else');
    });

    it('opens none that only one of two names fits', async () => {
      for (const named of [{}, { parts: { core: 'core' } }]) {
        await assert.rejects(opened({ stack: 'cms-b', deployment: 'cms-a', ...named }), {
          code: 'STACK_NOT_FOUND',
          message: /No CMS deployment "cms-a" has the stack "cms-b"/,
        });
      }
    });
  });

  it('prefers the only one that is ready', async () => {
    stacks = [cms('cms-a', { status: 'CREATE_FAILED' }), cms('cms-b'), core('core', 'dev')];
    assert.equal((await openDeployment(connection, {}, nobody, signal)).stack.name, 'cms-b');
  });

  it('says what exists when the stack does not', async () => {
    stacks = [cms('cms-a'), core('core', 'dev')];
    const error = await refusal({ stack: 'cms-z' });
    assert.equal(error.code, 'STACK_NOT_FOUND');
    assert.match(english(error.remedy ?? ''), /cms-a \(CREATE_COMPLETE\)/);
  });

  it('says so when the named stack is something else', async () => {
    stacks = [{ name: 'web' }];
    assert.match((await refusal({ stack: 'web' })).message, /is not a CMS stack/);
  });

  it('says what exists when the core does not', async () => {
    stacks = [cms('cms-a'), core('core', 'dev')];
    const error = await refusal({ stack: 'cms-a', parts: { core: 'core-z' } });
    assert.equal(error.code, 'STACK_NOT_FOUND');
    assert.match(english(error.remedy ?? ''), /core \(CREATE_COMPLETE\)/);
  });

  it('refuses a core that is not the one of the CMS', async () => {
    stacks = [cms('cms-a'), core('core', 'dev'), core('core-2', 'prod')];
    assert.equal((await refusal({ stack: 'cms-a', parts: { core: 'core-2' } })).code, 'STACK_PAIRING_WRONG');
    const error = await refusal({ parts: { core: 'core-2' } });
    assert.equal(error.code, 'STACK_PAIRING_WRONG');
    assert.match(english(error.remedy ?? ''), /Use core,/);
  });

  it('refuses a core that is no core', async () => {
    stacks = [cms('cms-a'), core('core', 'dev'), { name: 'web' }];
    assert.equal((await refusal({ stack: 'cms-a', parts: { core: 'web' } })).code, 'STACK_PAIRING_WRONG');
  });

  it('names the missing outputs', async () => {
    stacks = [cms('cms-a', { outputs: { UserPoolId: 'x', FacadeApiGatewayUrl: 'y' } }), core('core', 'dev')];
    const error = await refusal({ stack: 'cms-a' });
    assert.equal(error.code, 'STACK_OUTPUT_MISSING');
    assert.equal(error.details.missing, 'UserPoolClientId,FleetmanagerApiGatewayUrl');
  });

  it('names the output the core lacks', async () => {
    const outputs = { AssetLibraryRestApiFunctionName: 'cdf-assetLibrary-rest-dev' };
    stacks = [cms('cms-a'), { ...core('core', 'dev'), outputs }];
    const error = await refusal({});
    assert.equal(error.code, 'STACK_OUTPUT_MISSING');
    assert.match(error.message, /AssetLibraryApiGatewayUrl \(core\)/);
  });

  for (const status of ['CREATE_FAILED', 'UPDATE_IN_PROGRESS']) {
    it(`does not open a stack in ${status}`, async () => {
      stacks = [cms('cms-a', { status }), core('core', 'dev')];
      const error = await refusal({});
      assert.equal(error.code, 'STACK_NOT_READY');
      assert.equal(error.details.status, status);
    });
  }

  it('says that a later generation is not supported', async () => {
    stacks = [cms('cms-a')];
    const recognised: Generation = { ...cdf };
    Reflect.deleteProperty(recognised, 'open');
    const error = await refusal({}, [recognised]);
    assert.equal(error.code, 'STACK_NOT_READY');
    assert.match(error.message, /not supported/);
  });

  it('says that nothing is deployed', async () => {
    stacks = [{ name: 'web' }];
    assert.equal((await refusal({})).code, 'STACK_NOT_FOUND');
  });

  it('ends a listing when cancelled', async () => {
    stacks = [cms('cms-a')];
    await assert.rejects(
      async () => {
        for await (const found of findDeployments(connection, AbortSignal.abort()))
          assert.fail(found.stack.name);
      },
      (error: unknown) => error instanceof CmsError && error.code === 'CANCELLED',
    );
  });
});

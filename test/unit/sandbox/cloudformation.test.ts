import assert from 'node:assert/strict';
import type { CmsStackSpec } from '../../../src/sandbox/installations/cdf/contract.ts';
import { cdfPlan } from '../../../src/sandbox/installations/cdf/stacks/coreStack.ts';
import { cmsPlan } from '../../../src/sandbox/installations/cdf/stacks/cmsStack.ts';
import { createCloudFormation } from '../../../src/sandbox/services/cloudformation/cloudformation.ts';
import { membersIn, query } from '../../support/query.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const ONE: CmsStackSpec[] = [{ name: 'cms-dev1', core: 'cdf-core-development' }];

function setUp(stacks = ONE) {
  const context = createTestContext();
  const source = { certificate: 'c1' };
  const made = createCloudFormation(context);
  const sources = {
    pools: {
      poolOf: (name: string) => ({
        userPoolId: `us-west-2_${name}`,
        userPoolArn: `arn:pool/${name}`,
        clientId: `client-${name}`,
      }),
    },
    cms: {
      urlsOf: (name: string) => ({
        facade: `${context.endpoints.http}/execute-api/f-${name}/Prod`,
        fleetManager: `${context.endpoints.http}/execute-api/m-${name}/Prod`,
      }),
      urlOfCore: (core: string) => ({ assetLibrary: `${context.endpoints.http}/execute-api/a-${core}/Prod` }),
    },
    certificateId: () => source.certificate,
  };
  const settings = { assetLibraryAuth: 'none' as const };
  for (const stack of stacks) {
    made.stacks.deploy(stack.core, () => cdfPlan(context, stack.core, { urls: sources.cms, settings }));
    made.stacks.deploy(stack.name, () => cmsPlan(context, stack, sources));
  }
  const call = (action: string, parameters: Record<string, string> = {}, region?: string) =>
    query(made.service, action, parameters, region);
  async function stackNamed(name: string) {
    const { body } = await call('DescribeStacks', { StackName: name });
    const stack = membersIn(body.Stacks)[0]! as Record<string, unknown>;
    return {
      ...stack,
      outputs: Object.fromEntries(membersIn(stack.Outputs).map((o) => [o.OutputKey!, o.OutputValue!])),
      exports: Object.fromEntries(membersIn(stack.Outputs).map((o) => [o.OutputKey!, o.ExportName])),
      parameters: Object.fromEntries(
        membersIn(stack.Parameters).map((p) => [p.ParameterKey!, p.ParameterValue!]),
      ),
    } as Record<string, unknown> & {
      outputs: Record<string, string>;
      exports: Record<string, string | undefined>;
      parameters: Record<string, string>;
    };
  }
  return { context, source, call, stackNamed, ...made };
}

describe('CloudFormation of the sandbox', () => {
  it('describes a CMS root stack as its parent template leaves it', async () => {
    const { stackNamed } = setUp();
    const stack = await stackNamed('cms-dev1');
    assert.equal(stack.Description, 'CMS Parent Stack (Connected Mobility Solution)');
    assert.equal(stack.ParentId, undefined);
    assert.equal(stack.StackStatus, 'CREATE_COMPLETE');
    assert.equal(stack.DisableRollback, 'true');
    assert.deepEqual(Object.keys(stack.outputs).sort(), [
      'CertificateId',
      'CloudfrontDomain',
      'FacadeApiGatewayHost',
      'FacadeApiGatewayUrl',
      'FacadeRestApiFunctionName',
      'FleetmanagerApiFunctionName',
      'FleetmanagerApiGatewayHost',
      'FleetmanagerApiGatewayUrl',
      'KmsKeyId',
      'UserPoolArn',
      'UserPoolClientId',
      'UserPoolId',
      'WebsiteBucket',
    ]);
    assert.equal(stack.outputs.FacadeApiGatewayUrl, 'http://127.0.0.1:4566/execute-api/f-cms-dev1/Prod');
    assert.equal(stack.outputs.FacadeApiGatewayHost, '127.0.0.1:4566');
    assert.equal(stack.outputs.UserPoolId, 'us-west-2_cms-dev1');
    assert.equal(stack.exports.UserPoolId, 'cms-dev1-userPoolId');
    assert.equal(stack.exports.FleetmanagerApiFunctionName, 'cms-dev1-fleetmanager-restApiFunctionName');
    assert.equal(stack.exports.KmsKeyId, undefined);
  });

  it('links a CMS to its CDF by the parameter that names the asset library', async () => {
    const { stackNamed } = setUp();
    const cms = await stackNamed('cms-dev1');
    const cdf = await stackNamed('cdf-core-development');
    assert.equal(cms.parameters.CDFCoreAssetLibraryApiFunctionName, 'cdf-assetLibrary-rest-development');
    assert.equal(cdf.outputs.AssetLibraryRestApiFunctionName, 'cdf-assetLibrary-rest-development');
    assert.equal(
      cdf.outputs.AssetLibraryApiGatewayUrl,
      'http://127.0.0.1:4566/execute-api/a-cdf-core-development/Prod',
    );
    assert.ok('BulkCertstApiGatewayUrl' in cdf.outputs);
    assert.equal(cdf.outputs.CDFVpcId, cms.parameters.CDFVpcId);
  });

  it('gives outputs the values of the moment', async () => {
    const { context, source, stackNamed } = setUp();
    source.certificate = 'c2';
    context.endpoints.http = 'http://127.0.0.1:9';
    const stack = await stackNamed('cms-dev1');
    assert.equal(stack.outputs.CertificateId, 'c2');
    assert.equal(stack.outputs.FacadeApiGatewayHost, '127.0.0.1:9');
  });

  it('nests as the templates do, with ParentId and RootId', async () => {
    const { call } = setUp();
    const { body } = await call('ListStacks');
    const all = membersIn(body.StackSummaries);
    const idOf = (pattern: RegExp): string => all.find((s) => pattern.test(s.StackName!))!.StackId!;
    const facade = all.find((s) => /^cms-dev1-CMS-\w{12}-Facade-/.test(s.StackName!))!;
    assert.equal(facade.ParentId, idOf(/^cms-dev1-CMS-\w{12}$/));
    assert.equal(facade.RootId, idOf(/^cms-dev1$/));
    assert.deepEqual(
      all
        .filter((s) => s.ParentId === idOf(/^cms-dev1$/))
        .map((s) => s.TemplateDescription)
        .sort(),
      [
        'CMS - Authorizer',
        'CMS - Cloudfront Distribution',
        'CMS - Core',
        'CMS - Post Deployment Insfratructure Configuration',
        'CMS - Pre Deployment Infrastructure Configuration',
      ],
    );
    assert.deepEqual(
      all
        .filter((s) => s.ParentId === undefined)
        .map((s) => s.StackName)
        .sort(),
      ['cdf-core-development', 'cms-dev1'],
    );
    const cdf = all.filter((s) => s.TemplateDescription === 'CDF (AWS Connected Device Framework)');
    assert.equal(cdf.length, 4);
  });

  it('finds a stack by its id and nested stacks by their names', async () => {
    const { call, stackNamed } = setUp();
    const root = await stackNamed('cms-dev1');
    const byId = await call('DescribeStacks', { StackName: String(root.StackId) });
    assert.equal(membersIn(byId.body.Stacks)[0]!.StackName, 'cms-dev1');
    const resources = await call('DescribeStackResources', {
      StackName: 'cms-dev1',
      LogicalResourceId: 'CMS',
    });
    const core = membersIn(resources.body.StackResources)[0]!;
    assert.equal(core.ResourceType, 'AWS::CloudFormation::Stack');
    const nested = await stackNamed(core.PhysicalResourceId!);
    assert.ok('FacadeApiGatewayUrl' in nested.outputs);
    assert.ok(!('UserPoolId' in nested.outputs));
  });

  it('finds the stack that owns a physical resource', async () => {
    const { call } = setUp();
    const { body } = await call('DescribeStackResources', { PhysicalResourceId: 'us-west-2_cms-dev1' });
    assert.match(membersIn(body.StackResources)[0]!.StackName!, /^cms-dev1-Authorizer-/);
  });

  it('says ValidationError for a stack that is not there or a name that cannot be one', async () => {
    const { call } = setUp();
    const missing = await call('DescribeStacks', { StackName: 'nope' });
    assert.equal(missing.status, 400);
    assert.deepEqual(missing.body, {
      Type: 'Sender',
      Code: 'ValidationError',
      Message: 'Stack with id nope does not exist',
    });
    const odd = await call('DescribeStacks', { StackName: '../etc/<passwd>' });
    assert.equal(odd.body.Code, 'ValidationError');
    assert.match(String(odd.body.Message), /failed to satisfy constraint/);
  });

  it('filters the list by status and refuses a status that is none', async () => {
    const { call, stacks } = setUp();
    stacks.change('cms-dev1', { status: 'UPDATE_ROLLBACK_COMPLETE' });
    const some = await call('ListStacks', { 'StackStatusFilter.member.1': 'UPDATE_ROLLBACK_COMPLETE' });
    assert.deepEqual(
      membersIn(some.body.StackSummaries).map((s) => s.StackName),
      ['cms-dev1'],
    );
    const wrong = await call('ListStacks', { 'StackStatusFilter.member.1': 'FINE' });
    assert.equal(wrong.body.Code, 'ValidationError');
  });

  it('pages lists so that every stack comes once @slow', async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ name: `cms-${i}x`, core: `cdf-core-${i}` }));
    const { call } = setUp(many);
    for (const [action, list] of [
      ['ListStacks', 'StackSummaries'],
      ['DescribeStacks', 'Stacks'],
    ] as const) {
      const names: string[] = [];
      let token: string | undefined;
      let pages = 0;
      do {
        const { body } = await call(action, token === undefined ? {} : { NextToken: token });
        const page = membersIn(body[list]).map((s) => s.StackName!);
        assert.ok(page.length <= 100);
        names.push(...page);
        token = body.NextToken as string | undefined;
        pages++;
      } while (token !== undefined);
      assert.ok(pages > 1);
      assert.equal(new Set(names).size, names.length);
      assert.ok(many.every(({ name, core }) => names.includes(name) && names.includes(core)));
    }
  });

  it('refuses the token of another list and one that is none', async () => {
    const { call } = setUp();
    for (const token of ['zzz', Buffer.from('ListExports:1').toString('base64url'), '']) {
      const { body, status } = await call('ListStacks', { NextToken: token });
      assert.equal(status, 400);
      assert.equal(body.Code, 'ValidationError');
    }
  });

  it('lists exports with the names other stacks import', async () => {
    const { call } = setUp();
    const { body } = await call('ListExports');
    const exports = Object.fromEntries(membersIn(body.Exports).map((e) => [e.Name!, e.Value!]));
    assert.equal(
      exports['cms-dev1-facade-apiGatewayUrl'],
      'http://127.0.0.1:4566/execute-api/f-cms-dev1/Prod',
    );
    assert.ok('cdf-assetlibrary-development-apigatewayurl' in exports);
    assert.ok('cdf-network-development-VpcId' in exports);
    const names = membersIn(body.Exports).map((e) => e.Name!);
    assert.equal(new Set(names).size, names.length);
  });

  it('shows no stacks to a call for another region', async () => {
    const { call } = setUp();
    const listed = await call('ListStacks', {}, 'eu-central-1');
    assert.deepEqual(membersIn(listed.body.StackSummaries), []);
    const described = await call('DescribeStacks', { StackName: 'cms-dev1' }, 'eu-central-1');
    assert.match(String(described.body.Message), /does not exist/);
  });

  it('lets a test spoil a stack', async () => {
    const { stacks, stackNamed } = setUp();
    assert.equal(stacks.change('nope', {}), false);
    stacks.change('cms-dev1', { removeOutputs: ['UserPoolId'], parameters: { Environment: 'other' } });
    stacks.change('cms-dev1', { removeOutputs: ['CertificateId'], status: 'CREATE_FAILED' });
    const stack = await stackNamed('cms-dev1');
    assert.ok(!('UserPoolId' in stack.outputs) && !('CertificateId' in stack.outputs));
    assert.equal(stack.parameters.Environment, 'other');
    assert.equal(stack.StackStatus, 'CREATE_FAILED');
  });

  it('hides a deleted stack, but not from its id', async () => {
    const { call, stacks, stackNamed } = setUp();
    const id = String((await stackNamed('cms-dev1')).StackId);
    stacks.change('cms-dev1', { status: 'DELETE_COMPLETE' });
    assert.equal((await call('DescribeStacks', { StackName: 'cms-dev1' })).status, 400);
    assert.equal((await call('DescribeStacks', { StackName: id })).status, 200);
  });

  it('keeps ids and times over calls', async () => {
    const { context, stackNamed } = setUp();
    const before = await stackNamed('cms-dev1');
    context.clock.advance(86_400_000);
    assert.deepEqual(await stackNamed('cms-dev1'), before);
  });

  it('does not know what it does not serve', async () => {
    const { body } = await setUp().call('CreateChangeSet', { StackName: 'cms-dev1' });
    assert.equal(body.Code, 'InvalidAction');
  });

  it('leaves a stack that is installed as it is', async () => {
    const { call, stackNamed } = setUp();
    const before = await stackNamed('cms-dev1');
    const { body } = await call('DeleteStack', { StackName: 'cms-dev1' });
    assert.equal(body.Code, 'ValidationError');
    assert.deepEqual(await stackNamed('cms-dev1'), before);
  });
});

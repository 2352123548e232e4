import assert from 'node:assert/strict';
import { classify } from '../../../src/cms/discover.ts';
import type { FoundDeployment, Generation } from '../../../src/cms/contract/generation.ts';
import type { ListedStack } from '../../../src/cms/contract/stacks.ts';
import { english } from '../../../src/core/wording.ts';
import { madeUp } from '../../support/madeUp/generation.ts';

function stack(name: string, more: Partial<ListedStack> = {}): ListedStack {
  return {
    name,
    id: `arn:aws:cloudformation:us-west-2:123456789012:stack/${name}/1`,
    status: 'CREATE_COMPLETE',
    description: '',
    outputs: {},
    parameters: {},
    createdAt: undefined,
    parentId: undefined,
    rootId: undefined,
    ...more,
  };
}

const CMS = 'CMS Parent Stack (Connected Mobility Solution)';
const CDF = 'CDF (AWS Connected Device Framework)';
const url = (id: string) => `https://${id}.execute-api.us-west-2.amazonaws.com/Prod`;
const cmsOutputs = {
  UserPoolId: 'us-west-2_abc',
  UserPoolClientId: 'client',
  FacadeApiGatewayUrl: url('facade'),
  FleetmanagerApiGatewayUrl: url('fleet'),
  CloudfrontDomain: 'x.cloudfront.net',
};
const coreOutputs = (env: string) => ({
  AssetLibraryApiGatewayUrl: url(`assets-${env}`),
  AssetLibraryRestApiFunctionName: `cdf-assetLibrary-rest-${env}`,
});
const link = (env: string) => ({ CDFCoreAssetLibraryApiFunctionName: `cdf-assetLibrary-rest-${env}` });

const cms = (name: string, env: string | undefined, more: Partial<ListedStack> = {}) =>
  stack(name, {
    description: CMS,
    outputs: cmsOutputs,
    parameters: env === undefined ? {} : link(env),
    ...more,
  });
const core = (name: string, env: string, more: Partial<ListedStack> = {}) =>
  stack(name, { description: CDF, outputs: coreOutputs(env), ...more });

const stateInEnglish = (found: FoundDeployment | undefined) =>
  found?.state.kind === 'ready' || found === undefined
    ? found?.state
    : { kind: found.state.kind, reason: english(found.state.reason) };

describe('finding deployments', () => {
  it('pairs a CMS with the core its parameter names, whatever the stacks are called', () => {
    const found = classify([
      core('cdf-core-one', 'one'),
      cms('fleet-a', 'two'),
      core('something-else', 'two'),
      stack('unrelated'),
    ]);
    assert.deepEqual(
      found.map((f) => [f.generation, f.stack.name, f.parts.core?.name, f.state.kind]),
      [['cdf', 'fleet-a', 'something-else', 'ready']],
    );
  });

  it('knows a CMS by its outputs when the description was edited', () => {
    const [found] = classify([cms('mine', 'one', { description: 'ours' }), core('core', 'one')]);
    assert.equal(found?.state.kind, 'ready');
  });

  it('takes no nested stack for a CMS', () => {
    const root = cms('cms-dev', 'one');
    const inner = stack('cms-dev-CMS-X', {
      description: 'CMS - Core',
      outputs: { FacadeApiGatewayUrl: url('facade') },
      parentId: root.id,
      rootId: root.id,
    });
    const cdf = core('cdf', 'one');
    const servicesA = core('cdf-ServicesA-X', 'one', { parentId: cdf.id, rootId: cdf.id });
    const found = classify([servicesA, inner, root, cdf]);
    assert.deepEqual(
      found.map((f) => [f.stack.name, f.parts.core?.name]),
      [['cms-dev', 'cdf']],
    );
  });

  it('finds the core nested in a full install', () => {
    const root = cms('cms-full', undefined);
    const nested = core('cms-full-CDF-X', 'full', { parentId: root.id, rootId: root.id });
    const deeper = core('cms-full-CDF-X-ServicesA-Y', 'full', { parentId: nested.id, rootId: root.id });
    const [found] = classify([deeper, nested, root]);
    assert.equal(found?.parts.core?.name, 'cms-full-CDF-X');
    assert.equal(found.state.kind, 'ready');
  });

  it('takes the only core when the CMS names none', () => {
    const [found] = classify([cms('cms', undefined), core('cdf', 'one')]);
    assert.equal(found?.parts.core?.name, 'cdf');
  });

  it('does not guess between two cores', () => {
    const [found] = classify([cms('cms', undefined), core('cdf-a', 'a'), core('cdf-b', 'b')]);
    assert.equal(found?.parts.core, undefined);
    assert.equal(found?.state.kind, 'incomplete');
  });

  it('does not take the only core against the parameter', () => {
    const [found] = classify([cms('cms', 'other'), core('cdf-core-one', 'one')]);
    assert.equal(found?.parts.core, undefined);
    assert.deepEqual(stateInEnglish(found), {
      kind: 'incomplete',
      reason: 'No CDF core stack belongs to cms.',
    });
  });

  const states: [string, string][] = [
    ['CREATE_COMPLETE', 'ready'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'ready'],
    ['UPDATE_ROLLBACK_COMPLETE', 'ready'],
    ['UPDATE_IN_PROGRESS', 'in-progress'],
    ['DELETE_IN_PROGRESS', 'in-progress'],
    ['CREATE_FAILED', 'failed'],
    ['UPDATE_ROLLBACK_FAILED', 'failed'],
    ['ROLLBACK_COMPLETE', 'failed'],
    ['REVIEW_IN_PROGRESS', 'incomplete'],
  ];
  for (const [status, kind] of states) {
    it(`calls a CMS in ${status} ${kind}`, () => {
      const [found] = classify([cms('cms', 'one', { status }), core('cdf', 'one')]);
      assert.equal(found?.state.kind, kind);
    });
  }

  it('shows a CMS that failed before it had outputs', () => {
    const [found] = classify([cms('cms', 'one', { status: 'CREATE_FAILED', outputs: {} })]);
    assert.equal(found?.state.kind, 'failed');
  });

  it('names the outputs that are missing', () => {
    const outputs = { ...cmsOutputs, UserPoolId: '' };
    const [found] = classify([cms('cms', 'one', { outputs }), core('cdf', 'one')]);
    assert.deepEqual(stateInEnglish(found), { kind: 'incomplete', reason: 'cms has no output UserPoolId.' });
  });

  it('says that the core failed', () => {
    const [found] = classify([
      cms('cms', 'one'),
      stack('cdf-core-one', { description: CDF, status: 'CREATE_FAILED' }),
    ]);
    assert.deepEqual(stateInEnglish(found), {
      kind: 'failed',
      reason: 'Its CDF core: cdf-core-one is in state CREATE_FAILED.',
    });
  });

  it('does not take the Cloud9 installer stack for a CMS', () => {
    assert.deepEqual(classify([stack('launch-cms', { outputs: { Cloud9IDE: 'https://x' } })]), []);
  });

  it('calls what cannot be opened unsupported, whatever its stacks say', () => {
    const recognised: Generation = { ...madeUp };
    delete recognised.open;
    const stacks = [core('cdf', 'one')];
    assert.equal(classify(stacks, [madeUp])[0]?.state.kind, 'ready');
    assert.deepEqual(stateInEnglish(classify(stacks, [recognised])[0]), {
      kind: 'unsupported',
      reason: 'Made Up: recognized, not supported yet.',
    });
  });

  it('takes the network and the sign-in of CMS on AWS, which several deployments may share, for none', () => {
    const part = (name: string, module: string, parameters: Record<string, string>) =>
      stack(name, {
        description: `(SO0241-CMS.26) connected-mobility-solution-on-aws - ${module}. Version v3.0.0`,
        parameters,
      });
    const shared = [
      part('cms-vpc', 'vpc', { VpcName: 'cms-vpc' }),
      part('cms-auth-setup', 'auth-setup', { IdentityProviderId: 'cms' }),
    ];
    assert.deepEqual(classify(shared), []);
    const found = classify([...shared, part('cms-app--cms-config', 'cms-config', { AppUniqueId: 'cms' })]);
    assert.deepEqual(
      found.map(({ name, stack: { name: stackName } }) => [name, stackName]),
      [['cms', 'cms-app--cms-config']],
    );
  });

  it('shows later generations once each, with what is missing of them', () => {
    const v2 = (name: string, module: string, app: string) =>
      stack(name, {
        description: `(SO0241-CMS.5) connected-mobility-solution-on-aws - ${module}. Version v2.1.5`,
        parameters: { AppUniqueId: app },
      });
    const v3 = (name: string) =>
      stack(name, { description: 'Guidance for Connected Mobility (SO9618) - Storage Layer' });
    const found = classify([
      v2('ns-provisioning', 'cms-provisioning', 'cms'),
      v2('ns-config', 'cms-config', 'cms'),
      v2('other--cms-config', 'cms-config', 'fleet'),
      v3('cms-dev-storage'),
      v3('cms-dev-ui'),
    ]);
    assert.deepEqual(
      found.map((f) => [f.generation, f.stack.name, f.state.kind]),
      [
        ['cm-guidance', 'cms-dev-ui', 'incomplete'],
        ['cms-on-aws', 'ns-config', 'ready'],
        ['cms-on-aws', 'other--cms-config', 'incomplete'],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { cmGuidance } from '../../../../src/cms/cmGuidance/generation.ts';
import { outputOf } from '../../../../src/cms/cmGuidance/recognize.ts';
import type { ListedStack } from '../../../../src/cms/contract/stacks.ts';
import { english } from '../../../../src/core/wording.ts';

function stack(name: string, text: string, more: Partial<ListedStack> = {}): ListedStack {
  return {
    name,
    id: `arn:aws:cloudformation:us-west-2:123456789012:stack/${name}/1`,
    status: 'CREATE_COMPLETE',
    description: `Guidance for Connected Mobility (SO9618) - ${text}`,
    ...{ outputs: {}, parameters: {}, createdAt: undefined, parentId: undefined, rootId: undefined },
    ...more,
  };
}
const outputs = {
  APIEndpoint: 'https://a.execute-api.us-west-2.amazonaws.com/prod/',
  UserPoolId: 'us-west-2_abc',
  UserPoolClientId: 'client',
};
const ui = (stage: string, more: Partial<ListedStack> = {}) =>
  stack(`cms-${stage}-ui`, 'Presentation Layer', { outputs, ...more });
const data = (stage: string) =>
  stack(`cms-${stage}-data-processing`, 'Data Processing Foundation', {
    outputs: { APIEndpoint: 'https://d.execute-api.us-west-2.amazonaws.com/prod/' },
  });

describe('Deployments of the Guidance for Connected Mobility', () => {
  it('are one a stage, known by the stack with the API, whatever the others are', () => {
    const found = cmGuidance.recognise([
      data('dev'),
      ui('dev'),
      stack('cms-prod-ws-fanout', 'WebSocket Telemetry Fanout'),
      ui('prod'),
      stack('cms-dev-storage', 'Storage Layer'),
    ]);
    assert.deepEqual(
      found.map(({ name, stack: main, state, parts }) => [
        name,
        main.name,
        state.kind,
        Object.keys(parts).sort(),
      ]),
      [
        ['dev', 'cms-dev-ui', 'ready', ['data-processing', 'storage']],
        ['prod', 'cms-prod-ui', 'ready', ['ws-fanout']],
      ],
    );
  });

  it('are one with the parts whose names end like that of the main stack', () => {
    const part = stack('cms-dev-connected-services-ui', 'Connected Services', { outputs });
    for (const stacks of [
      [ui('dev'), part],
      [part, ui('dev')],
    ]) {
      const found = cmGuidance.recognise(stacks);
      assert.deepEqual(
        found.map(({ name, stack: main, parts }) => [name, main.name, Object.keys(parts)]),
        [['dev', 'cms-dev-ui', ['connected-services-ui']]],
      );
    }
  });

  it('keep the two outputs called APIEndpoint apart', () => {
    const [found] = cmGuidance.recognise([data('dev'), ui('dev')]);
    assert.match(outputOf(found!.stack, 'APIEndpoint')!, /^https:\/\/a\./);
    assert.match(outputOf(found!.parts['data-processing']!, 'apiendpoint')!, /^https:\/\/d\./);
  });

  it('have outputs whose keys are compared without case', () => {
    const renamed = { ApiEndpoint: outputs.APIEndpoint, userPoolId: 'p', UserPoolClientID: 'c' };
    const [found] = cmGuidance.recognise([ui('dev', { outputs: renamed })]);
    assert.equal(found?.state.kind, 'ready');
  });

  it('are not ready without their main stack, or while it lacks an output', () => {
    const [headless] = cmGuidance.recognise([stack('cms-dev-storage', 'Storage Layer')]);
    assert.equal(headless?.state.kind, 'incomplete');
    const less = { APIEndpoint: outputs.APIEndpoint, UserPoolClientId: 'client' };
    const [poor] = cmGuidance.recognise([ui('dev', { outputs: less })]);
    assert.ok(poor?.state.kind === 'incomplete' && english(poor.state.reason).includes('UserPoolId'));
  });

  it('are said to be broken where the stage has a hyphen', () => {
    const [found] = cmGuidance.recognise([ui('my-stage')]);
    assert.ok(found?.state.kind === 'failed' && english(found.state.reason).includes('hyphen'));
  });

  it('are told by what the stacks say of themselves, never by their names', () => {
    const others = [
      stack('cms-dev-ui', '', { description: 'My own stack', outputs }),
      ui('dev', { parentId: 'arn:aws:cloudformation:::stack/parent/1' }),
    ];
    assert.deepEqual(cmGuidance.recognise(others), []);
  });

  it('name what is not deployed as a fact', () => {
    const [found] = cmGuidance.recognise([ui('dev'), data('dev')]);
    const facts = cmGuidance.facts(found!);
    const missing = facts.find(({ id }) => id === 'missingStacks')?.value.split(', ') ?? [];
    assert.ok(missing.includes('telemetry-integration') && missing.includes('simulation'));
    assert.ok(!missing.includes('data-processing'));
  });
});

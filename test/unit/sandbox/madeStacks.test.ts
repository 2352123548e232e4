import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { createMadeStacks } from '../../../src/sandbox/services/cloudformation/madeStacks.ts';
import type { ResourceTypes } from '../../../src/sandbox/services/cloudformation/resourceTypes.ts';
import { AwsError } from '../../../src/sandbox/kernel/http.ts';
import { allows } from '../../../src/sandbox/services/iam/evaluate.ts';
import { createTestContext } from '../../support/sandboxContext.ts';
import { until } from '../../support/until.ts';

/** A stack service that makes parts of one type, and fails for those that are called `bad`. */
function setUp() {
  const parts = new Map<string, unknown>();
  const types: ResourceTypes = {
    'Test::Part': {
      put(properties, name) {
        if (properties.Name === 'bad') throw new AwsError('Broken', 'it is bad');
        parts.set(name, properties);
        return { physicalId: name, attributes: { Arn: `arn:${name}` } };
      },
      remove: (name) => void parts.delete(name),
    },
  };
  const stacks = createMadeStacks(createTestContext(), types, () => false);
  const input = (resources: object, parameters: Record<string, string> = {}, more: object = {}) => ({
    name: 'own',
    template: JSON.stringify({ Resources: resources, ...more }),
    parameters,
    capabilities: [],
  });
  const settled = async (id: string) =>
    until('the stack to settle', () =>
      stacks.all().find((each) => each.id === id && !each.status.endsWith('_IN_PROGRESS')),
    );
  return { parts, stacks, input, settled };
}

const part = (properties: object, more: object = {}) => ({
  Type: 'Test::Part',
  Properties: properties,
  ...more,
});

describe('stacks from templates @slow', () => {
  it('are made with what refers to others after those, and outputs', async () => {
    const { parts, stacks, input, settled } = setUp();
    const id = stacks.create(
      input(
        {
          A: part({ B: { Ref: 'B' }, Text: { 'Fn::Sub': '${AWS::Region}/${B.Arn}/${Say}/${!Kept}' } }),
          B: part({ Say: { 'Fn::If': ['Loud', 'HI', { Ref: 'AWS::NoValue' }] } }),
        },
        { Say: 'hi' },
        {
          Parameters: { Say: { Type: 'String' } },
          Conditions: { Loud: { 'Fn::Equals': [{ Ref: 'Say' }, 'HI'] } },
          Outputs: { Made: { Value: { 'Fn::GetAtt': ['A', 'Arn'] } } },
        },
      ),
    );
    const { status, outputs, resources } = await settled(id);
    assert.equal(status, 'CREATE_COMPLETE');
    const [b, a] = resources.map(({ physicalId }) => physicalId);
    assert.deepEqual(parts.get(b!), {});
    assert.deepEqual(parts.get(a!), { B: b, Text: `us-west-2/arn:${b}/hi/\${Kept}` });
    assert.deepEqual(outputs, [{ key: 'Made', value: `arn:${a}` }]);
  });

  it('that fail are rolled back, with the reason in their events', async () => {
    const { parts, stacks, input, settled } = setUp();
    const id = stacks.create(input({ A: part({}), B: part({ Name: 'bad' }, { DependsOn: 'A' }) }));
    assert.equal((await settled(id)).status, 'ROLLBACK_COMPLETE');
    assert.equal(parts.size, 0);
    const failed = stacks.eventsOf(id).find(({ status }) => status === 'CREATE_FAILED');
    assert.deepEqual([failed?.logicalId, failed?.reason], ['B', 'it is bad']);
  });

  it('an update changes what differs, removes what is gone, and goes back when it fails', async () => {
    const { parts, stacks, input, settled } = setUp();
    const id = stacks.create(input({ A: part({ Name: 'one' }), B: part({}) }));
    await settled(id);
    assert.throws(
      () => stacks.update(input({ A: part({ Name: 'one' }), B: part({}) })),
      /No updates are to be performed/,
    );
    stacks.update(input({ A: part({ Name: 'two' }) }));
    assert.equal((await settled(id)).status, 'UPDATE_COMPLETE');
    assert.deepEqual([...parts.values()], [{ Name: 'two' }]);
    stacks.update(input({ A: part({ Name: 'bad' }), C: part({}) }));
    assert.equal((await settled(id)).status, 'UPDATE_ROLLBACK_COMPLETE');
    assert.deepEqual([...parts.values()], [{ Name: 'two' }]);
  });

  it('are removed with all they have, and their name is free', async () => {
    const { parts, stacks, input, settled } = setUp();
    const id = stacks.create(input({ A: part({}) }));
    await settled(id);
    assert.throws(() => stacks.create(input({ A: part({}) })), /already exists/);
    stacks.remove('own');
    await settled(id);
    assert.equal(parts.size, 0);
    assert.equal((await settled(stacks.create(input({ A: part({}) })))).status, 'CREATE_COMPLETE');
  });

  for (const [what, template, words] of [
    ['no JSON', 'Resources:\n', /it is not JSON/],
    ['a circle', { A: part({ B: { Ref: 'B' } }), B: part({ A: { Ref: 'A' } }) }, undefined],
    ['an unknown function', { A: part({ B: { 'Fn::Cidr': [] } }) }, undefined],
  ] as const) {
    it(`${what} in a template makes no stack`, async () => {
      const { parts, stacks, input, settled } = setUp();
      if (words !== undefined) {
        assert.throws(() => stacks.create({ ...input({}), template }), words);
        return;
      }
      const made = await Promise.resolve()
        .then(() => stacks.create(input(template as object)))
        .then(settled)
        .catch(() => undefined);
      await wait(0);
      assert.ok(made === undefined || made.status === 'ROLLBACK_COMPLETE', made?.status);
      assert.equal(parts.size, 0);
    });
  }
});

describe('what the policies of a role allow', () => {
  const document = (...statements: object[]) => JSON.stringify({ Statement: statements });
  const read = { Effect: 'Allow', Action: 'iot:Describe*', Resource: 'arn:aws:iot:r:1:cert/*' };

  for (const [what, statements, action, resource, expected] of [
    ['an action by its pattern', [read], 'iot:DescribeCertificate', 'arn:aws:iot:r:1:cert/a', true],
    ['no other action', [read], 'iot:UpdateCertificate', 'arn:aws:iot:r:1:cert/a', false],
    ['no other resource', [read], 'iot:DescribeThing', 'arn:aws:iot:r:1:thing/a', false],
    [
      'nothing that is denied',
      [read, { Effect: 'Deny', Action: ['iot:*'], Resource: '*' }],
      'iot:DescribeCertificate',
      'arn:aws:iot:r:1:cert/a',
      false,
    ],
    [
      'nothing on conditions',
      [{ ...read, Condition: { Bool: { x: 'true' } } }],
      'iot:DescribeCertificate',
      'arn:aws:iot:r:1:cert/a',
      false,
    ],
  ] as const) {
    it(`is ${what}`, () => {
      assert.equal(allows([document(...statements)], action, resource), expected);
    });
  }
});

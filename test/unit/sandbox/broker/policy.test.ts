import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compilePolicy, evaluate, type Decision } from '../../../../src/sandbox/broker/policy.ts';
import type { Variables } from '../../../../src/sandbox/broker/template.ts';

const ARN = 'arn:aws:iot:us-east-1:123456789012:';

interface StatementText {
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

const policy = (...Statement: StatementText[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (
  Action: string | string[],
  Resource: string | string[],
  more: Partial<StatementText> = {},
) => ({
  Effect: 'Allow' as const,
  Action,
  Resource: [Resource].flat().map((resource) => (resource === '*' ? '*' : `${ARN}${resource}`)),
  ...more,
});
const deny = (...args: Parameters<typeof allow>) => ({ ...allow(...args), Effect: 'Deny' as const });

type Values = Record<string, string | string[]>;
const variablesOf =
  (values: Values): Variables =>
  (name) =>
    values[name];

function decide(documents: string[], action: string, resource: string, values: Values = {}): Decision {
  const request = { action, resource: `${ARN}${resource}`, variables: variablesOf(values) };
  return evaluate(documents.map(compilePolicy), request);
}

/** A registered device, connected under its thing's name with a certificate attached to it. */
const thing1: Values = {
  'iot:ClientId': 'thing1',
  'iot:Connection.Thing.ThingName': 'thing1',
  'iot:Connection.Thing.IsAttached': 'true',
};
/** The same client id, but the certificate is attached to no such thing. */
const stranger: Values = { 'iot:ClientId': 'thing1', 'iot:Connection.Thing.IsAttached': 'false' };

const ownName = allow('iot:Connect', 'client/${iot:Connection.Thing.ThingName}');

describe('IoT policies as the AWS IoT Developer Guide describes them', () => {
  const cases: [
    source: string,
    documents: string[],
    ...request: [string, string, Values?],
    wanted: Decision,
  ][] = [
    // Connect policy examples
    [
      'connect as client1',
      [policy(allow('iot:Connect', 'client/client1'))],
      'iot:Connect',
      'client/client1',
      {},
      'allow',
    ],
    [
      'connect as another',
      [policy(allow('iot:Connect', 'client/client1'))],
      'iot:Connect',
      'client/client2',
      {},
      'implicit-deny',
    ],
    [
      'denied client ids',
      [policy(deny('iot:Connect', ['client/thing1', 'client/client2']), ownName)],
      'iot:Connect',
      'client/thing1',
      thing1,
      'deny',
    ],
    [
      'thing name as client id',
      [policy(deny('iot:Connect', 'client/client1'), ownName)],
      'iot:Connect',
      'client/thing1',
      thing1,
      'allow',
    ],
    [
      'thing name of somebody else',
      [policy(ownName)],
      'iot:Connect',
      'client/thing2',
      thing1,
      'implicit-deny',
    ],
    [
      'variable without a value',
      [policy(ownName)],
      'iot:Connect',
      'client/thing1',
      stranger,
      'implicit-deny',
    ],
    [
      'variable taken literally',
      [policy(ownName)],
      'iot:Connect',
      'client/${iot:Connection.Thing.ThingName}',
      stranger,
      'implicit-deny',
    ],
    // Thing policy examples
    [
      'attached',
      [
        policy(
          allow('iot:Connect', '*', { Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } } }),
        ),
      ],
      'iot:Connect',
      'client/thing1',
      thing1,
      'allow',
    ],
    [
      'not attached',
      [
        policy(
          allow('iot:Connect', '*', { Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } } }),
        ),
      ],
      'iot:Connect',
      'client/thing1',
      stranger,
      'implicit-deny',
    ],
    [
      'thing attribute and type',
      [attributePolicy()],
      'iot:Publish',
      'topic/device/stats',
      attributes('attributeValue'),
      'allow',
    ],
    [
      'other attribute value',
      [attributePolicy()],
      'iot:Publish',
      'topic/device/stats',
      attributes('other'),
      'implicit-deny',
    ],
    [
      'attribute in a topic',
      [policy(allow('iot:Publish', 'topic/${iot:Connection.Thing.Attributes[fleet]}/*'))],
      'iot:Publish',
      'topic/north/x',
      { 'iot:Connection.Thing.Attributes[fleet]': 'north' },
      'allow',
    ],
    [
      'attribute the thing lacks',
      [policy(allow('iot:Publish', 'topic/${iot:Connection.Thing.Attributes[fleet]}/*'))],
      'iot:Publish',
      'topic/north/x',
      {},
      'implicit-deny',
    ],
    // Publish/Subscribe policy examples
    [
      'topics below the thing name',
      [policy(allow('iot:Publish', 'topic/${iot:Connection.Thing.ThingName}/*'))],
      'iot:Publish',
      'topic/thing1/a/b',
      thing1,
      'allow',
    ],
    [
      'the thing name alone',
      [policy(allow('iot:Publish', 'topic/${iot:Connection.Thing.ThingName}/*'))],
      'iot:Publish',
      'topic/thing1',
      thing1,
      'implicit-deny',
    ],
    [
      'room*',
      [policy(allow('iot:Subscribe', 'topicfilter/${iot:ClientId}/room*'))],
      'iot:Subscribe',
      'topicfilter/thing1/room12',
      thing1,
      'allow',
    ],
    [
      '* crosses levels',
      [policy(allow('iot:Subscribe', 'topicfilter/some/*/topic'))],
      'iot:Subscribe',
      'topicfilter/some/a/b/topic',
      {},
      'allow',
    ],
    [
      '? is one character',
      [policy(allow('iot:Publish', 'topic/some/?????/topic'))],
      'iot:Publish',
      'topic/some/12345/topic',
      {},
      'allow',
    ],
    [
      '? is not two',
      [policy(allow('iot:Publish', 'topic/some/?????/topic'))],
      'iot:Publish',
      'topic/some/123456/topic',
      {},
      'implicit-deny',
    ],
    [
      '+ is literal',
      [policy(allow('iot:Subscribe', 'topicfilter/some/+/topic'))],
      'iot:Subscribe',
      'topicfilter/some/x/topic',
      {},
      'implicit-deny',
    ],
    [
      '+ is itself',
      [policy(allow('iot:Subscribe', 'topicfilter/some/+/topic'))],
      'iot:Subscribe',
      'topicfilter/some/+/topic',
      {},
      'allow',
    ],
    [
      '# is literal',
      [policy(allow('iot:Subscribe', 'topicfilter/a/#'))],
      'iot:Subscribe',
      'topicfilter/a/b',
      {},
      'implicit-deny',
    ],
    [
      'a deny of a/restricted does not stop a/#',
      [
        policy(
          allow('iot:Subscribe', 'topicfilter/a/*'),
          deny('iot:Subscribe', 'topicfilter/a/restricted/*'),
        ),
      ],
      'iot:Subscribe',
      'topicfilter/a/#',
      {},
      'allow',
    ],
    [
      'Receive with NotResource, inside',
      [receiveButRestricted()],
      'iot:Receive',
      'topic/a/open',
      {},
      'allow',
    ],
    [
      'Receive with NotResource, restricted',
      [receiveButRestricted()],
      'iot:Receive',
      'topic/a/restricted/x',
      {},
      'implicit-deny',
    ],
    [
      'subscribe but not receive',
      [
        policy(
          allow('iot:Subscribe', 'topicfilter/device/update'),
          deny('iot:Receive', 'topic/device/update'),
        ),
      ],
      'iot:Receive',
      'topic/device/update',
      {},
      'deny',
    ],
    [
      'all but one topic',
      [
        policy(
          allow('iot:Publish', 'topic/${iot:ClientId}/*'),
          deny('iot:Publish', 'topic/${iot:ClientId}/bar'),
        ),
      ],
      'iot:Publish',
      'topic/thing1/foo',
      thing1,
      'allow',
    ],
    [
      'that one topic',
      [
        policy(
          allow('iot:Publish', 'topic/${iot:ClientId}/*'),
          deny('iot:Publish', 'topic/${iot:ClientId}/bar'),
        ),
      ],
      'iot:Publish',
      'topic/thing1/bar',
      thing1,
      'deny',
    ],
    [
      'topic/ does not allow a filter',
      [policy(allow('iot:Subscribe', 'topic/dt/cvra/*'))],
      'iot:Subscribe',
      'topicfilter/dt/cvra/x',
      {},
      'implicit-deny',
    ],
    // Basic and certificate policy variables
    [
      'client id + gives my/+/topic',
      [policy(allow('iot:Subscribe', 'topicfilter/my/${iot:ClientId}/topic'))],
      'iot:Subscribe',
      'topicfilter/my/+/topic',
      { 'iot:ClientId': '+' },
      'allow',
    ],
    [
      'client id * is no wildcard',
      [policy(allow('iot:Publish', 'topic/my/${iot:ClientId}/topic'))],
      'iot:Publish',
      'topic/my/other/topic',
      { 'iot:ClientId': '*' },
      'implicit-deny',
    ],
    [
      'topic of the certificate id',
      [policy(allow('iot:Publish', 'topic/${iot:CertificateId}'))],
      'iot:Publish',
      'topic/abc',
      { 'iot:CertificateId': 'abc' },
      'allow',
    ],
    [
      'organization of the certificate',
      [organizationPolicy()],
      'iot:Publish',
      'topic/my/topic/thing1',
      { ...thing1, 'iot:Certificate.Subject.Organization.List': ['AnyCompany'] },
      'allow',
    ],
    [
      'another organization',
      [organizationPolicy()],
      'iot:Publish',
      'topic/my/topic/thing1',
      { ...thing1, 'iot:Certificate.Subject.Organization.List': ['AnyCompany', 'Evil'] },
      'implicit-deny',
    ],
    // Several policies, NotAction, case
    [
      'a deny in another policy wins',
      [policy(allow('iot:*', '*')), policy(deny('iot:Publish', 'topic/a'))],
      'iot:Publish',
      'topic/a',
      {},
      'deny',
    ],
    [
      'NotAction',
      [policy({ Effect: 'Allow', NotAction: 'iot:Publish', Resource: '*' })],
      'iot:Connect',
      'client/a',
      {},
      'allow',
    ],
    [
      'the action NotAction names',
      [policy({ Effect: 'Allow', NotAction: 'iot:Publish', Resource: '*' })],
      'iot:Publish',
      'topic/a',
      {},
      'implicit-deny',
    ],
    ['actions in any case', [policy(allow('IOT:publish', '*'))], 'iot:Publish', 'topic/a', {}, 'allow'],
    [
      'topics in their case only',
      [policy(allow('iot:Publish', 'topic/A'))],
      'iot:Publish',
      'topic/a',
      {},
      'implicit-deny',
    ],
    [
      'another account',
      [
        policy({
          Effect: 'Allow',
          Action: 'iot:Publish',
          Resource: 'arn:aws:iot:us-east-1:999999999999:topic/a',
        }),
      ],
      'iot:Publish',
      'topic/a',
      {},
      'implicit-deny',
    ],
    ['no policy', [], 'iot:Connect', 'client/a', {}, 'implicit-deny'],
    [
      'a document without 2012-10-17 has no variables',
      [JSON.stringify({ Version: '2008-10-17', Statement: allow('iot:Connect', 'client/${iot:ClientId}') })],
      'iot:Connect',
      'client/a',
      { 'iot:ClientId': 'a' },
      'implicit-deny',
    ],
    [
      'one statement without a list',
      [JSON.stringify({ Version: '2012-10-17', Statement: allow('iot:Connect', 'client/a') })],
      'iot:Connect',
      'client/a',
      {},
      'allow',
    ],
  ];
  for (const [name, documents, action, resource, values, wanted] of cases) {
    it('takes a resource longer than a function call may have arguments @slow', () => {
      const long = policy(allow('iot:Publish', `topic/${' '.repeat(300_000)}\${iot:ClientId}`));
      assert.equal(decide([long], 'iot:Publish', 'topic/a', { 'iot:ClientId': 'a' }), 'implicit-deny');
    });

    it(`${name}: ${wanted}`, () => assert.equal(decide(documents, action, resource, values), wanted));
  }
});

describe('connect attributes (AWS IoT Developer Guide, "Connect policy examples")', () => {
  const set = (operator: string, attributes: string[]) => ({
    Condition: { [operator]: { 'iot:ConnectAttributes': attributes } },
  });
  const connect = (statement: Partial<StatementText>, ...more: StatementText[]) =>
    policy(allow('iot:Connect', '*', statement), ...more);
  const attributesOf = (...names: string[]) => ({ 'iot:ConnectAttributes': names });

  const cases: [string, string, string[], Decision][] = [
    [
      'PersistentConnect only, persistent',
      connect(set('ForAllValues:StringEquals', ['PersistentConnect'])),
      ['PersistentConnect'],
      'allow',
    ],
    [
      'PersistentConnect only, with a will',
      connect(set('ForAllValues:StringEquals', ['PersistentConnect'])),
      ['PersistentConnect', 'LastWill'],
      'implicit-deny',
    ],
    [
      'no PersistentConnect, clean',
      connect(set('ForAllValues:StringNotEquals', ['PersistentConnect'])),
      [],
      'allow',
    ],
    [
      'no PersistentConnect, persistent',
      connect(set('ForAllValues:StringNotEquals', ['PersistentConnect'])),
      ['PersistentConnect'],
      'implicit-deny',
    ],
    [
      'deny of PersistentConnect',
      connect({}, deny('iot:Connect', '*', set('ForAnyValue:StringEquals', ['PersistentConnect']))),
      ['PersistentConnect'],
      'deny',
    ],
    [
      'deny of PersistentConnect, clean',
      connect({}, deny('iot:Connect', '*', set('ForAnyValue:StringEquals', ['PersistentConnect']))),
      ['LastWill'],
      'allow',
    ],
    ['default features only, clean', connect(set('ForAllValues:StringEquals', [])), [], 'allow'],
    [
      'default features only, with a will',
      connect(set('ForAllValues:StringEquals', [])),
      ['LastWill'],
      'implicit-deny',
    ],
    [
      'PersistentConnect wanted, missing',
      connect(set('ForAnyValue:StringEquals', ['PersistentConnect'])),
      [],
      'implicit-deny',
    ],
    [
      'PersistentConnect wanted, there',
      connect(set('ForAnyValue:StringEquals', ['PersistentConnect'])),
      ['PersistentConnect', 'LastWill'],
      'allow',
    ],
  ];
  for (const [name, document, names, wanted] of cases) {
    it(`${name}: ${wanted}`, () =>
      assert.equal(decide([document], 'iot:Connect', 'client/a', attributesOf(...names)), wanted));
  }

  it('a will topic can be demanded', () => {
    const document = connect({
      Condition: { ArnEquals: { 'iot:LastWillTopic': `${ARN}topic/my/lastwill/topicName` } },
    });
    const will = (topic: string) => ({ 'iot:LastWillTopic': `${ARN}topic/${topic}` });
    assert.equal(decide([document], 'iot:Connect', 'client/a', will('my/lastwill/topicName')), 'allow');
    assert.equal(decide([document], 'iot:Connect', 'client/a', will('other')), 'implicit-deny');
    assert.equal(decide([document], 'iot:Connect', 'client/a'), 'implicit-deny');
  });
});

describe('condition operators', () => {
  const holds = (operator: string, expected: string | string[], actual: string | string[] | undefined) =>
    decide(
      [policy(allow('iot:Connect', '*', { Condition: { [operator]: { key: expected } } }))],
      'iot:Connect',
      'client/a',
      actual === undefined ? {} : { key: actual },
    ) === 'allow';

  const cases: [string, string | string[], string | undefined, boolean][] = [
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', 'a', undefined, false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringEqualsIgnoreCase', 'ABC', 'abc', true],
    ['StringNotEqualsIgnoreCase', 'ABC', 'abc', false],
    ['StringLike', 'a*c?', 'abbbcd', true],
    ['StringNotLike', 'a*', 'abc', false],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', 'b', false],
    ['Bool', 'true', 'True', true],
    ['Bool', 'false', 'true', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['DateGreaterThan', '2024-01-01T00:00:00Z', '2024-06-01T00:00:00Z', true],
    ['DateLessThan', '1704067200', '2024-06-01T00:00:00Z', false],
    ['IpAddress', ['10.0.0.0/8', '127.0.0.1'], '127.0.0.1', true],
    ['IpAddress', '10.0.0.0/8', '127.0.0.1', false],
    ['IpAddress', '10.0.0.0/99', '10.0.0.1', false],
    ['NotIpAddress', '10.0.0.0/8', '127.0.0.1', true],
    ['Null', 'true', undefined, true],
    ['Null', 'false', 'x', true],
    ['Null', 'true', 'x', false],
  ];
  for (const [operator, expected, actual, wanted] of cases) {
    it(`${operator} ${JSON.stringify(expected)} on ${String(actual)}: ${wanted}`, () =>
      assert.equal(holds(operator, expected, actual), wanted));
  }

  it('an operator that does not exist makes the policy invalid', () => {
    for (const name of ['StringSounds', 'toString', 'constructor'])
      assert.throws(() => holds(name, 'a', 'a'), new RegExp(name));
  });
});

describe('policy evaluation', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '*', '?', '+', '#', '$', '{', '}'),
    maxLength: 12,
  });

  it('never allows what is denied by name, however much else is allowed', () => {
    fc.assert(
      fc.property(fc.array(text), text, (allowed, topic) => {
        const open = policy(allow('iot:*', ['*', ...allowed.map((name) => `topic/${name}`)]));
        const closed = policy(deny('iot:Publish', '*'));
        assert.equal(decide([open, closed], 'iot:Publish', `topic/${topic}`), 'deny');
      }),
    );
  });

  it('does not depend on the order of statements and policies', () => {
    const statement = fc.record({
      Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
      Action: fc.constantFrom('iot:Publish', 'iot:*', 'iot:Receive'),
      Resource: text.map((name) => `${ARN}topic/${name}`),
    });
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 6 }), text, (statements, topic) => {
        const there = decide([policy(...statements)], 'iot:Publish', `topic/${topic}`);
        const back = decide(
          [...statements].reverse().map((s) => policy(s)),
          'iot:Publish',
          `topic/${topic}`,
        );
        assert.equal(there, back);
      }),
    );
  });

  it('lets a variable open nothing but its own text', () => {
    fc.assert(
      fc.property(text, text, (clientId, topic) => {
        const document = policy(allow('iot:Publish', 'topic/x/${iot:ClientId}/y'));
        const decision = decide([document], 'iot:Publish', `topic/${topic}`, { 'iot:ClientId': clientId });
        assert.equal(decision === 'allow', topic === `x/${clientId}/y`);
      }),
    );
  });

  it('matches wildcards as a regular expression would', () => {
    fc.assert(
      fc.property(text, text, (glob, topic) => {
        const expression = Array.from(glob, (c) =>
          c === '*' ? '[^]*' : c === '?' ? '[^]' : c.replace(/[+#$/{}]/, '\\$&'),
        ).join('');
        const document = JSON.stringify({ Statement: allow('iot:Publish', `topic/${glob}`) });
        assert.equal(
          decide([document], 'iot:Publish', `topic/${topic}`) === 'allow',
          new RegExp(`^${expression}$`).test(topic),
        );
      }),
    );
  });
});

function attributePolicy(): string {
  return policy(
    allow('iot:Publish', 'topic/device/stats', {
      Condition: {
        StringEquals: {
          'iot:Connection.Thing.Attributes[attributeName]': 'attributeValue',
          'iot:Connection.Thing.ThingTypeName': 'Thing_Type_Name',
        },
        Bool: { 'iot:Connection.Thing.IsAttached': 'true' },
      },
    }),
  );
}

function attributes(value: string): Values {
  return {
    ...thing1,
    'iot:Connection.Thing.Attributes[attributeName]': value,
    'iot:Connection.Thing.ThingTypeName': 'Thing_Type_Name',
  };
}

function receiveButRestricted(): string {
  return policy({ Effect: 'Allow', Action: 'iot:Receive', NotResource: `${ARN}topic/a/restricted/*` });
}

function organizationPolicy(): string {
  return policy(
    allow('iot:Publish', 'topic/my/topic/${iot:ClientId}', {
      Condition: {
        'ForAllValues:StringEquals': {
          'iot:Certificate.Subject.Organization.List': ['Example Corp', 'AnyCompany'],
        },
      },
    }),
  );
}

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import { claimPolicyDocument } from '../../../src/provisioning/claimPolicy.ts';
import { claimPolicyNameOf, TEMPLATE as defaultTemplateName } from '../../../src/cms/cdf/provisioner.ts';
import { scopeOf } from '../../../src/aws/arn.ts';
import { allows, holds, parsePolicy } from '../../../src/provisioning/policyDocument.ts';
import { templateBody } from '../../../src/provisioning/templateBody.ts';
import type { CloudTemplate } from '../../../src/aws/iot/templates.ts';
import { templateDifferences } from '../../../src/provisioning/templateDifferences.ts';
import { parsePrincipals } from '../../../src/provisioning/trust.ts';

const scope = { partition: 'aws', region: 'us-west-2', accountId: '123456789012' };
const wanted = claimPolicyDocument(scope, 'T');
const R = 'arn:aws:iot:us-west-2:123456789012';

describe('claim policy', () => {
  it('lets a claim connect under claim ids only, and touch nothing but the provisioning topics', () => {
    assert.deepEqual(wanted.Statement, [
      { Effect: 'Allow', Action: ['iot:Connect'], Resource: [`${R}:client/claim-*`] },
      {
        Effect: 'Allow',
        Action: ['iot:Publish', 'iot:Receive'],
        Resource: [
          `${R}:topic/$aws/certificates/create/*`,
          `${R}:topic/$aws/certificates/create-from-csr/*`,
          `${R}:topic/$aws/provisioning-templates/T/provision/*`,
        ],
      },
      {
        Effect: 'Allow',
        Action: ['iot:Subscribe'],
        Resource: [
          `${R}:topicfilter/$aws/certificates/create/*`,
          `${R}:topicfilter/$aws/certificates/create-from-csr/*`,
          `${R}:topicfilter/$aws/provisioning-templates/T/provision/*`,
        ],
      },
    ]);
  });

  it('stays below the 2,048 characters of an IoT policy, also when added to the policy of the ancestor', () => {
    const long = claimPolicyDocument({ ...scope, region: 'ap-southeast-2' }, 'X'.repeat(36));
    assert.ok(JSON.stringify({ ...long, Statement: [...long.Statement, ...long.Statement] }).length < 2048);
  });

  it('a policy that allows more is enough; one with the CSR subscription on the wrong kind of resource is not', () => {
    const all = { Effect: 'Allow', Action: 'iot:*', Resource: '*' };
    assert.ok(allows(parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: all })), wanted));
    const ancestor = JSON.stringify(wanted).replace(
      'topicfilter/$aws/certificates/create-from-csr',
      'topic/$aws/certificates/create-from-csr',
    );
    assert.ok(!allows(parsePolicy(ancestor), wanted));
  });

  it('a condition, a denial, another action or another account is not an allowance', () => {
    const statement = (more: object) =>
      parsePolicy(
        JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*', ...more }] }),
      );
    assert.ok(allows(statement({}), wanted));
    assert.ok(!allows(statement({ Condition: { Bool: { x: 'true' } } }), wanted));
    assert.ok(!allows(statement({ Effect: 'Deny' }), wanted));
    assert.ok(!allows(statement({ Action: 'iot:Publish' }), wanted));
    assert.ok(!allows(statement({ Resource: 'arn:aws:iot:us-west-2:999999999999:*' }), wanted));
    assert.ok(!allows(parsePolicy('{'), wanted));
  });

  it('leaving out any single permission is noticed', () => {
    const permissions = wanted.Statement.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => ({ Effect: 'Allow', Action: action, Resource: resource })),
      ),
    );
    fc.assert(
      fc.property(fc.nat(permissions.length - 1), (left) => {
        const whole = parsePolicy(JSON.stringify({ Statement: permissions }));
        const lacking = parsePolicy(JSON.stringify({ Statement: permissions.filter((_, i) => i !== left) }));
        assert.ok(allows(whole, wanted) && !allows(lacking, wanted));
      }),
    );
  });

  it('only a policy with our very statements is taken as made here', () => {
    assert.ok(holds({ ...wanted, Statement: [...wanted.Statement, ...wanted.Statement] }, wanted));
    assert.ok(
      !holds(parsePolicy('{"Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}'), wanted),
    );
  });

  it('a template of another name has a policy of its own', () => {
    assert.equal(claimPolicyNameOf(defaultTemplateName), 'fleetProvisioningPolicy');
    assert.equal(claimPolicyNameOf('Mine'), 'fleetProvisioningPolicy-Mine');
  });

  it('names resources in the partition of the caller', () => {
    const china = scopeOf({ accountId: '1', arn: 'arn:aws-cn:iam::1:user/x' }, 'cn-north-1');
    assert.match(JSON.stringify(claimPolicyDocument(china, 'T')), /arn:aws-cn:iot:cn-north-1:1:client/);
  });
});

describe('comparing provisioning templates', () => {
  const wish = {
    templateName: 'T',
    type: 'FLEET_PROVISIONING' as const,
    roleArn: 'arn:role',
    thingParameter: 'SerialNumber',
    devicePolicy: 'CvraTcuDevicePolicy',
    thingType: 'tcu',
  };
  const good: CloudTemplate = {
    body: templateBody(wish),
    roleArn: wish.roleArn,
    enabled: true,
    type: 'FLEET_PROVISIONING',
  };
  type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;
  /** Our own body after a change to its resources. */
  const changed = (change: (resources: Resources) => void): CloudTemplate => {
    const body = JSON.parse(good.body) as { Parameters: object; Resources: Resources };
    change(body.Resources);
    return { ...good, body: JSON.stringify(body) };
  };

  it('our own body is no difference, however it is written', () => {
    assert.deepEqual(templateDifferences(wish, good), []);
    const pretty = JSON.stringify(JSON.parse(good.body), undefined, 4);
    assert.deepEqual(templateDifferences(wish, { ...good, body: pretty }), []);
    const { thing, policy, certificate } = (JSON.parse(good.body) as { Resources: Resources }).Resources;
    const renamed = JSON.stringify({ Resources: { a: thing, b: policy, c: certificate } });
    assert.deepEqual(templateDifferences(wish, { ...good, body: renamed }), []);
  });

  it('a parameter nobody refers to and a missing thing type make no difference', () => {
    const found = changed((resources) => delete resources.thing!.Properties.ThingTypeName);
    const body = JSON.parse(found.body) as { Parameters: Record<string, unknown> };
    body.Parameters.ModelType = { Type: 'String' };
    assert.deepEqual(templateDifferences(wish, { ...found, body: JSON.stringify(body) }), []);
  });

  it('just-in-time provisioning fills in every part of a subject, fleet provisioning only the id', () => {
    const name = 'AWS::IoT::Certificate::CommonName';
    const country = 'AWS::IoT::Certificate::Country';
    const jitp = { ...wish, type: 'JITP' as const, thingParameter: name };
    const body = JSON.parse(templateBody(jitp)) as {
      Parameters: Record<string, object>;
      Resources: Resources;
    };
    body.Parameters[country] = { Type: 'String' };
    body.Resources.thing!.Properties.AttributePayload = { country: { Ref: country } };
    const found = { ...good, body: JSON.stringify(body) };
    assert.deepEqual(templateDifferences(jitp, { ...found, type: 'JITP' }), []);
    const words = templateDifferences({ ...wish, thingParameter: name }, found).map(english);
    assert.deepEqual(words, [`it requires the parameter ${country}`]);
  });

  const cases: [string, CloudTemplate, RegExp][] = [
    ['another role', { ...good, roleArn: 'arn:other' }, /role is arn:other, not arn:role/],
    ['no role', { ...good, roleArn: undefined }, /role is missing/],
    ['a disabled template', { ...good, enabled: false }, /disabled/],
    ['a template for JITP', { ...good, type: 'JITP' }, /type JITP/],
    ['a body that is no JSON', { ...good, body: '{' }, /cannot be read/],
    ['a body without resources', { ...good, body: '{}' }, /cannot be read/],
    ['another policy', changed((r) => (r.policy!.Properties.PolicyName = 'Wide')), /get Wide instead of/],
    ['no policy', changed((r) => delete r.policy), /no policy/],
    [
      'a second policy',
      changed((r) => (r.more = { ...r.policy!, Properties: { PolicyName: 'Wide' } })),
      /Wide/,
    ],
    [
      'inactive certificates',
      changed((r) => (r.certificate!.Properties.Status = 'Inactive')),
      /become Inactive/,
    ],
    ['no certificate', changed((r) => delete r.certificate), /no certificate/],
    ['no thing', changed((r) => delete r.thing), /no thing/],
    [
      'another thing name',
      changed((r) => (r.thing!.Properties.ThingName = { Ref: 'Other' })),
      /not by the serial number/,
    ],
    [
      'another thing type',
      changed((r) => (r.thing!.Properties.ThingTypeName = 'bus')),
      /of type bus, not tcu/,
    ],
  ];
  for (const [name, found, words] of cases) {
    it(`${name} is named`, () => {
      const differences = templateDifferences(wish, found);
      assert.ok(differences.length > 0);
      assert.match(differences.map(english).join('; '), words);
    });
  }

  it('a parameter that is wanted and not given is named, unless it has a default', () => {
    const found = changed((resources) => {
      resources.thing!.Properties.AttributePayload = {
        plant: { 'Fn::Sub': '${Plant}' },
        line: { Ref: 'Line' },
      };
    });
    const body = JSON.parse(found.body) as { Parameters: Record<string, unknown> };
    body.Parameters.Plant = { Type: 'String' };
    body.Parameters.Line = { Type: 'String', Default: '1' };
    assert.deepEqual(templateDifferences(wish, { ...found, body: JSON.stringify(body) }), [
      l10n.t('it requires the parameter {name}', { name: 'Plant' }),
    ]);
  });
});

describe('trust of a role', () => {
  const trust = (statement: unknown) => JSON.stringify({ Version: '2012-10-17', Statement: statement });
  const iot = { Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' };

  it('is read percent-encoded, as IAM gives it, and plain; one statement or many; one service or many', () => {
    assert.deepEqual(parsePrincipals(trust([iot])), ['iot.amazonaws.com']);
    assert.deepEqual(parsePrincipals(encodeURIComponent(trust(iot))), ['iot.amazonaws.com']);
    const two = { ...iot, Principal: { Service: ['lambda.amazonaws.com', 'iot.amazonaws.com'] } };
    assert.ok(parsePrincipals(trust([two])).includes('iot.amazonaws.com'));
  });

  it('a denial, another action, a person or garbage is no trust', () => {
    for (const statement of [
      { ...iot, Effect: 'Deny' },
      { ...iot, Action: 'sts:TagSession' },
      { ...iot, Principal: { AWS: 'arn:aws:iam::1:root' } },
      { ...iot, Principal: '*' },
      'x',
    ]) {
      assert.deepEqual(parsePrincipals(trust([statement])), []);
    }
    assert.deepEqual(parsePrincipals('%7B'), []);
  });
});

import assert from 'node:assert/strict';
import { createIam } from '../../../src/sandbox/services/iam/iam.ts';
import { membersIn, query } from '../../support/query.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'iot.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const REGISTRATION = 'arn:aws:iam::aws:policy/service-role/AWSIoTThingsRegistration';

function setUp() {
  const { service: iam } = createIam(createTestContext());
  const call = (action: string, parameters: Record<string, string> = {}) => query(iam, action, parameters);
  const create = (name = 'IotCMSRole') =>
    call('CreateRole', { RoleName: name, AssumeRolePolicyDocument: TRUST });
  return { call, create };
}

describe('IAM of the sandbox', () => {
  it('creates a role and describes it, its trust policy URL-encoded', async () => {
    const { call, create } = setUp();
    await create();
    const { body } = await call('GetRole', { RoleName: 'IotCMSRole' });
    const role = body.Role as Record<string, string>;
    assert.equal(role.Arn, 'arn:aws:iam::123456789012:role/IotCMSRole');
    assert.match(role.RoleId!, /^AROA[A-Z2-7]{17}$/);
    assert.equal(decodeURIComponent(role.AssumeRolePolicyDocument!), TRUST);
    assert.equal(role.MaxSessionDuration, '3600');
  });

  it('reads a form of tens of thousands of members in no time @slow', async () => {
    const { call } = setUp();
    const tags = Object.fromEntries(
      Array.from({ length: 40_000 }, (_, i) => [`Tags.member.${i + 1}.Key`, `k${i}`]),
    );
    const { status } = await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, ...tags });
    assert.equal(status, 200);
    const { body } = await call('GetRole', { RoleName: 'r' });
    assert.equal(membersIn((body.Role as Record<string, unknown>).Tags).length, 40_000);
  });

  it('keeps a tag whose key every object has', async () => {
    const { call } = setUp();
    const tag = { 'Tags.member.1.Key': '__proto__', 'Tags.member.1.Value': 'v' };
    await call('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, ...tag });
    const { body } = await call('ListRoleTags', { RoleName: 'r' });
    assert.deepEqual(membersIn(body.Tags), [{ Key: '__proto__', Value: 'v' }]);
  });

  it('says NoSuchEntity 404 for a role that is not there', async () => {
    const { call } = setUp();
    for (const action of ['GetRole', 'DeleteRole', 'ListAttachedRolePolicies']) {
      const { status, body } = await call(action, { RoleName: 'nobody' });
      assert.equal(status, 404);
      assert.deepEqual(body, {
        Type: 'Sender',
        Code: 'NoSuchEntity',
        Message: 'The role with name nobody cannot be found.',
      });
    }
  });

  it('says EntityAlreadyExists 409 for a name in use, whatever its case', async () => {
    const { create } = setUp();
    await create();
    const { status, body } = await create('iotcmsrole');
    assert.equal(status, 409);
    assert.equal(body.Code, 'EntityAlreadyExists');
  });

  it('attaches a managed policy once and lists it', async () => {
    const { call, create } = setUp();
    await create();
    const one = { RoleName: 'IotCMSRole', PolicyArn: REGISTRATION };
    await call('AttachRolePolicy', one);
    assert.equal((await call('AttachRolePolicy', one)).status, 200);
    const { body } = await call('ListAttachedRolePolicies', { RoleName: 'IotCMSRole' });
    assert.deepEqual(membersIn(body.AttachedPolicies), [
      { PolicyName: 'AWSIoTThingsRegistration', PolicyArn: REGISTRATION },
    ]);
    assert.equal(body.IsTruncated, 'false');
  });

  it('refuses a policy that does not exist', async () => {
    const { call, create } = setUp();
    await create();
    for (const PolicyArn of ['arn:aws:iam::aws:policy/Nope', 'arn:aws:iam::123456789012:policy/mine']) {
      const { status, body } = await call('AttachRolePolicy', { RoleName: 'IotCMSRole', PolicyArn });
      assert.equal(status, 404);
      assert.equal(body.Code, 'NoSuchEntity');
    }
  });

  const NO_POLICY = 'arn:aws:iam::123456789012:not_a_policy/invalid';
  const oddArns: [arn: string, code: string, message: RegExp][] = [
    [
      'x',
      'ValidationError',
      /failed to satisfy constraint: Member must have length greater than or equal to 20$/,
    ],
    ['longpolicynamebutnoarn', 'ValidationError', /^Invalid ARN: {2}Could not be parsed!$/],
    ['arn:aws-cn:iam::aws:policy/AWSIoTFullAccess', 'ValidationError', /^Invalid ARN partition$/],
    [NO_POLICY, 'InvalidInput', /^ARN arn:aws:iam::123456789012:not_a_policy\/invalid is not valid\.$/],
    ['arn:aws:iam:us-west-2:aws:policy/AWSIoTFullAccess', 'InvalidInput', / is not valid\.$/],
  ];
  for (const [arn, code, message] of oddArns) {
    it(`says ${code} for the policy ${arn}`, async () => {
      const { call, create } = setUp();
      await create();
      for (const [action, parameters] of [
        ['AttachRolePolicy', { RoleName: 'IotCMSRole', PolicyArn: arn }],
        ['PutRolePermissionsBoundary', { RoleName: 'IotCMSRole', PermissionsBoundary: arn }],
        ['CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, PermissionsBoundary: arn }],
      ] as const) {
        const { status, body } = await call(action, parameters);
        assert.deepEqual([status, body.Code], [400, code], action);
        assert.match(String(body.Message), message);
      }
    });
  }

  // What AWS answered in February 2026.
  const seen = ['Path', 'RoleName', 'RoleId', 'Arn', 'CreateDate', 'AssumeRolePolicyDocument'];
  const shapeOf = (role: unknown) => Object.keys(role as object).sort();
  const all = {
    RoleName: 'r',
    AssumeRolePolicyDocument: TRUST,
    Description: 'd',
    PermissionsBoundary: 'arn:aws:iam::aws:policy/AWSIoTConfigAccess',
    'Tags.member.1.Key': 'k',
    'Tags.member.1.Value': '',
  };

  it('answers CreateRole without description and longest session, and tags only when there are some', async () => {
    const { call, create } = setUp();
    assert.deepEqual(shapeOf((await create()).body.Role), [...seen].sort());
    const { body } = await call('CreateRole', all);
    assert.deepEqual(shapeOf(body.Role), [...seen, 'PermissionsBoundary', 'Tags'].sort());
  });

  it('answers GetRole with everything, always with RoleLastUsed', async () => {
    const { call, create } = setUp();
    await create();
    const plain = await call('GetRole', { RoleName: 'IotCMSRole' });
    assert.deepEqual(shapeOf(plain.body.Role), [...seen, 'MaxSessionDuration', 'RoleLastUsed'].sort());
    await call('CreateRole', all);
    const { body } = await call('GetRole', { RoleName: 'r' });
    assert.deepEqual(
      shapeOf(body.Role),
      [...seen, 'MaxSessionDuration', 'RoleLastUsed', 'Description', 'PermissionsBoundary', 'Tags'].sort(),
    );
    assert.equal((body.Role as Record<string, unknown>).RoleLastUsed, '');
  });

  it('answers ListRoles without tags, boundary and last use', async () => {
    const { call } = setUp();
    await call('CreateRole', all);
    const { body } = await call('ListRoles');
    assert.deepEqual(
      shapeOf(membersIn(body.Roles)[0]),
      [...seen, 'MaxSessionDuration', 'Description'].sort(),
    );
  });

  it('keeps a permissions boundary, which can be changed and taken away', async () => {
    const { call, create } = setUp();
    const boundary = async () =>
      ((await call('GetRole', { RoleName: 'IotCMSRole' })).body.Role as Record<string, unknown>)
        .PermissionsBoundary;
    await create();
    const RoleName = 'IotCMSRole';
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    await call('PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    assert.deepEqual(await boundary(), {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: PermissionsBoundary,
    });
    await call('DeleteRolePermissionsBoundary', { RoleName });
    assert.equal(await boundary(), undefined);
    const other = 'arn:aws:iam::123456789012:policy/mine';
    for (const [action, parameters] of [
      ['PutRolePermissionsBoundary', { RoleName, PermissionsBoundary: other }],
      ['CreateRole', { ...all, PermissionsBoundary: other }],
    ] as const) {
      const { status, body } = await call(action, parameters);
      assert.deepEqual([status, body.Code], [404, 'NoSuchEntity']);
      assert.equal(body.Message, `Scope ARN: ${other} does not exist or is not attachable.`);
    }
  });

  it('says DeleteConflict 409 until the policies are detached', async () => {
    const { call, create } = setUp();
    await create();
    const one = { RoleName: 'IotCMSRole', PolicyArn: REGISTRATION };
    await call('AttachRolePolicy', one);
    const refused = await call('DeleteRole', { RoleName: 'IotCMSRole' });
    assert.equal(refused.status, 409);
    assert.equal(refused.body.Code, 'DeleteConflict');
    await call('DetachRolePolicy', one);
    assert.equal((await call('DeleteRole', { RoleName: 'IotCMSRole' })).status, 200);
    assert.equal((await call('GetRole', { RoleName: 'IotCMSRole' })).status, 404);
  });

  it('says NoSuchEntity when a policy to detach is not attached', async () => {
    const { call, create } = setUp();
    await create();
    const { status } = await call('DetachRolePolicy', { RoleName: 'IotCMSRole', PolicyArn: REGISTRATION });
    assert.equal(status, 404);
  });

  it('replaces the trust policy', async () => {
    const { call, create } = setUp();
    await create();
    const other = TRUST.replace('iot.', 'lambda.');
    await call('UpdateAssumeRolePolicy', { RoleName: 'IotCMSRole', PolicyDocument: other });
    const { body } = await call('GetRole', { RoleName: 'IotCMSRole' });
    assert.equal(decodeURIComponent((body.Role as Record<string, string>).AssumeRolePolicyDocument!), other);
  });

  const bad: [what: string, document: string][] = [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['another version', TRUST.replace('2012-10-17', '2020-01-01')],
    ['no principal', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}'],
    ['a resource', TRUST.replace('"Effect"', '"Resource":"*","Effect"')],
    ['an action of another service', TRUST.replace('sts:AssumeRole', 'iot:Connect')],
    ['an unknown effect', TRUST.replace('Allow', 'Maybe')],
    ['no field at all', '{}'],
    ['a number for an action', TRUST.replace('"sts:AssumeRole"', '1')],
    ['a field nobody knows', TRUST.replace('"Effect"', '"Colour":"red","Effect"')],
  ];
  /** Everything it may say: nothing of what checks it here. */
  const knownTexts = [
    'This policy contains invalid Json',
    'Has prohibited field Resource',
    'Missing required field Statement',
    'Missing required field Principal',
    'AssumeRole policy may only specify STS AssumeRole actions.',
    'Syntax errors in policy.',
  ];
  for (const [what, document] of bad) {
    it(`says MalformedPolicyDocument for a trust policy with ${what}`, async () => {
      const { call } = setUp();
      const { status, body } = await call('CreateRole', {
        RoleName: 'r',
        AssumeRolePolicyDocument: document,
      });
      assert.equal(status, 400);
      assert.equal(body.Code, 'MalformedPolicyDocument');
      assert.ok(knownTexts.includes(String(body.Message)), String(body.Message));
      assert.equal((await call('GetRole', { RoleName: 'r' })).status, 404);
    });
  }

  it('takes the actions of STS that are about assuming a role, and no others', async () => {
    const { call, create } = setUp();
    await create();
    const update = async (...actions: string[]) =>
      (
        await call('UpdateAssumeRolePolicy', {
          RoleName: 'IotCMSRole',
          PolicyDocument: TRUST.replace('"sts:AssumeRole"', JSON.stringify(actions)),
        })
      ).status;
    assert.equal(await update('sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'), 200);
    assert.equal(await update('sts:AssumeRoleWithSAML', 'STS:assumerolewithwebidentity'), 200);
    assert.equal(await update('sts:AssumeRole*'), 200);
    for (const action of ['sts:TagSessions', 'sts:GetCallerIdentity', 'sts:GetFederationToken', 'sts:Get*']) {
      assert.equal(await update('sts:AssumeRole', action), 400, action);
    }
  });

  it('pages every list, and filters by path where IAM does', async () => {
    const { call, create } = setUp();
    await create();
    const RoleName = 'IotCMSRole';
    for (const name of ['AWSIoTFullAccess', 'service-role/AWSIoTLogging', 'service-role/AWSIoTRuleActions']) {
      await call('AttachRolePolicy', { RoleName, PolicyArn: `arn:aws:iam::aws:policy/${name}` });
    }
    for (const key of ['a', 'b', 'c']) {
      await call('TagRole', { RoleName, 'Tags.member.1.Key': key, 'Tags.member.1.Value': '' });
    }
    const count = async (action: string, member: string, parameters: Record<string, string> = {}) => {
      const sizes: number[] = [];
      let marker: Record<string, string> = {};
      for (;;) {
        const { status, body } = await call(action, { RoleName, MaxItems: '2', ...parameters, ...marker });
        assert.equal(status, 200);
        sizes.push(membersIn(body[member]).length);
        if (body.IsTruncated === 'false') return sizes;
        marker = { Marker: String(body.Marker) };
      }
    };
    assert.deepEqual(await count('ListAttachedRolePolicies', 'AttachedPolicies'), [2, 1]);
    const below = { PathPrefix: '/service-role/' };
    assert.deepEqual(await count('ListAttachedRolePolicies', 'AttachedPolicies', below), [2]);
    assert.deepEqual(await count('ListRoleTags', 'Tags'), [2, 1]);
    assert.deepEqual(await count('ListRolePolicies', 'PolicyNames'), [0]);
    assert.deepEqual(await count('ListInstanceProfilesForRole', 'InstanceProfiles'), [0]);
    for (const action of [
      'ListRoles',
      'ListAttachedRolePolicies',
      'ListRolePolicies',
      'ListRoleTags',
      'ListInstanceProfilesForRole',
    ]) {
      for (const change of [{ MaxItems: '0' }, { MaxItems: '1001' }, { MaxItems: 'x' }, { Marker: 'x' }]) {
        const { body } = await call(action, { RoleName, ...change });
        assert.equal(body.Code, 'ValidationError', `${action} ${JSON.stringify(change)}`);
      }
    }
    for (const action of ['ListRoles', 'ListAttachedRolePolicies']) {
      assert.equal((await call(action, { RoleName, PathPrefix: 'x' })).body.Code, 'ValidationError');
    }
  });

  it('says ValidationError for names and values that cannot be', async () => {
    const { call } = setUp();
    for (const change of [
      { RoleName: '../x' },
      { RoleName: 'x'.repeat(65) },
      { Path: 'nope' },
      { MaxSessionDuration: '5' },
      { RoleName: '' },
    ]) {
      const { body } = await call('CreateRole', {
        RoleName: 'r',
        AssumeRolePolicyDocument: TRUST,
        ...change,
      });
      assert.equal(body.Code, 'ValidationError', JSON.stringify(change));
    }
  });

  it('pages the list of roles', async () => {
    const { call, create } = setUp();
    for (const name of ['c', 'a', 'b']) await create(name);
    const first = await call('ListRoles', { MaxItems: '2' });
    assert.deepEqual(
      membersIn(first.body.Roles).map((r) => r.RoleName),
      ['a', 'b'],
    );
    assert.equal(first.body.IsTruncated, 'true');
    const second = await call('ListRoles', { MaxItems: '2', Marker: String(first.body.Marker) });
    assert.deepEqual(
      membersIn(second.body.Roles).map((r) => r.RoleName),
      ['c'],
    );
    assert.equal(second.body.IsTruncated, 'false');
  });

  it('keeps tags and descriptions, whatever characters they hold', async () => {
    const { call } = setUp();
    await call('CreateRole', {
      RoleName: 'r',
      AssumeRolePolicyDocument: TRUST,
      Description: 'für <CMS> & "more"',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'a&b',
    });
    await call('TagRole', { RoleName: 'r', 'Tags.member.1.Key': 'stage', 'Tags.member.1.Value': 'dev' });
    await call('UntagRole', { RoleName: 'r', 'TagKeys.member.1': 'team' });
    const { body } = await call('GetRole', { RoleName: 'r' });
    const role = body.Role as Record<string, unknown>;
    assert.equal(role.Description, 'für <CMS> & "more"');
    assert.deepEqual(membersIn(role.Tags), [{ Key: 'stage', Value: 'dev' }]);
    const listed = await call('ListRoleTags', { RoleName: 'r' });
    assert.deepEqual(membersIn(listed.body.Tags), [{ Key: 'stage', Value: 'dev' }]);
  });

  it('has neither inline policies nor instance profiles, which deletion tools ask for', async () => {
    const { call, create } = setUp();
    await create();
    for (const action of ['ListRolePolicies', 'ListInstanceProfilesForRole']) {
      assert.equal((await call(action, { RoleName: 'IotCMSRole' })).body.IsTruncated, 'false');
      assert.equal((await call(action, { RoleName: 'nobody' })).status, 404);
    }
  });

  it('writes XML even for characters XML cannot hold', async () => {
    const { call } = setUp();
    await call('CreateRole', {
      RoleName: 'r',
      AssumeRolePolicyDocument: TRUST,
      Description: 'bell \u0007 end',
    });
    const { text } = await call('GetRole', { RoleName: 'r' });
    assert.ok(text.includes('bell \ufffd end'));
  });
});

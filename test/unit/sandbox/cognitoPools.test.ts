import assert from 'node:assert/strict';
import { createCognitoHarness } from './cognitoHarness.ts';

interface Pool {
  Id: string;
  Name: string;
  Policies: { PasswordPolicy: Record<string, unknown> };
  AdminCreateUserConfig: Record<string, unknown>;
  SchemaAttributes: { Name: string; Required: boolean }[];
  [member: string]: unknown;
}

const readOnly = [
  'Id',
  'Arn',
  'Name',
  'CreationDate',
  'LastModifiedDate',
  'SchemaAttributes',
  'AliasAttributes',
  'EstimatedNumberOfUsers',
];

describe('cognito user pools', () => {
  const setup = () => {
    const cognito = createCognitoHarness();
    const describePool = async (): Promise<Pool> =>
      (await cognito.call<{ UserPool: Pool }>('DescribeUserPool', { UserPoolId: cognito.userPoolId }))
        .UserPool;
    return { ...cognito, describePool };
  };

  it('has the settings of the CMS template', async () => {
    const { describePool, userPoolId } = setup();
    const pool = await describePool();
    assert.equal(pool.Name, 'cms-admins-123456789012');
    assert.match(userPoolId, /^us-west-2_[A-Za-z0-9]{9}$/);
    assert.equal(pool.Id, userPoolId);
    assert.equal(pool.Arn, `arn:aws:cognito-idp:us-west-2:123456789012:userpool/${userPoolId}`);
    assert.deepEqual(pool.AliasAttributes, ['email']);
    assert.equal(pool.UsernameAttributes, undefined);
    assert.deepEqual(pool.AutoVerifiedAttributes, ['email']);
    assert.deepEqual(pool.Policies.PasswordPolicy, {
      MinimumLength: 8,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: false,
      RequireSymbols: false,
      TemporaryPasswordValidityDays: 7,
    });
    assert.equal(pool.AdminCreateUserConfig.AllowAdminCreateUserOnly, true);
    assert.equal(pool.AdminCreateUserConfig.UnusedAccountValidityDays, 7);
    const invitation = pool.AdminCreateUserConfig.InviteMessageTemplate as Record<string, string>;
    assert.equal(invitation.EmailSubject, 'Your CMS login');
    assert.match(invitation.EmailMessage ?? '', /\{username\}.*\{####\}/);
    assert.deepEqual(pool.UserPoolAddOns, { AdvancedSecurityMode: 'ENFORCED' });
    assert.equal(pool.MfaConfiguration, 'OFF');
    assert.equal(pool.EstimatedNumberOfUsers, 1);
    assert.deepEqual(
      pool.SchemaAttributes.filter(({ Required }) => Required).map(({ Name }) => Name),
      ['sub', 'email'],
    );
  });

  it('gives times as seconds', async () => {
    const { describePool, context } = setup();
    assert.equal((await describePool()).CreationDate, context.clock.now() / 1000);
  });

  it('refuses a pool that does not exist', async () => {
    const { refusal } = setup();
    assert.equal(
      await refusal('DescribeUserPool', { UserPoolId: 'us-west-2_AAAAAAAAA' }),
      'ResourceNotFoundException: User pool us-west-2_AAAAAAAAA does not exist.',
    );
  });

  it('says which member is missing or malformed, as AWS does', async () => {
    const { refusal } = setup();
    assert.equal(
      await refusal('DescribeUserPool', {}),
      "InvalidParameterException: 1 validation error detected: Value null at 'userPoolId' failed to satisfy constraint: Member must not be null",
    );
    assert.equal(
      await refusal('DescribeUserPool', { UserPoolId: 'no pool' }),
      "InvalidParameterException: 1 validation error detected: Value 'no pool' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w\\-]+_[0-9a-zA-Z]+",
    );
    assert.equal(
      await refusal('ListUserPools', { MaxResults: 61 }),
      "InvalidParameterException: 1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60",
    );
  });

  it('refuses what is not JSON, or of the wrong type', async () => {
    const { refusal } = setup();
    assert.match(await refusal('DescribeUserPool', '{'), /^SerializationException: /);
    assert.match(await refusal('DescribeUserPool', '[]'), /^SerializationException: /);
    assert.match(await refusal('DescribeUserPool', { UserPoolId: 7 }), /^SerializationException: /);
  });

  it('lists pools in pages', async () => {
    const cognito = createCognitoHarness({}, { stacks: ['a', 'b', 'c'] });
    const ids: string[] = [];
    let token: string | undefined;
    do {
      const page: { UserPools: { Id: string }[]; NextToken?: string } = await cognito.call('ListUserPools', {
        MaxResults: 2,
        NextToken: token,
      });
      assert.ok(page.UserPools.length <= 2);
      ids.push(...page.UserPools.map(({ Id }) => Id));
      token = page.NextToken;
    } while (token !== undefined);
    const expected = ['a', 'b', 'c', 'cms-dev1'].map((name) => cognito.pools.poolOf(name).userPoolId);
    assert.deepEqual(ids, expected.sort());
    assert.match(
      await cognito.refusal('ListUserPools', { MaxResults: 2, NextToken: 'foreign' }),
      /^InvalidParameterException: /,
    );
  });

  describe('UpdateUserPool', () => {
    it('resets everything it is not told, but for the password policy', async () => {
      const { call, describePool, userPoolId, context } = setup();
      const before = await describePool();
      context.clock.advance(1000);
      await call('UpdateUserPool', {
        UserPoolId: userPoolId,
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      });
      const after = await describePool();
      assert.equal(after.UserPoolAddOns, undefined);
      assert.equal(after.AutoVerifiedAttributes, undefined);
      assert.equal(after.EmailVerificationSubject, undefined);
      assert.equal(after.EmailVerificationMessage, undefined);
      assert.deepEqual(after.VerificationMessageTemplate, { DefaultEmailOption: 'CONFIRM_WITH_CODE' });
      assert.deepEqual(after.AdminCreateUserConfig, {
        AllowAdminCreateUserOnly: false,
        UnusedAccountValidityDays: 7,
      });
      assert.deepEqual(after.Policies, before.Policies);
      assert.equal(after.Name, before.Name);
      assert.deepEqual(after.AliasAttributes, before.AliasAttributes);
      assert.deepEqual(after.SchemaAttributes, before.SchemaAttributes);
      assert.equal(after.CreationDate, before.CreationDate);
      assert.notEqual(after.LastModifiedDate, before.LastModifiedDate);
    });

    it('keeps everything when the whole document is written back', async () => {
      const { call, describePool, userPoolId } = setup();
      const before = await describePool();
      const document = Object.fromEntries(
        Object.entries(before).filter(([name]) => !readOnly.includes(name)),
      );
      const { InviteMessageTemplate } = before.AdminCreateUserConfig;
      await call('UpdateUserPool', {
        ...document,
        UserPoolId: userPoolId,
        AdminCreateUserConfig: { InviteMessageTemplate, AllowAdminCreateUserOnly: false },
      });
      const after = await describePool();
      assert.deepEqual(after, {
        ...before,
        AdminCreateUserConfig: { ...before.AdminCreateUserConfig, AllowAdminCreateUserOnly: false },
      });
    });

    it('refuses both names of the days a temporary password lives', async () => {
      const { refusal, userPoolId } = setup();
      assert.equal(
        await refusal('UpdateUserPool', {
          UserPoolId: userPoolId,
          Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 7 } },
          AdminCreateUserConfig: { UnusedAccountValidityDays: 7 },
        }),
        'InvalidParameterException: Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays',
      );
    });

    it('takes the rules of a policy that are not given as off', async () => {
      const { call, describePool, userPoolId } = setup();
      await call('UpdateUserPool', {
        UserPoolId: userPoolId,
        Policies: { PasswordPolicy: { MinimumLength: 12, RequireNumbers: true } },
      });
      assert.deepEqual((await describePool()).Policies.PasswordPolicy, {
        MinimumLength: 12,
        RequireUppercase: false,
        RequireLowercase: false,
        RequireNumbers: true,
        RequireSymbols: false,
        TemporaryPasswordValidityDays: 7,
      });
    });

    it('leaves the pool as it was when it refuses', async () => {
      const { refusal, describePool, userPoolId } = setup();
      const before = await describePool();
      for (const bad of [
        { MfaConfiguration: 'ON' },
        { MfaConfiguration: 'OPTIONAL' },
        { Policies: { PasswordPolicy: { MinimumLength: 5 } } },
        { AutoVerifiedAttributes: ['name'] },
        { EmailVerificationMessage: 'no place for the code' },
      ]) {
        assert.match(
          await refusal('UpdateUserPool', { UserPoolId: userPoolId, ...bad }),
          /^InvalidParameterException: /,
        );
      }
      assert.deepEqual(await describePool(), before);
    });
  });
});

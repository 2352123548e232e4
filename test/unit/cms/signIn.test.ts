import assert from 'node:assert/strict';
import fc from 'fast-check';
import { toCmsError } from '../../../src/aws/errors.ts';
import { passwordProblems } from '../../../src/cms/kit/passwordPolicy.ts';
import { writableOf } from '../../../src/cms/cdf/poolSettings.ts';
import { signInError, wrongPassword } from '../../../src/aws/cognito/signInErrors.ts';
import { temporaryPassword } from '../../../src/cms/kit/temporaryPassword.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';

describe('a password policy', () => {
  const cms = { MinimumLength: 8, RequireUppercase: true, RequireLowercase: true };
  const all = { ...cms, RequireNumbers: true, RequireSymbols: true };

  it('accepts the password of the CMS examples', () => {
    assert.deepEqual(passwordProblems('Testing1234', cms), []);
  });

  it('lists everything that is missing', () => {
    assert.deepEqual(passwordProblems('abc', all).map(english), [
      'at least 8 characters',
      'an upper-case letter',
      'a digit',
      'a symbol such as ! or -',
    ]);
  });

  it('refuses spaces at the ends and more than 256 characters', () => {
    assert.equal(passwordProblems(' Testing1234', cms).length, 1);
    assert.deepEqual(passwordProblems(`Aa${'x'.repeat(255)}`, cms).map(english), ['at most 256 characters']);
  });
});

describe('the temporary password of a new user', () => {
  it('satisfies every policy and follows from pool, user and password alone', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (pool, user, password) => {
        const made = temporaryPassword(pool, user, password);
        const strictest = { MinimumLength: 99, RequireUppercase: true, RequireLowercase: true };
        assert.deepEqual(
          passwordProblems(made, { ...strictest, RequireNumbers: true, RequireSymbols: true }),
          [],
        );
        assert.equal(made, temporaryPassword(pool, user, password));
        assert.notEqual(made, temporaryPassword(pool, user, `${password}x`));
        assert.notEqual(made, temporaryPassword(pool, `${user}x`, password));
      }),
    );
  });
});

describe('the settings of a user pool', () => {
  it('are carried over without what cannot be written', () => {
    const document = writableOf({
      Id: 'us-west-2_x',
      Name: 'cms-admins',
      Arn: 'arn',
      CreationDate: new Date(),
      EstimatedNumberOfUsers: 3,
      SchemaAttributes: [],
      AliasAttributes: ['email'],
      AutoVerifiedAttributes: ['email'],
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      Policies: { PasswordPolicy: { MinimumLength: 8 } },
      AdminCreateUserConfig: {
        AllowAdminCreateUserOnly: true,
        UnusedAccountValidityDays: 7,
        InviteMessageTemplate: { EmailSubject: 'Your CMS login' },
      },
    });
    assert.deepEqual(document, {
      PoolName: 'cms-admins',
      AutoVerifiedAttributes: ['email'],
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 7, MinimumLength: 8 } },
      AdminCreateUserConfig: {
        AllowAdminCreateUserOnly: true,
        InviteMessageTemplate: { EmailSubject: 'Your CMS login' },
      },
    });
  });
});

describe('sign-in errors', () => {
  const aws = (awsCode: string, message = '') =>
    toCmsError(Object.assign(new Error(message), { name: awsCode, $metadata: {} }), l10n.t('signing in'));
  const cases: [string, string, string, RegExp][] = [
    ['NotAuthorizedException', 'Incorrect username or password.', 'SIGN_IN_FAILED', /is wrong/],
    ['NotAuthorizedException', 'User is disabled.', 'SIGN_IN_FAILED', /disabled/],
    ['NotAuthorizedException', 'Password attempts exceeded', 'SIGN_IN_FAILED', /too many attempts/],
    ['NotAuthorizedException', 'Temporary password has expired', 'SIGN_IN_FAILED', /temporary password/i],
    ['UserNotFoundException', '', 'SIGN_IN_FAILED', /no such user/],
    ['UserNotConfirmedException', '', 'SIGN_IN_FAILED', /never confirmed/],
    ['PasswordResetRequiredException', '', 'SIGN_IN_CHALLENGE', /new password/],
    ['InvalidPasswordException', 'Password did not conform', 'PASSWORD_TOO_WEAK', /conform/],
    ['InvalidParameterException', 'USER_SRP_AUTH is not enabled for the client.', 'SIGN_IN_FAILED', /SRP/],
    ['InternalErrorException', 'oops', 'AWS_CALL_FAILED', /oops/],
  ];
  for (const [awsCode, message, code, words] of cases) {
    it(`reads ${awsCode} ${message} as ${code}`, () => {
      const error = signInError(aws(awsCode, message), wrongPassword);
      assert.ok(error instanceof CmsError);
      assert.equal(error.code, code);
      assert.match(error.message, words);
    });
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PasswordPolicy } from '../../../src/sandbox/services/cognito/passwordPolicy.ts';
import { checkPassword, randomPassword } from '../../../src/sandbox/services/cognito/passwordPolicy.ts';

const policies: fc.Arbitrary<PasswordPolicy> = fc.record({
  MinimumLength: fc.integer({ min: 6, max: 99 }),
  RequireUppercase: fc.boolean(),
  RequireLowercase: fc.boolean(),
  RequireNumbers: fc.boolean(),
  RequireSymbols: fc.boolean(),
  TemporaryPasswordValidityDays: fc.constant(7),
});
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const symbols = '^$*.[]{}()?-"!@#%&/\\,><\':;|_~`+= ';
const passwords = fc
  .array(fc.constantFrom(...Array.from(`${upper}${lower}${digits}${symbols}é漢`)), { maxLength: 110 })
  .map((characters) => characters.join(''));

function refusal(policy: PasswordPolicy, password: string): string | undefined {
  try {
    checkPassword(policy, password);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
}

describe('cognito password policy', () => {
  const cms: PasswordPolicy = {
    MinimumLength: 8,
    RequireUppercase: true,
    RequireLowercase: true,
    RequireNumbers: false,
    RequireSymbols: false,
    TemporaryPasswordValidityDays: 7,
  };

  it('of CMS takes letters of both cases from eight on', () => {
    for (const password of ['Passwort', 'Testing1234', 'aB      ']) {
      assert.equal(refusal(cms, password), undefined, password);
    }
  });

  it('names the rule in the words of AWS', () => {
    const strict = { ...cms, RequireNumbers: true, RequireSymbols: true };
    const words = (text: string) => `Password did not conform with policy: ${text}`;
    assert.equal(refusal(strict, 'aB1!'), words('Password not long enough'));
    assert.equal(refusal(strict, 'password1!'), words('Password must have uppercase characters'));
    assert.equal(refusal(strict, 'PASSWORD1!'), words('Password must have lowercase characters'));
    assert.equal(refusal(strict, 'Password!'), words('Password must have numeric characters'));
    assert.equal(refusal(strict, 'Password1'), words('Password must have symbol characters'));
    assert.equal(refusal(strict, 'Password1!'), undefined);
  });

  it('takes a password exactly when it has all that is required', () => {
    const has = (password: string, set: string): boolean => Array.from(password).some((c) => set.includes(c));
    fc.assert(
      fc.property(policies, passwords, (policy, password) => {
        const conforms =
          password.length >= policy.MinimumLength &&
          (!policy.RequireUppercase || has(password, upper)) &&
          (!policy.RequireLowercase || has(password, lower)) &&
          (!policy.RequireNumbers || has(password, digits)) &&
          (!policy.RequireSymbols || has(password, symbols));
        assert.equal(refusal(policy, password) === undefined, conforms);
      }),
    );
  });

  it('accepts a longer password whenever it accepts a shorter one', () => {
    fc.assert(
      fc.property(policies, passwords, passwords, (policy, password, more) => {
        fc.pre(refusal(policy, password) === undefined);
        assert.equal(refusal(policy, password + more), undefined);
      }),
      { numRuns: 50 },
    );
  });

  it('is met by every temporary password made for it', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        assert.equal(refusal(policy, randomPassword(policy)), undefined);
      }),
    );
  });
});

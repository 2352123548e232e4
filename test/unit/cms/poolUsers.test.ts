import assert from 'node:assert/strict';
import type { UserPool } from '../../../src/aws/cognito/cognito.ts';
import { createUser } from '../../../src/cms/kit/poolUsers.ts';
import type { CmsError } from '../../../src/core/errors.ts';
import { english } from '../../../src/core/wording.ts';

/** Cognito refuses every user name. */
const refusing = {
  cognito: () =>
    Promise.resolve({
      send: () =>
        Promise.reject(
          Object.assign(new Error('Username should be an email.'), {
            ...{ name: 'InvalidParameterException', $metadata: { httpStatusCode: 400 } },
          }),
        ),
    }),
};

describe('Users of a pool', () => {
  for (const [usernames, wanted] of [
    ['e-mail', /by an e-mail address/],
    [undefined, /does not look like an e-mail address/],
  ] as const) {
    it(`that are called by ${usernames ?? 'a name'} are asked for one when Cognito refuses the name`, async () => {
      const pool = { connection: refusing, userPoolId: 'us-west-2_a', clientId: 'c' } as unknown as UserPool;
      const user = { username: 'bob', email: 'bob@example.com', temporaryPassword: 'Testing-1234' };
      await assert.rejects(
        createUser({ ...pool, ...(usernames && { usernames }) }, user, new AbortController().signal),
        (error: CmsError) => error.code === 'REQUEST_INVALID' && wanted.test(english(error.remedy!)),
      );
    });
  }
});

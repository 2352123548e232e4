import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { AwsError } from '../../kernel/http.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { checkAttributes, readableAttributes, withAttributes } from './attributes.ts';
import type { Codes } from './codes.ts';
import type { Directory } from './directory.ts';
import { checkUsername } from './directory.ts';
import { invalidParameter } from './errors.ts';
import { members } from './input.ts';
import { checkPassword, randomPassword } from './passwordPolicy.ts';
import { recoveryContact } from './recovery.ts';
import { aliasExists, notConfirmable, takeAlias } from './signUpOperations.ts';
import type { PoolRecord, State, UserRecord } from './state.ts';
import { newUser, withPassword } from './users.ts';

const userInput = { UserPoolId: members.poolId, Username: members.username };

/** The administrator's operations on a single user. */
export function adminUserOperations(parts: {
  state: State;
  directory: Directory;
  codes: Codes;
  clock: Clock;
  log: Log;
}): Operations {
  const { state, directory, codes, clock, log } = parts;

  const found = (input: { UserPoolId: string; Username: string }): { pool: PoolRecord; user: UserRecord } => {
    const pool = directory.poolOf(input.UserPoolId);
    return { pool, user: directory.userOf(pool, input.Username) };
  };

  const logInvitation = (username: string): void => {
    log('info', `cognito-idp: no mail is sent; the invitation of ${username} is dropped`);
  };

  return {
    AdminCreateUser: operation(
      z.object({
        ...userInput,
        UserAttributes: members.attributes.default([]),
        ValidationData: members.attributes.optional(),
        TemporaryPassword: members.password.optional(),
        ForceAliasCreation: z.boolean().default(false),
        MessageAction: z.enum(['RESEND', 'SUPPRESS']).optional(),
        DesiredDeliveryMediums: z.array(z.enum(['SMS', 'EMAIL'])).optional(),
      }),
      (input) => {
        const pool = directory.poolOf(input.UserPoolId);
        const policy = pool.settings.Policies.PasswordPolicy;
        if (input.TemporaryPassword !== undefined) checkPassword(policy, input.TemporaryPassword);
        const password = input.TemporaryPassword ?? randomPassword(policy);
        if (input.MessageAction === 'RESEND') {
          const user = directory.userOf(pool, input.Username);
          if (user.status !== 'FORCE_CHANGE_PASSWORD') {
            throw new AwsError(
              'UnsupportedUserStateException',
              `Resend not possible. ${user.username} status is not FORCE_CHANGE_PASSWORD`,
            );
          }
          logInvitation(user.username);
          const renewed = withPassword(user, password, 'FORCE_CHANGE_PASSWORD', clock.now());
          return { User: userType(directory.save(renewed)) };
        }
        checkUsername(pool, input.Username);
        const attributes = withAttributes({}, checkAttributes(input.UserAttributes, pool));
        const other = directory.find(pool, input.Username);
        if (other !== undefined && (pool.emailIsUsername === true || other.username === input.Username)) {
          throw new AwsError('UsernameExistsException', 'User account already exists');
        }
        claimAlias(directory, pool, input.Username, attributes, {
          force: input.ForceAliasCreation,
          // AliasExistsException is not among the documented errors of this operation.
          error: new AwsError('UsernameExistsException', 'An account with the email already exists.'),
        });
        if (input.MessageAction !== 'SUPPRESS') logInvitation(input.Username);
        const status = 'FORCE_CHANGE_PASSWORD';
        const user = newUser(pool, { username: input.Username, attributes, password, status }, clock.now());
        return { User: userType(directory.save(user)) };
      },
    ),

    AdminConfirmSignUp: operation(z.object(userInput), (input) => {
      const { user } = found(input);
      if (user.status !== 'UNCONFIRMED') throw notConfirmable(user);
      directory.save({ ...user, status: 'CONFIRMED' });
      return {};
    }),

    AdminSetUserPassword: operation(
      z.object({ ...userInput, Password: members.password, Permanent: z.boolean().default(false) }),
      (input) => {
        const { pool, user } = found(input);
        checkPassword(pool.settings.Policies.PasswordPolicy, input.Password);
        const status = input.Permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD';
        directory.save(withPassword(user, input.Password, status, clock.now()));
        return {};
      },
    ),

    AdminResetUserPassword: operation(z.object(userInput), (input) => {
      const { pool, user } = found(input);
      const contact = recoveryContact(pool, user);
      codes.issue(directory.save({ ...user, status: 'RESET_REQUIRED' }), 'reset', contact);
      return {};
    }),

    AdminGetUser: operation(z.object(userInput), (input) => {
      const { Attributes, ...rest } = userType(found(input).user);
      return { ...rest, UserAttributes: Attributes };
    }),

    AdminUpdateUserAttributes: operation(
      z.object({ ...userInput, UserAttributes: members.attributes }),
      (input) => {
        const { pool, user } = found(input);
        const changes = checkAttributes(input.UserAttributes, pool, user.attributes);
        for (const name of pool.requiredAttributes) {
          if (changes[name] === '') throw invalidParameter(`user.${name}: Attribute cannot be blank.`);
        }
        const attributes = withAttributes(user.attributes, changes);
        claimAlias(directory, pool, user.username, attributes, { force: false, error: aliasExists() });
        directory.save({ ...user, attributes });
        return {};
      },
    ),

    AdminDeleteUser: operation(z.object(userInput), (input) => {
      const { user } = found(input);
      directory.remove(user);
      for (const [key, record] of [...state.refresh.entries()]) {
        if (record.poolId === user.poolId && record.username === user.username) state.refresh.delete(key);
      }
      return undefined;
    }),

    AdminDisableUser: operation(z.object(userInput), (input) => {
      directory.save({ ...found(input).user, enabled: false });
      return {};
    }),

    AdminEnableUser: operation(z.object(userInput), (input) => {
      directory.save({ ...found(input).user, enabled: true });
      return {};
    }),
  };
}

/** `UserType`: how ListUsers and AdminCreateUser show a user. Times are seconds. */
export function userType(user: UserRecord) {
  return {
    Username: user.username,
    Attributes: readableAttributes(user),
    UserCreateDate: user.createdAt / 1000,
    UserLastModifiedDate: user.modifiedAt / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

/** A verified email address can be the alias of only one user. */
function claimAlias(
  directory: Directory,
  pool: PoolRecord,
  username: string,
  attributes: Record<string, string>,
  claim: { force: boolean; error: AwsError },
): void {
  const { email, email_verified: verified } = attributes;
  if (email === undefined || verified !== 'true') return;
  const holder = directory.aliasHolder(pool, email, username);
  if (holder === undefined) return;
  if (!claim.force) throw claim.error;
  takeAlias(directory, holder);
}

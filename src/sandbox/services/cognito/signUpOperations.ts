import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { AwsError } from '../../kernel/http.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { checkAttributes, isWritableByClients, missingAttributes, withAttributes } from './attributes.ts';
import type { CodeDelivery, Codes } from './codes.ts';
import { delivery, expiredCode } from './codes.ts';
import type { Directory } from './directory.ts';
import { checkUsername } from './directory.ts';
import { invalidParameter, notAuthorized } from './errors.ts';
import { members } from './input.ts';
import { checkPassword } from './passwordPolicy.ts';
import { checkSelfService, recoveryContact } from './recovery.ts';
import { checkSecretHash } from './secretHash.ts';
import { hidesUsers } from './signIn.ts';
import type { ClientRecord, PoolRecord, UserRecord } from './state.ts';
import { newUser, withPassword } from './users.ts';

const userInput = {
  ClientId: members.clientId,
  SecretHash: members.secretHash.optional(),
  Username: members.username,
};

/** Operations for people without an account or without its password. All are unsigned. */
export function signUpOperations(parts: {
  directory: Directory;
  codes: Codes;
  clock: Clock;
  log: Log;
}): Operations {
  const { directory, codes, clock, log } = parts;

  /** Finds the user of an unsigned call. Undefined only if the client hides which users exist. */
  const lookUp = (input: {
    ClientId: string;
    Username: string;
    SecretHash?: string | undefined;
  }): { pool: PoolRecord; client: ClientRecord; user: UserRecord | undefined } => {
    const { client, pool } = directory.clientOf(input.ClientId);
    checkSecretHash(client, input.Username, input.SecretHash);
    const user = directory.find(pool, input.Username);
    if (user === undefined && !hidesUsers(client)) {
      throw new AwsError('UserNotFoundException', 'Username/client id combination not found.');
    }
    return { pool, client, user };
  };

  return {
    SignUp: operation(
      z.object({
        ...userInput,
        Password: members.password,
        UserAttributes: members.attributes.default([]),
      }),
      (input) => {
        const { client, pool } = directory.clientOf(input.ClientId);
        checkSecretHash(client, input.Username, input.SecretHash);
        if (pool.settings.AdminCreateUserConfig.AllowAdminCreateUserOnly) {
          throw notAuthorized('SignUp is not permitted for this user pool');
        }
        checkUsername(pool, input.Username);
        const attributes = checkAttributes(input.UserAttributes, pool);
        const writable = client.settings.WriteAttributes;
        for (const name of Object.keys(attributes)) {
          if (!isWritableByClients(name) || writable?.includes(name) === false) {
            throw notAuthorized('A client attempted to write unauthorized attribute');
          }
        }
        const missing = missingAttributes(pool, attributes);
        if (missing.length > 0) {
          const list = missing.map((name) => `${name}: The attribute is required\n`).join('');
          throw invalidParameter(`Attributes did not conform to the schema: ${list}`);
        }
        checkPassword(pool.settings.Policies.PasswordPolicy, input.Password);
        if (directory.find(pool, input.Username)?.username === input.Username) {
          throw new AwsError('UsernameExistsException', 'User already exists');
        }
        const user = directory.save(
          newUser(
            pool,
            {
              username: input.Username,
              attributes: withAttributes({}, attributes),
              password: input.Password,
              status: 'UNCONFIRMED',
            },
            clock.now(),
          ),
        );
        const mailed = pool.settings.AutoVerifiedAttributes?.includes('email') === true;
        return {
          UserConfirmed: false,
          ...(mailed ? { CodeDeliveryDetails: codes.issue(user, 'confirm') } : {}),
          UserSub: user.sub,
        };
      },
      { unsigned: true },
    ),

    ConfirmSignUp: operation(
      z.object({
        ...userInput,
        ConfirmationCode: members.code,
        ForceAliasCreation: z.boolean().default(false),
      }),
      (input) => {
        const { pool, user } = lookUp(input);
        if (user === undefined) throw expiredCode();
        if (user.status !== 'UNCONFIRMED') throw notConfirmable(user);
        const { email } = user.attributes;
        const holder = email === undefined ? undefined : directory.aliasHolder(pool, email, user.username);
        if (holder !== undefined && !input.ForceAliasCreation) throw aliasExists();
        codes.redeem(user, 'confirm', input.ConfirmationCode);
        if (holder !== undefined) takeAlias(directory, holder);
        directory.save({
          ...user,
          attributes: { ...user.attributes, email_verified: 'true' },
          status: 'CONFIRMED',
        });
        return {};
      },
      { unsigned: true },
    ),

    ResendConfirmationCode: operation(
      z.object(userInput),
      (input) => {
        const { pool, user } = lookUp(input);
        if (pool.settings.AutoVerifiedAttributes?.includes('email') !== true) {
          throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
        }
        if (user === undefined) return { CodeDeliveryDetails: fakeDelivery(input.Username) };
        if (user.status !== 'UNCONFIRMED') throw invalidParameter('User is already confirmed.');
        return { CodeDeliveryDetails: codes.issue(user, 'confirm') };
      },
      { unsigned: true },
    ),

    ForgotPassword: operation(
      z.object(userInput),
      (input) => {
        const { pool, user } = lookUp(input);
        checkSelfService(pool);
        if (user === undefined) return { CodeDeliveryDetails: fakeDelivery(input.Username) };
        return { CodeDeliveryDetails: codes.issue(user, 'reset', recoveryContact(pool, user)) };
      },
      { unsigned: true },
    ),

    ConfirmForgotPassword: operation(
      z.object({ ...userInput, ConfirmationCode: members.code, Password: members.password }),
      (input) => {
        const { pool, user } = lookUp(input);
        if (user === undefined) throw expiredCode();
        checkPassword(pool.settings.Policies.PasswordPolicy, input.Password);
        codes.redeem(user, 'reset', input.ConfirmationCode);
        directory.save(withPassword(user, input.Password, 'CONFIRMED', clock.now()));
        log('debug', `cognito-idp: ${user.username} has a new password`);
        return {};
      },
      { unsigned: true },
    ),
  };
}

export function notConfirmable(user: UserRecord): AwsError {
  return notAuthorized(`User cannot be confirmed. Current status is ${user.status}`);
}

export function aliasExists(): AwsError {
  return new AwsError('AliasExistsException', 'An account with the email already exists.');
}

/** Takes the alias away from a user, so that another can have it: the address is no longer verified. */
export function takeAlias(directory: Directory, holder: UserRecord): void {
  directory.save({ ...holder, attributes: { ...holder.attributes, email_verified: 'false' } });
}

function fakeDelivery(username: string): CodeDelivery {
  return delivery(`${username}@${username}`);
}

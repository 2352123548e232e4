import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/http.ts';
import { missingAttributes } from './attributes.ts';
import type { Challenges } from './challenges.ts';
import { allowsFlow } from './clientSettings.ts';
import type { Directory } from './directory.ts';
import { invalidParameter, notAuthorized, userNotFound, wrongCredentials } from './errors.ts';
import type { Lockout } from './lockout.ts';
import { checkSecretHash } from './secretHash.ts';
import type { PasswordRecord } from './srp.ts';
import { expectedSignature, passwordMatches, startExchange } from './srp.ts';
import type { ClientRecord, PoolRecord, UserRecord } from './state.ts';
import type { AuthenticationResult, TokenService } from './tokens.ts';

/** The answer of InitiateAuth and RespondToAuthChallenge: tokens, or the next challenge. */
export type SignInAnswer =
  | { AuthenticationResult: AuthenticationResult; ChallengeParameters: Record<string, never> }
  | { ChallengeName: string; ChallengeParameters: Record<string, string>; Session?: string };

export interface SignIn {
  /** Signs in with a plaintext password: USER_PASSWORD_AUTH and the ADMIN flows. */
  withPassword(
    pool: PoolRecord,
    client: ClientRecord,
    parameters: Record<string, string>,
  ): Promise<SignInAnswer>;
  /** The first half of SRP: returns a PASSWORD_VERIFIER challenge. */
  startSrp(pool: PoolRecord, client: ClientRecord, parameters: Record<string, string>): SignInAnswer;
  /** The second half of SRP: verifies the client's proof. */
  finishSrp(pool: PoolRecord, client: ClientRecord, responses: Record<string, string>): Promise<SignInAnswer>;
  /** Issues tokens for a user who has been authenticated. */
  complete(pool: PoolRecord, client: ClientRecord, user: UserRecord): Promise<SignInAnswer>;
}

export function createSignIn(parts: {
  directory: Directory;
  challenges: Challenges;
  tokens: TokenService;
  lockout: Lockout;
  clock: Clock;
}): SignIn {
  const { directory, challenges, tokens, lockout, clock } = parts;

  const complete = async (
    pool: PoolRecord,
    client: ClientRecord,
    user: UserRecord,
  ): Promise<SignInAnswer> => ({
    AuthenticationResult: await tokens.issue(pool, client, user),
    ChallengeParameters: {},
  });

  /** Throws for a user who never confirmed the sign-up, whatever the password is: AWS does not look at it. */
  const checkConfirmed = (user: UserRecord): void => {
    if (user.status === 'UNCONFIRMED') {
      throw new AwsError('UserNotConfirmedException', 'User is not confirmed.');
    }
  };

  /** Throws for users who may not sign in, even with the right password. */
  const checkMaySignIn = (user: UserRecord): void => {
    if (!user.enabled) throw notAuthorized('User is disabled.');
    if (user.status === 'RESET_REQUIRED') {
      throw new AwsError('PasswordResetRequiredException', 'Password reset required for the user');
    }
    lockout.check(user);
  };

  const afterPassword = async (
    pool: PoolRecord,
    client: ClientRecord,
    user: UserRecord,
  ): Promise<SignInAnswer> => {
    lockout.succeeded(user);
    if (user.status !== 'FORCE_CHANGE_PASSWORD') return complete(pool, client, user);
    const days = pool.settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays;
    if (clock.now() >= user.passwordSetAt + days * 86_400_000) {
      throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
    }
    return {
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      Session: challenges.open(client, { kind: 'NEW_PASSWORD_REQUIRED', username: user.username }),
      ChallengeParameters: {
        USER_ID_FOR_SRP: user.username,
        requiredAttributes: JSON.stringify(
          missingAttributes(pool, user.attributes).map((name) => `userAttributes.${name}`),
        ),
        userAttributes: JSON.stringify(user.attributes),
      },
    };
  };

  return {
    complete,

    async withPassword(pool, client, parameters) {
      const login = required(parameters, 'USERNAME');
      const password = required(parameters, 'PASSWORD');
      checkSecretHash(client, login, parameters.SECRET_HASH);
      const user = directory.find(pool, login);
      if (user === undefined) throw unknownUser(client);
      checkMaySignIn(user);
      checkConfirmed(user);
      if (!passwordMatches(user.password, pool.id, user.username, password)) {
        lockout.failed(user);
        throw wrongCredentials();
      }
      return afterPassword(pool, client, user);
    },

    startSrp(pool, client, parameters) {
      if (!allowsFlow(client.settings, 'USER_SRP')) {
        throw invalidParameter('USER_SRP_AUTH is not enabled for the client.');
      }
      const login = required(parameters, 'USERNAME');
      const clientPublic = required(parameters, 'SRP_A');
      checkSecretHash(client, login, parameters.SECRET_HASH);
      const user = directory.find(pool, login);
      if (user === undefined && !hidesUsers(client)) throw userNotFound();
      if (user !== undefined) checkMaySignIn(user);
      const record = user?.password ?? fakePassword(pool, login);
      const exchange = startExchange(record, clientPublic);
      if (exchange === undefined) throw invalidParameter('Invalid value for SRP_A.');
      const block = challenges.open(client, {
        kind: 'PASSWORD_VERIFIER',
        username: user?.username ?? '',
        exchange,
      });
      const userId = user?.username ?? fakeId(pool, login);
      return {
        ChallengeName: 'PASSWORD_VERIFIER',
        ChallengeParameters: {
          SALT: record.salt,
          SECRET_BLOCK: block,
          SRP_B: exchange.serverPublic,
          USERNAME: userId,
          USER_ID_FOR_SRP: userId,
        },
      };
    },

    async finishSrp(pool, client, responses) {
      const login = required(responses, 'USERNAME');
      const block = required(responses, 'PASSWORD_CLAIM_SECRET_BLOCK');
      const signature = required(responses, 'PASSWORD_CLAIM_SIGNATURE');
      const timestamp = required(responses, 'TIMESTAMP');
      checkSecretHash(client, login, responses.SECRET_HASH);
      checkTimestamp(timestamp);
      const challenge = challenges.get(client, 'PASSWORD_VERIFIER', block);
      // A challenge accepts only one proof, right or wrong, so that a proof cannot be replayed.
      challenges.use(block);
      const user = directory.find(pool, login);
      if (user?.username !== challenge.username || challenge.exchange === undefined) {
        throw wrongCredentials();
      }
      checkMaySignIn(user);
      checkConfirmed(user);
      const expected = expectedSignature(user.password, challenge.exchange, {
        poolId: pool.id,
        userId: user.username,
        secretBlock: Buffer.from(block, 'base64'),
        timestamp,
      });
      const actual = Buffer.from(signature, 'base64');
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
        lockout.failed(user);
        throw wrongCredentials();
      }
      return afterPassword(pool, client, user);
    },
  };
}

export function required(parameters: Record<string, string>, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') throw invalidParameter(`Missing required parameter ${name}`);
  return value;
}

/** `PreventUserExistenceErrors` of the client. */
export function hidesUsers(client: ClientRecord): boolean {
  return client.settings.PreventUserExistenceErrors === 'ENABLED';
}

function unknownUser(client: ClientRecord): AwsError {
  return hidesUsers(client) ? wrongCredentials() : userNotFound();
}

const timestampForm =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([1-9]|[12]\d|3[01]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d (UTC|GMT) \d{4}$/;

function checkTimestamp(timestamp: string): void {
  if (!timestampForm.test(timestamp)) {
    throw invalidParameter('TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.');
  }
}

/**
 * The salt and id of a made-up user, always the same for the same name, so that the first answer does not reveal
 * which users exist (developer guide, "Managing user existence error responses").
 */
function fakePassword(pool: PoolRecord, login: string): PasswordRecord {
  const salt = fakeBytes(pool, `salt ${login}`).toString('hex').slice(0, 32);
  return { salt, verifier: fakeBytes(pool, `verifier ${login}`).toString('hex') };
}

function fakeId(pool: PoolRecord, login: string): string {
  const hex = fakeBytes(pool, `id ${login}`).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

function fakeBytes(pool: PoolRecord, what: string): Buffer {
  return createHmac('sha256', `${pool.arn} ${pool.createdAt}`).update(what, 'utf8').digest();
}

import * as z from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { pattern } from '../../protocols/constraint.ts';
import { operation, type Operations } from '../../protocols/awsJson.ts';
import { checkAttributes, missingAttributes, withAttributes } from './attributes.ts';
import type { Challenges } from './challenges.ts';
import { allowsFlow } from './clientSettings.ts';
import type { Directory } from './directory.ts';
import { invalidParameter, notAuthorized } from './errors.ts';
import { members } from './input.ts';
import { checkPassword } from './passwordPolicy.ts';
import { checkSecretHash } from './secretHash.ts';
import type { SignIn, SignInAnswer } from './signIn.ts';
import { required } from './signIn.ts';
import type { ClientRecord, PoolRecord, State } from './state.ts';
import type { TokenService } from './tokens.ts';
import { refreshKey } from './tokens.ts';
import { withPassword } from './users.ts';

const flows = z.enum([
  'USER_SRP_AUTH',
  'REFRESH_TOKEN_AUTH',
  'REFRESH_TOKEN',
  'CUSTOM_AUTH',
  'ADMIN_NO_SRP_AUTH',
  'USER_PASSWORD_AUTH',
  'ADMIN_USER_PASSWORD_AUTH',
  'USER_AUTH',
]);
const challengeNames = z.enum([
  'SMS_MFA',
  'EMAIL_OTP',
  'SOFTWARE_TOKEN_MFA',
  'SELECT_MFA_TYPE',
  'MFA_SETUP',
  'PASSWORD_VERIFIER',
  'CUSTOM_CHALLENGE',
  'SELECT_CHALLENGE',
  'DEVICE_SRP_AUTH',
  'DEVICE_PASSWORD_VERIFIER',
  'ADMIN_NO_SRP_AUTH',
  'NEW_PASSWORD_REQUIRED',
  'SMS_OTP',
  'PASSWORD',
  'WEB_AUTHN',
  'PASSWORD_SRP',
]);
const initiate = z.object({
  AuthFlow: flows,
  AuthParameters: members.parameters.default({}),
  ClientId: members.clientId,
});
const respond = z.object({
  ClientId: members.clientId,
  ChallengeName: challengeNames,
  ChallengeResponses: members.parameters.default({}),
  Session: pattern('[\\s\\S]+', 20, 2048).optional(),
});
const inPool = { UserPoolId: members.poolId };

interface Started {
  pool: PoolRecord;
  client: ClientRecord;
}

/** Starting a sign-in and answering its challenges, each for clients and for administrators. */
export function authOperations(parts: {
  state: State;
  directory: Directory;
  signIn: SignIn;
  challenges: Challenges;
  tokens: TokenService;
  clock: Clock;
}): Operations {
  const { state, directory, signIn, challenges, tokens, clock } = parts;

  const refresh = async (
    { pool, client }: Started,
    parameters: Record<string, string>,
  ): Promise<SignInAnswer> => {
    if (!allowsFlow(client.settings, 'REFRESH_TOKEN')) {
      throw invalidParameter('REFRESH_TOKEN_AUTH flow not enabled for this client');
    }
    const record = state.refresh.get(refreshKey(required(parameters, 'REFRESH_TOKEN')));
    if (record?.clientId !== client.clientId) throw notAuthorized('Invalid Refresh Token');
    if (record.revoked) throw notAuthorized('Refresh Token has been revoked');
    if (record.expiresAt <= clock.now()) throw notAuthorized('Refresh Token has expired');
    const user = directory.find(pool, record.username);
    if (user === undefined) throw notAuthorized('Invalid Refresh Token');
    checkSecretHash(client, user.username, parameters.SECRET_HASH);
    if (!user.enabled) throw notAuthorized('User is disabled.');
    return {
      AuthenticationResult: await tokens.renew(pool, client, user, record),
      ChallengeParameters: {},
    };
  };

  const begin = (
    started: Started,
    flow: z.infer<typeof flows>,
    parameters: Record<string, string>,
    admin: boolean,
  ): Promise<SignInAnswer> | SignInAnswer => {
    const { pool, client } = started;
    const settings = client.settings;
    switch (flow) {
      case 'USER_SRP_AUTH':
        return signIn.startSrp(pool, client, parameters);
      case 'REFRESH_TOKEN_AUTH':
      case 'REFRESH_TOKEN':
        return refresh(started, parameters);
      case 'USER_PASSWORD_AUTH':
        if (admin) throw invalidParameter('Initiate Auth method not supported.');
        if (!allowsFlow(settings, 'USER_PASSWORD')) {
          throw invalidParameter('USER_PASSWORD_AUTH flow not enabled for this client');
        }
        return signIn.withPassword(pool, client, parameters);
      case 'ADMIN_NO_SRP_AUTH':
      case 'ADMIN_USER_PASSWORD_AUTH':
        if (!admin) throw invalidParameter('Initiate Auth method not supported.');
        if (!allowsFlow(settings, 'ADMIN_USER_PASSWORD')) {
          throw invalidParameter('Auth flow not enabled for this client');
        }
        return signIn.withPassword(pool, client, parameters);
      case 'CUSTOM_AUTH':
        throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
      case 'USER_AUTH':
        throw invalidParameter('USER_AUTH flow not enabled for this client');
    }
  };

  const newPassword = async (
    { pool, client }: Started,
    session: string,
    responses: Record<string, string>,
  ): Promise<SignInAnswer> => {
    const login = required(responses, 'USERNAME');
    const password = required(responses, 'NEW_PASSWORD');
    checkSecretHash(client, login, responses.SECRET_HASH);
    const challenge = challenges.get(client, 'NEW_PASSWORD_REQUIRED', session);
    const user = directory.find(pool, login);
    if (user?.username !== challenge.username) {
      throw notAuthorized('Invalid session for the user.');
    }
    if (!user.enabled) throw notAuthorized('User is disabled.');
    checkPassword(pool.settings.Policies.PasswordPolicy, password);
    const added = addedAttributes(responses, pool);
    for (const name of Object.keys(added)) {
      if (user.attributes[name] !== undefined) {
        throw notAuthorized(`Cannot modify an already provided ${name}`);
      }
    }
    const attributes = withAttributes(user.attributes, added);
    const missing = missingAttributes(pool, attributes);
    if (missing.length > 0) {
      throw invalidParameter(`Invalid attributes given, ${missing.join(', ')} is missing`);
    }
    challenges.use(session);
    const saved = directory.save(withPassword({ ...user, attributes }, password, 'CONFIRMED', clock.now()));
    return signIn.complete(pool, client, saved);
  };

  const answer = (started: Started, input: z.infer<typeof respond>): Promise<SignInAnswer> => {
    const responses = input.ChallengeResponses;
    switch (input.ChallengeName) {
      case 'PASSWORD_VERIFIER':
        return signIn.finishSrp(started.pool, started.client, responses);
      case 'NEW_PASSWORD_REQUIRED':
        // A missing session is treated like an unknown one.
        return newPassword(started, input.Session ?? '', responses);
      default:
        // The sandbox issues no other challenges, so no session can belong to one.
        throw notAuthorized('Invalid session for the user.');
    }
  };

  return {
    InitiateAuth: operation(
      initiate,
      (input) => begin(directory.clientOf(input.ClientId), input.AuthFlow, input.AuthParameters, false),
      { unsigned: true },
    ),
    AdminInitiateAuth: operation(initiate.extend(inPool), (input) =>
      begin(
        directory.clientOfPool(input.UserPoolId, input.ClientId),
        input.AuthFlow,
        input.AuthParameters,
        true,
      ),
    ),
    RespondToAuthChallenge: operation(respond, (input) => answer(directory.clientOf(input.ClientId), input), {
      unsigned: true,
    }),
    AdminRespondToAuthChallenge: operation(respond.extend(inPool), (input) =>
      answer(directory.clientOfPool(input.UserPoolId, input.ClientId), input),
    ),
  };
}

/** `userAttributes.<name>` of the responses to NEW_PASSWORD_REQUIRED. */
function addedAttributes(responses: Record<string, string>, pool: PoolRecord): Record<string, string> {
  const prefix = 'userAttributes.';
  return checkAttributes(
    Object.entries(responses)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, Value]) => ({ Name: name.slice(prefix.length), Value })),
    pool,
    {},
  );
}

import type {
  InitiateAuthResponse,
  RespondToAuthChallengeResponse,
} from '@aws-sdk/client-cognito-identity-provider';
import { createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth } from 'cognito-srp-helper';
import { defined } from '../../core/defined.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import { keepSecret } from '../../core/secrets.ts';
import { callCognito } from './cognito.ts';
import type { UserPool } from './cognito.ts';
import { tokensOf } from './session.ts';
import type { Tokens } from './session.ts';
import { signInError, wrongPassword } from './signInErrors.ts';

/** A challenge Cognito poses instead of giving tokens. */
export interface Challenge {
  name: string;
  session: string | undefined;
  parameters: Readonly<Record<string, string>>;
}

export type SignInAnswer = { tokens: Tokens; challenge?: never } | { challenge: Challenge; tokens?: never };

type AuthAnswer = InitiateAuthResponse | RespondToAuthChallengeResponse;

/**
 * Proves the password by SRP, so that it never leaves this process and the app client stays as CMS made it
 * (Amazon Cognito Developer Guide, "Authentication flows": USER_SRP_AUTH, then PASSWORD_VERIFIER).
 * @throws CmsError SIGN_IN_FAILED (wrong password, disabled…), SIGN_IN_CHALLENGE (reset required)
 */
export async function signInWithPassword(
  pool: UserPool,
  username: string,
  password: string,
  signal: AbortSignal,
): Promise<SignInAnswer> {
  keepSecret(password);
  const doing = l10n.t('signing in to the user pool');
  const { clock } = pool.connection;
  // Not hashed in advance: the hash needs the user's own name, and for an alias only Cognito knows it.
  const srp = createSrpSession(username, password, pool.userPoolId, false);
  try {
    const first = await callCognito(pool, doing, signal, (client, sdk, options) =>
      client.send(
        new sdk.InitiateAuthCommand(
          wrapInitiateAuth(srp, {
            ClientId: pool.clientId,
            AuthFlow: 'USER_SRP_AUTH' as const,
            AuthParameters: { USERNAME: username },
          }),
        ),
        options,
      ),
    );
    if (first.ChallengeName !== 'PASSWORD_VERIFIER') return answerOf(first, 'InitiateAuth', clock.now());
    const signed = signSrpSession(srp, challengeOf(first));
    const second = await callCognito(pool, doing, signal, (client, sdk, options) =>
      client.send(
        new sdk.RespondToAuthChallengeCommand(
          wrapAuthChallenge(signed, {
            ClientId: pool.clientId,
            ChallengeName: 'PASSWORD_VERIFIER' as const,
            ...defined({ Session: first.Session }),
            ChallengeResponses: { USERNAME: first.ChallengeParameters?.USER_ID_FOR_SRP ?? username },
          }),
        ),
        options,
      ),
    );
    return answerOf(second, 'RespondToAuthChallenge', clock.now());
  } catch (error) {
    throw signInError(error, wrongPassword);
  }
}

/** Answers NEW_PASSWORD_REQUIRED; `attributes` are those the pool demands and the user lacks. */
export async function answerNewPassword(
  pool: UserPool,
  challenge: Challenge,
  answer: { username: string; password: string; attributes: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<SignInAnswer> {
  keepSecret(answer.password);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.attributes)) attributes[`userAttributes.${name}`] = value;
  try {
    const reply = await callCognito(
      pool,
      l10n.t('setting the new password'),
      signal,
      (client, sdk, options) =>
        client.send(
          new sdk.RespondToAuthChallengeCommand({
            ClientId: pool.clientId,
            ChallengeName: 'NEW_PASSWORD_REQUIRED',
            Session: challenge.session,
            ChallengeResponses: {
              USERNAME: challenge.parameters.USER_ID_FOR_SRP ?? answer.username,
              NEW_PASSWORD: answer.password,
              ...attributes,
            },
          }),
          options,
        ),
    );
    return answerOf(reply, 'RespondToAuthChallenge', pool.connection.clock.now());
  } catch (error) {
    throw signInError(error, wrongPassword);
  }
}

/** The part of an answer the helper reads, without the absent fields its types do not allow. */
function challengeOf({ ChallengeName, ChallengeParameters }: InitiateAuthResponse) {
  return defined({ ChallengeName, ChallengeParameters });
}

function answerOf(answer: AuthAnswer, call: string, now: number): SignInAnswer {
  const tokens = tokensOf(answer.AuthenticationResult, now);
  if (tokens !== undefined) return { tokens };
  keepSecret(answer.Session);
  return {
    challenge: {
      name: expectField(answer, 'ChallengeName', call),
      session: answer.Session,
      parameters: answer.ChallengeParameters ?? {},
    },
  };
}

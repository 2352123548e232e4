import * as z from 'zod';
import { CmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { UserPool } from './cognito.ts';
import type { Tokens } from './session.ts';
import { answerNewPassword, type Challenge, signInWithPassword } from './srp.ts';

/** Who signs in with a password. */
export interface PoolUser {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  /** Asked for the new permanent password after a NEW_PASSWORD_REQUIRED challenge. Without it: SIGN_IN_CHALLENGE. */
  readonly newPassword?: (() => Promise<string>) | undefined;
}

/**
 * Signs a user in who exists, and gives one who has to choose a new password that.
 * @throws CmsError SIGN_IN_FAILED, SIGN_IN_CHALLENGE, PASSWORD_TOO_WEAK
 */
export async function enterPool(
  pool: UserPool,
  who: PoolUser,
  signal: AbortSignal,
): Promise<{ tokens: Tokens; isNew: boolean }> {
  const answer = await signInWithPassword(pool, who.username, who.password, signal);
  if (answer.tokens) return { tokens: answer.tokens, isNew: false };
  const { challenge } = answer;
  if (challenge.name !== 'NEW_PASSWORD_REQUIRED' || who.newPassword === undefined)
    throw challenged(challenge);

  const second = await answerNewPassword(
    pool,
    challenge,
    {
      username: who.username,
      password: await who.newPassword(),
      attributes: demanded(challenge, { email: who.email ?? addressOf(who.username) }),
    },
    signal,
  );
  if (second.tokens) return { tokens: second.tokens, isNew: true };
  throw challenged(second.challenge);
}

const attributeNames = z.array(z.string());

/** The attributes the pool requires and the user lacks, as far as their values are known. */
function demanded(challenge: Challenge, values: Record<string, string>): Record<string, string> {
  const names = parseJson(attributeNames, challenge.parameters.requiredAttributes ?? '[]');
  if (!names.ok) return {};
  return Object.fromEntries(
    names.value
      .map((name) => name.replace(/^userAttributes\./, ''))
      .flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}

const CHALLENGES: Readonly<Record<string, Message>> = {
  NEW_PASSWORD_REQUIRED: l10n.t('Cognito asks the user for a new password.'),
  SMS_MFA: l10n.t('Cognito asks for a one-time code sent by text message.'),
  EMAIL_OTP: l10n.t('Cognito asks for a one-time code sent by e-mail.'),
  SOFTWARE_TOKEN_MFA: l10n.t('Cognito asks for a one-time code of an authenticator app.'),
  MFA_SETUP: l10n.t('Cognito asks the user to set up MFA.'),
  SELECT_MFA_TYPE: l10n.t('Cognito asks the user to choose how to prove who they are.'),
  CUSTOM_CHALLENGE: l10n.t('The user pool has a custom sign-in step.'),
};

function challenged({ name }: Challenge): CmsError {
  return new CmsError('SIGN_IN_CHALLENGE', CHALLENGES[name] ?? l10n.t('Cognito asks for {name}.', { name }), {
    remedy:
      name === 'NEW_PASSWORD_REQUIRED'
        ? l10n.t('Provide a new password, or sign in to the CMS web page once and choose one there.')
        : l10n.t('Use a user without this requirement; it cannot be met here.'),
    details: { challenge: name },
  });
}

/** An address in a domain nobody owns (RFC 2606): CMS demands one, and nothing is ever sent to it. */
export function addressOf(username: string): string {
  const local = username.replace(/[^A-Za-z0-9_-]+/g, '.').replace(/^\.+|\.+$/g, '');
  return `${local === '' ? 'cms-user' : local}@example.com`;
}

import { randomBytes, randomInt } from 'node:crypto';
import { isGiven } from '../../cms/contract/needs.ts';
import type { Given } from '../../cms/contract/credentials.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { Sessions } from '../stacks/sessions.ts';
import { settingsOf, type OnboardAnswers, type OnboardTarget } from './onboardWizard.ts';

interface Sources {
  backend: LoadBackend<'formFields'>;
  sessions: Pick<Sessions, 'has' | 'saved'>;
}

/**
 * The defaults of the wizard for a new vehicle, not what somebody typed for another one. Who is signed in owns it, else a new user with a random password,
 * which is kept in SecretStorage like one that was typed. Throws CmsError where a token is needed and nobody gave one.
 */
export async function sampleAnswers(
  { backend, sessions }: Sources,
  { ref, fields: of, need }: OnboardTarget,
): Promise<OnboardAnswers> {
  const fields: Record<string, string> = settingsOf(of.fields);
  for (const { name, question } of backend().formFields(of)) {
    const proposed = question?.makeUp?.value(Math.random) ?? question?.suggestion;
    if (proposed !== undefined) fields[name] = proposed;
  }
  if (!isGiven(need)) return { fields, signIn: undefined };
  const saved = need.kind === 'password' ? await sessions.saved(ref, need) : undefined;
  if (need.kind === 'issuer' && !(await sessions.has(ref, need)))
    throw new CmsError(
      'SIGN_IN_FAILED',
      l10n.t('{stack} requires a token, so nothing can be tried without signing in.', { stack: ref.stack }),
      { remedy: l10n.t('Sign in to it, then try again.') },
    );
  const signIn: Given | undefined =
    saved ?? (need.kind === 'password' ? { username: newName(), password: newPassword() } : undefined);
  if (signIn !== undefined && 'username' in signIn && of.signIn !== undefined)
    fields[of.signIn.field] = signIn.username;
  return { fields, signIn };
}

/** Nobody else's: a user that is there already has a password that is not known here. */
function newName(): string {
  return `sampleUser${randomInt(1000, 10_000)}`;
}

/** With everything that a user pool can demand. */
function newPassword(): string {
  return `${randomBytes(12).toString('base64url')}aA1!`;
}

import type { ErrorCode } from '../../core/errorCodes.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { CredentialNeed, GivenNeed } from './credentials.ts';

/** Whether somebody has to give something. */
export function isGiven(need: CredentialNeed): need is GivenNeed {
  switch (need.kind) {
    case 'iam':
      return false;
    case 'password':
    case 'issuer':
      return true;
  }
}

/** Tells what is given for one need from what is given for another of the same connection. */
export function keyOfNeed(need: GivenNeed): string {
  switch (need.kind) {
    case 'password':
      return `password ${need.realm}`;
    case 'issuer':
      return `issuer ${need.issuer}`;
  }
}

/** The error of `Credentials` where nothing was given and nobody can be asked. */
export function nobodySignedIn(need: GivenNeed): CmsError {
  return new CmsError('CMS_UNAUTHORIZED', l10n.t('You are not signed in to the CMS.'), {
    remedy: l10n.t('Sign in first.'),
    details: { need: keyOfNeed(need) },
  });
}

/** Of errors about who signs in. */
export const SIGN_IN_CODES = [
  'USER_HAS_OTHER_PASSWORD',
  'SIGN_IN_FAILED',
  'SIGN_IN_CHALLENGE',
  'CMS_UNAUTHORIZED',
] as const satisfies readonly ErrorCode[];

export function isAboutSignIn(error: unknown): error is CmsError {
  return isCmsError(error) && SIGN_IN_CODES.some((code) => code === error.code);
}

/** The same error, which says in its `details` what somebody has to sign in for, unless it does already. */
export function aboutNeed(error: CmsError, need: GivenNeed): CmsError {
  const { code, sentence, remedy, step, details, cause } = error;
  if (details.need !== undefined) return error;
  const told = { ...details, need: keyOfNeed(need) };
  return new CmsError(code, sentence, { remedy, step, details: told, cause });
}

/** Whether what was given for a need will not do the next time either. */
export function isRefused(need: GivenNeed, error: unknown): boolean {
  if (!isAboutSignIn(error)) return false;
  const { code, details } = error;
  if (details.need !== undefined && details.need !== keyOfNeed(need)) return false;
  if (code === 'SIGN_IN_FAILED' || code === 'USER_HAS_OTHER_PASSWORD') return true;
  // A password outlives the session that it began; a token is the session.
  return need.kind === 'issuer' && code === 'CMS_UNAUTHORIZED';
}

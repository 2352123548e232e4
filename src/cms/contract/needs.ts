import { CmsError } from '../../core/errors.ts';
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
  return new CmsError('CMS_UNAUTHORIZED', l10n.t('Nobody is signed in to the CMS.'), {
    remedy: l10n.t('Sign in first.'),
    details: { need: keyOfNeed(need) },
  });
}

import { awsMessage } from '../errors.ts';
import { defined } from '../../core/defined.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';

/** What Cognito's NotAuthorizedException means, by its text; it is one name for many cases. */
const REASONS: readonly [RegExp, { sentence: Message; remedy: Message }][] = [
  [
    /disabled/i,
    {
      sentence: l10n.t('The user is disabled.'),
      remedy: l10n.t('Enable the user in the user pool, or use another one.'),
    },
  ],
  [
    /attempts exceeded/i,
    {
      sentence: l10n.t('Cognito has locked the sign-in after too many attempts.'),
      remedy: l10n.t('Wait a few minutes.'),
    },
  ],
  [
    /temporary password has expired/i,
    {
      sentence: l10n.t('The temporary password has expired.'),
      remedy: l10n.t('Have an administrator set a new password for the user.'),
    },
  ],
  [
    /risk|unable to login because of security/i,
    {
      sentence: l10n.t('The advanced security of the user pool blocks this sign-in.'),
      remedy: l10n.t('Use another password, or look into the pool’s risk settings.'),
    },
  ],
];

/**
 * What went wrong with a sign-in. `whenWrong` makes the error for a plain "not authorised" (a wrong password,
 * a spent refresh token); errors that are not about the sign-in pass unchanged.
 */
export function signInError(error: unknown, whenWrong: (cause: unknown) => CmsError): unknown {
  if (!isCmsError(error)) return error;
  const said = awsMessage(error);
  switch (error.details.awsCode) {
    case 'NotAuthorizedException': {
      const reason = REASONS.find(([text]) => text.test(said))?.[1];
      return reason === undefined ? whenWrong(error) : failed(reason.sentence, reason.remedy, error);
    }
    case 'UserNotFoundException':
      return failed(l10n.t('There is no such user in the user pool.'), l10n.t('Check the user name.'), error);
    case 'UserNotConfirmedException':
      return neverConfirmed(error);
    case 'PasswordResetRequiredException':
      return new CmsError('SIGN_IN_CHALLENGE', l10n.t('The user must choose a new password first.'), {
        remedy: l10n.t('Reset the password on the sign-in page of the CMS, then sign in with it.'),
        details: { challenge: 'PASSWORD_RESET_REQUIRED' },
        cause: error,
      });
    case 'InvalidPasswordException':
      return new CmsError('PASSWORD_TOO_WEAK', error.sentence, {
        remedy: l10n.t('Choose a stronger password.'),
        cause: error,
      });
    case 'InvalidParameterException':
      // Of any parameter; only the text names it.
      return /flow|USER_SRP_AUTH/i.test(said)
        ? failed(
            l10n.t('The app client of the CMS does not allow sign-in with SRP.'),
            l10n.t(
              'Allow ALLOW_USER_SRP_AUTH and ALLOW_REFRESH_TOKEN_AUTH for it again; the CMS web page needs them too.',
            ),
            error,
          )
        : error;
    default:
      return error;
  }
}

/** The error of a password Cognito does not accept. */
export function wrongPassword(cause?: unknown): CmsError {
  return failed(
    l10n.t('The user name or the password is wrong.'),
    l10n.t('Check both, and try again.'),
    cause,
    { wrongPassword: true },
  );
}

/** A user whom nobody confirmed after the sign-up, such as one of a self sign-up that was interrupted. */
export function neverConfirmed(cause: unknown): CmsError {
  return failed(
    l10n.t('The user signed up but was never confirmed.'),
    l10n.t(
      'Onboard in the sign-in mode "self-sign-up", which creates such a user again, or confirm or delete the user in the user pool.',
    ),
    cause,
  );
}

export function isWrongPassword(error: unknown): error is CmsError {
  return isCmsError(error) && error.details.wrongPassword === true;
}

function failed(
  sentence: Message,
  remedy: Message,
  cause: unknown,
  more: Record<string, boolean> = {},
): CmsError {
  const awsCode = isCmsError(cause) ? cause.details.awsCode : undefined;
  return new CmsError('SIGN_IN_FAILED', sentence, {
    remedy,
    details: { ...defined({ awsCode }), ...more },
    cause,
  });
}

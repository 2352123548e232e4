import { CmsError } from '../../core/errors.ts';

/** What Cognito's NotAuthorizedException means, by its text; it is one name for many cases. */
const REASONS: readonly [RegExp, { message: string; remedy: string }][] = [
  [
    /disabled/i,
    { message: 'The user is disabled.', remedy: 'Enable the user in the user pool, or use another one.' },
  ],
  [
    /attempts exceeded/i,
    { message: 'Cognito has locked the sign-in after too many attempts.', remedy: 'Wait some minutes.' },
  ],
  [
    /temporary password has expired/i,
    {
      message: 'The temporary password has expired.',
      remedy: 'Have an administrator set a new password for the user.',
    },
  ],
  [
    /risk|unable to login because of security/i,
    {
      message: 'The advanced security of the user pool blocks this sign-in.',
      remedy: 'Use another password, or look into the pool’s risk settings.',
    },
  ],
];

/**
 * What went wrong with a sign-in. `whenWrong` makes the error for a plain "not authorised" (a wrong password,
 * a spent refresh token); errors that are not about the sign-in pass unchanged.
 */
export function signInError(error: unknown, whenWrong: (cause: unknown) => CmsError): unknown {
  if (!(error instanceof CmsError)) return error;
  const { message } = error;
  switch (error.details.awsCode) {
    case 'NotAuthorizedException': {
      const reason = REASONS.find(([text]) => text.test(message))?.[1];
      return reason === undefined ? whenWrong(error) : failed(reason.message, reason.remedy, error);
    }
    case 'UserNotFoundException':
      return failed('There is no such user in the user pool.', 'Check the user name.', error);
    case 'UserNotConfirmedException':
      return failed(
        'The user signed up but was never confirmed.',
        'Confirm or delete the user in the user pool.',
        error,
      );
    case 'PasswordResetRequiredException':
      return new CmsError('SIGN_IN_CHALLENGE', 'The user must choose a new password first.', {
        remedy: 'Reset the password on the sign-in page of the CMS, then sign in with it.',
        details: { challenge: 'PASSWORD_RESET_REQUIRED' },
        cause: error,
      });
    case 'InvalidPasswordException':
      return new CmsError('PASSWORD_TOO_WEAK', message, {
        remedy: 'Choose a stronger password.',
        cause: error,
      });
    case 'InvalidParameterException':
      return /flow|USER_SRP_AUTH/i.test(message)
        ? failed(
            'The app client of the CMS does not allow sign-in with SRP.',
            'Allow ALLOW_USER_SRP_AUTH and ALLOW_REFRESH_TOKEN_AUTH for it again; the CMS web page needs them too.',
            error,
          )
        : error;
    default:
      return error;
  }
}

/** The error of a password Cognito does not accept. */
export function wrongPassword(cause?: unknown): CmsError {
  return failed('The user name or the password is wrong.', 'Check both, and try again.', cause, {
    wrongPassword: true,
  });
}

export function isWrongPassword(error: unknown): error is CmsError {
  return error instanceof CmsError && error.details.wrongPassword === true;
}

function failed(
  message: string,
  remedy: string,
  cause: unknown,
  more: Record<string, boolean> = {},
): CmsError {
  const awsCode = cause instanceof CmsError ? cause.details.awsCode : undefined;
  return new CmsError('SIGN_IN_FAILED', message, {
    remedy,
    details: { ...(awsCode === undefined ? {} : { awsCode }), ...more },
    cause,
  });
}

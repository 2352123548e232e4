import type { ErrorCode } from '../core/errorCodes.ts';
import { CmsError, cancelled, messageOf } from '../core/errors.ts';
import { networkError } from './network.ts';

interface SdkError {
  name: string;
  message: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
}

interface Meaning {
  code: ErrorCode;
  remedy: string;
}

const EXPIRED: Meaning = {
  code: 'CREDENTIALS_EXPIRED',
  remedy: 'Sign in to AWS again (aws sso login, or new temporary credentials), then repeat.',
};
const MISSING: Meaning = {
  code: 'CREDENTIALS_MISSING',
  remedy: 'Choose a profile with credentials, run "aws configure" or "aws sso login", or set AWS_PROFILE.',
};
const REFUSED: Meaning = {
  code: 'ACCESS_DENIED',
  remedy: 'AWS does not know these keys: check the profile, the keys in it, and this computer’s clock.',
};
const DENIED: Meaning = {
  code: 'ACCESS_DENIED',
  remedy: 'Ask for this permission, or use a profile that has it.',
};
const THROTTLED: Meaning = { code: 'AWS_THROTTLED', remedy: 'Wait a little and repeat; nothing is lost.' };

// Names as the services spell them, with and without "Exception".
const MEANINGS: readonly [RegExp, Meaning][] = [
  [/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/, EXPIRED],
  [/^(MissingAuthenticationToken|MissingAuthenticationTokenException)$/, MISSING],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|AuthFailure|RequestTimeTooSkewed)$/,
    REFUSED,
  ],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedException|OptInRequired)$/,
    DENIED,
  ],
  [
    /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|SlowDown|PriorRequestNotComplete)$/,
    THROTTLED,
  ],
];

/** What the SDK calls an answer it cannot read, such as a page of HTML. */
const NOT_AWS = /^(Unknown|UnknownError|SyntaxError)$/;

/**
 * What an error of an AWS call means, as a CmsError; a CmsError passes unchanged, an abort becomes CANCELLED.
 * `doing` is what was tried, as in "creating the claim policy"; the AWS error code, HTTP status and request id
 * stand in `details`. Request bodies never do, so no secret can.
 */
export function toCmsError(error: unknown, doing: string): CmsError {
  if (error instanceof CmsError) return error;
  if (isAbort(error)) return cancelled();
  const capital = doing.charAt(0).toUpperCase() + doing.slice(1);

  const credentials = credentialsMeaning(error);
  if (credentials) {
    return new CmsError(credentials.code, sentence(`${capital} failed: ${messageOf(error)}`), {
      remedy: credentials.remedy,
      cause: error,
    });
  }
  const network = networkError(error, `AWS while ${doing}`);
  if (network) return network;
  if (!isSdkError(error)) {
    return new CmsError('AWS_CALL_FAILED', sentence(`${capital} failed: ${messageOf(error)}`), {
      cause: error,
    });
  }

  const meaning = MEANINGS.find(([name]) => name.test(error.name))?.[1];
  const status = error.$metadata?.httpStatusCode;
  if (NOT_AWS.test(error.name)) {
    // The SDK's own words would quote the page.
    return new CmsError(
      'ENDPOINT_UNREACHABLE',
      `${capital} failed: what answered${status === undefined ? '' : ` (status ${status})`} does not speak as AWS does.`,
      { remedy: 'Check the endpoint: another web server, a proxy or a sign-in page may stand there.' },
    );
  }
  return new CmsError(
    meaning?.code ?? 'AWS_CALL_FAILED',
    sentence(`${capital} failed: ${error.message === '' ? error.name : error.message}`),
    {
      remedy: meaning?.remedy ?? otherRemedy(error.name, status),
      details: {
        awsCode: error.name,
        ...(status === undefined ? {} : { status }),
        ...(error.$metadata?.requestId === undefined ? {} : { requestId: error.$metadata.requestId }),
      },
      cause: error,
    },
  );
}

function otherRemedy(name: string, status: number | undefined): string {
  return status !== undefined && status >= 500
    ? 'Try again in a minute: what was done is found again.'
    : `Look up ${name} in the documentation of the AWS service.`;
}

/** Whether AWS answered with one of these error codes. Also looks at a CmsError's details. */
export function isAwsError(error: unknown, ...codes: string[]): boolean {
  if (error instanceof CmsError) return codes.includes(String(error.details.awsCode));
  return error instanceof Error && codes.includes(error.name);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'RequestAbortedError');
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && '$metadata' in error;
}

/** The credential providers throw errors of their own, before any call is made. */
function credentialsMeaning(error: unknown): Meaning | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(error.name)) return undefined;
  return /expired|sso login|SSO session/i.test(error.message) ? EXPIRED : MISSING;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

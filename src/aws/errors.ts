import type { ErrorCode } from '../core/errorCodes.ts';
import { limitOf } from '../core/bounded.ts';
import { defined } from '../core/defined.ts';
import { CmsError, cancelled, isCmsError, messageOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { throttled } from '../core/throttled.ts';
import { networkError } from './network.ts';

interface SdkError {
  name: string;
  message: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
}

interface Meaning {
  code: ErrorCode;
  remedy: Message;
}

const EXPIRED: Meaning = {
  code: 'CREDENTIALS_EXPIRED',
  remedy: l10n.t('Sign in to AWS again (aws sso login, or new temporary credentials), then repeat.'),
};
const MISSING: Meaning = {
  code: 'CREDENTIALS_MISSING',
  remedy: l10n.t(
    'Choose a profile with credentials, run "aws configure" or "aws sso login", or set AWS_PROFILE.',
  ),
};
const REFUSED: Meaning = {
  code: 'ACCESS_DENIED',
  remedy: l10n.t(
    'AWS does not recognize these keys: check the profile, the keys in it, and this computer’s clock.',
  ),
};
const DENIED: Meaning = {
  code: 'ACCESS_DENIED',
  remedy: l10n.t('Ask for this permission, or use a profile that has it.'),
};
/** For a service that has trouble of its own. */
export const WAIT = l10n.t('Wait a moment and try again; nothing is lost.');
const THROTTLED =
  /^(Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|RequestLimitExceeded|RequestThrottled|RequestThrottledException|SlowDown|PriorRequestNotComplete|ProvisionedThroughputExceeded|ProvisionedThroughputExceededException)$/;

// Names as the services spell them, with and without "Exception".
const MEANINGS: readonly [RegExp, Meaning][] = [
  [/^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired|RequestExpired)$/, EXPIRED],
  [/^(MissingAuthenticationToken|MissingAuthenticationTokenException)$/, MISSING],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|AuthFailure|RequestTimeTooSkewed|RequestInTheFuture)$/,
    REFUSED,
  ],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|UnauthorizedException|OptInRequired)$/,
    DENIED,
  ],
];

/** What the SDK calls an answer it cannot read, such as a page of HTML. */
const NOT_AWS = /^(Unknown|UnknownError|SyntaxError)$/;

/** What answers at the endpoint is another web server, a proxy or a sign-in page. */
export const CHECK_ENDPOINT = l10n.t(
  'Check the endpoint: another web server, a proxy, or a sign-in page may be answering there.',
);

/**
 * What an error of an AWS call means, as a CmsError; a CmsError passes unchanged, an abort becomes CANCELLED.
 * `doing` is what was tried, as in "creating the claim policy"; the AWS error code, HTTP status and request id
 * stand in `details`. Request bodies never do, so no secret can.
 * @param couldNot what failed, before a colon and why; without it "… failed: " is made of `doing`
 */
export function toCmsError(error: unknown, doing: Message, couldNot?: Message): CmsError {
  if (isCmsError(error)) return error;
  if (isAbort(error)) return cancelled();
  const failed = (reason: string): Message => {
    const why = l10n.verbatim(sentence(reason));
    return couldNot === undefined
      ? l10n.t('{doing} failed: {why}', { doing: l10n.capital(doing), why })
      : l10n.t('{what}: {why}', { what: couldNot, why });
  };

  const limit = limitOf(error);
  if (limit !== undefined) {
    return new CmsError(
      'AWS_ANSWER_UNEXPECTED',
      l10n.t('{doing} failed: the response cannot be read: {why}.', {
        doing: l10n.capital(doing),
        why: limit,
      }),
      { remedy: CHECK_ENDPOINT },
    );
  }
  const network = networkError(error, (why, where) =>
    where === undefined
      ? l10n.t('Cannot reach AWS while {doing}: {why}.', { doing, why })
      : l10n.t('Cannot reach {where} while {doing}: {why}.', { where, doing, why }),
  );
  if (network) return network;
  if (!isSdkError(error)) return new CmsError('AWS_CALL_FAILED', failed(messageOf(error)), { cause: error });

  const status = error.$metadata?.httpStatusCode;
  // The SDK's own words would quote the page.
  if (NOT_AWS.test(error.name)) return notAws(doing, status);

  const details = defined({ awsCode: error.name, status, requestId: error.$metadata?.requestId });
  if (THROTTLED.test(error.name)) {
    const who = l10n.verbatim('AWS');
    return throttled(doing, { who, why: l10n.verbatim(withoutStop(error)) }, { details, cause: error });
  }
  const meaning = MEANINGS.find(([name]) => name.test(error.name))?.[1];
  const clock =
    meaning === REFUSED || error.name === 'RequestExpired' ? clockProblem(error, doing) : undefined;
  if (clock) return clock;
  return new CmsError(
    meaning?.code ?? 'AWS_CALL_FAILED',
    failed(error.message === '' ? error.name : error.message),
    {
      remedy: meaning?.remedy ?? otherRemedy(error, status),
      details,
      cause: error,
    },
  );
}

function withoutStop({ name, message }: SdkError): string {
  return message === '' ? name : message.replace(/\.$/, '');
}

/** Signatures are good for five minutes, so a wrong clock looks like wrong keys. AWS says what time it is. */
const SKEW_MS = 4 * 60_000;

function clockProblem(error: SdkError, task: Message): CmsError | undefined {
  const skew = skewOf(error.$response?.headers?.date);
  if (skew === undefined) return undefined;
  return new CmsError(
    'ACCESS_DENIED',
    l10n.t('{doing} failed: {reason}.', { doing: l10n.capital(task), reason: skew }),
    {
      remedy: SET_CLOCK,
      details: defined({ awsCode: error.name, status: error.$metadata?.httpStatusCode }),
      cause: error,
    },
  );
}

export const SET_CLOCK = l10n.t('Set the date and time of this computer, then try again.');

/** How far the clock of this computer is off the date of an answer, as part of a sentence; undefined when it is not. */
export function skewOf(date: string | undefined): Message | undefined {
  const aheadMs = Date.now() - Date.parse(date ?? '');
  // Not a number, and so not more either, when the answer has no date.
  if (!(Math.abs(aheadMs) > SKEW_MS)) return undefined;
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return aheadMs > 0
    ? l10n.t('the clock of this computer is {minutes} minutes ahead of AWS', { minutes })
    : l10n.t('the clock of this computer is {minutes} minutes behind AWS', { minutes });
}

function notAws(task: Message, status: number | undefined): CmsError {
  const doing = l10n.capital(task);
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    status === undefined
      ? l10n.t('{doing} failed: what answered does not behave like AWS.', { doing })
      : l10n.t('{doing} failed: what answered (status {status}) does not behave like AWS.', {
          doing,
          status,
        }),
    { remedy: CHECK_ENDPOINT },
  );
}

function otherRemedy({ name, message }: SdkError, status: number | undefined): Message {
  if (UNSUPPORTED.test(name)) return unsupported(message);
  return status !== undefined && status >= 500
    ? l10n.t('Try again in a minute: finished steps are reused.')
    : l10n.t('Look up {name} in the AWS service’s documentation.', { name });
}

/** What a service answers to an operation that it does not know. */
const UNSUPPORTED = /^(InvalidAction|UnknownOperation|InvalidOperation|UnknownOperationException)$/;

function unsupported(message: string): Message {
  // "The action GetStack is not valid for this web service."
  const [, operation] = /\b(?:action|operation) "?([A-Z]\w+)/i.exec(message) ?? [];
  return operation === undefined
    ? l10n.t('This endpoint doesn’t support this operation.')
    : l10n.t('This endpoint doesn’t support {operation}.', { operation });
}

/** What AWS itself said, before and after it was made a CmsError. */
export function awsMessage(error: unknown): string {
  return messageOf(isCmsError(error) ? error.cause : error);
}

/** Whether AWS answered with one of these error codes. Also looks at a CmsError's details. */
export function isAwsError(error: unknown, ...codes: string[]): boolean {
  if (isCmsError(error)) return codes.includes(String(error.details.awsCode));
  return error instanceof Error && codes.includes(error.name);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'RequestAbortedError');
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && '$metadata' in error;
}

/** What AWS says does not always end with a full stop. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

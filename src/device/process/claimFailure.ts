import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { throttled } from '../../core/throttled.ts';
import { redact } from '../../core/secrets.ts';
import { l10n, type Message } from '../../core/message.ts';

/** The steps of the device's side of fleet provisioning, in order. */
export type ClaimStep =
  'connect' | 'subscribe' | 'create-certificate' | 'save-certificate' | 'register-thing';

export interface Rejection {
  step: ClaimStep;
  topic: string;
  templateName: string;
  /** Names of the parameters that the template was given. */
  parameters: readonly string[];
  /** The message on the rejected topic. */
  answer: {
    statusCode?: number | undefined;
    errorCode?: string | undefined;
    errorMessage?: string | undefined;
  };
  secret: string | undefined;
}

/** CLAIM_REJECTED with AWS's message and the likely cause, or AWS_THROTTLED. */
export function claimRejected(rejection: Rejection): CmsError {
  const { step, topic, answer, secret } = rejection;
  const errorCode = cleaned(answer.errorCode, secret, 80);
  const reason = cleaned(answer.errorMessage, secret, 300);
  const details = defined({
    topic: `${topic}/rejected`,
    errorCode: errorCode ?? 'no error code',
    statusCode: typeof answer.statusCode === 'number' ? answer.statusCode : undefined,
  });
  if (isThrottled(answer.statusCode, errorCode)) {
    const why = l10n.verbatim([errorCode ?? '429', reason ?? []].flat().join(': ').replace(/\.$/, ''));
    return throttled(l10n.verbatim(step), { who: l10n.verbatim('AWS IoT'), why }, { step, details });
  }
  return new CmsError(
    'CLAIM_REJECTED',
    l10n.t('AWS IoT rejected {step} on {topic}: {errorCode}: {reason}', {
      step,
      topic,
      errorCode: errorCode ?? l10n.t('no error code'),
      reason: reason ?? l10n.t('no reason given'),
    }),
    {
      step,
      remedy: likelyCause(rejection, errorCode ?? ''),
      details,
    },
  );
}

/** CLAIM_TIMEOUT: no message arrived on either topic. */
export function claimTimedOut(step: ClaimStep, topic: string, timeoutMs: number): CmsError {
  const seconds = timeoutMs / 1000;
  if (step === 'save-certificate') {
    return new CmsError(
      'CLAIM_TIMEOUT',
      l10n.t('The certificate was not on disk within {seconds} s.', { seconds }),
      {
        step,
        remedy: l10n.t('Check the certificate folder (a slow network drive?); the certificate was not used.'),
      },
    );
  }
  return new CmsError(
    'CLAIM_TIMEOUT',
    l10n.t('No answer to {step} on {topic} within {seconds} s.', { step, topic, seconds }),
    {
      step,
      remedy: l10n.t(
        'Run it again: it continues safely. If the problem persists, the claim policy probably does not allow iot:Receive on the accepted and rejected topics.',
      ),
      details: { topic, timeoutMs },
    },
  );
}

/** The broker answered a subscription with failure. */
export function subscribeRefused(topic: string): CmsError {
  return new CmsError('CLAIM_REJECTED', l10n.t('AWS IoT refused the subscription to {topic}.', { topic }), {
    step: 'subscribe',
    remedy: l10n.t('The claim policy must allow iot:Subscribe on topicfilter/{topic}.', { topic }),
    details: { topic },
  });
}

/** The request was accepted, but the answer is incomplete. */
export function answerIncomplete(step: ClaimStep, topic: string): CmsError {
  return new CmsError(
    'CLAIM_REJECTED',
    l10n.t('The answer on {topic}/accepted is missing what fleet provisioning promises.', { topic }),
    {
      step,
      remedy: l10n.t('Check that the MQTT endpoint is AWS IoT Core of the right region.'),
      details: { topic: `${topic}/accepted` },
    },
  );
}

function likelyCause({ step, templateName, parameters }: Rejection, errorCode: string): Message {
  if (/OwnershipToken/i.test(errorCode)) {
    return l10n.t(
      'The ownership token is valid for one hour and one certificate: run it again to get a new one.',
    );
  }
  if (/csr|SigningRequest/i.test(errorCode)) {
    return l10n.t('AWS IoT signs RSA keys of 2048 bits and more and EC keys on P-256, P-384 and P-521.');
  }
  if (step === 'register-thing') {
    return l10n.t(
      'Likely cause: the provisioning template {template} does not exist, is disabled, expects parameters other than {parameters}, names a policy that does not exist, its role may not register things, or its pre-provisioning hook refuses.',
      { template: templateName, parameters: l10n.list(parameters, 'comma') },
    );
  }
  return l10n.t(
    'Likely cause: the claim policy does not allow it, or the claim certificate is no longer ACTIVE.',
  );
}

/** Source: AWS IoT Developer Guide, "Device provisioning MQTT API", the error response. */
function isThrottled(statusCode: number | undefined, errorCode: string | undefined): boolean {
  return statusCode === 429 || /^(Throttl|TooManyRequests|LimitExceeded)/.test(errorCode ?? '');
}

/** AWS's message without the secret, shortened; undefined if there is none. */
function cleaned(value: unknown, secret: string | undefined, limit: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const clean = redact(secret === undefined ? value : value.replaceAll(secret, '…'));
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

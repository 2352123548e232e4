import { CmsError } from '../../core/errors.ts';

/** The steps of the device's side of fleet provisioning, in order. */
export type ClaimStep =
  'connect' | 'subscribe' | 'create-certificate' | 'save-certificate' | 'register-thing';

export interface Rejection {
  step: ClaimStep;
  topic: string;
  templateName: string;
  /** What came on the rejected topic. */
  answer: {
    statusCode?: number | undefined;
    errorCode?: string | undefined;
    errorMessage?: string | undefined;
  };
  secret: string | undefined;
}

/** CLAIM_REJECTED in AWS's own words, with the likely cause. */
export function claimRejected({ step, topic, templateName, answer, secret }: Rejection): CmsError {
  const errorCode = text(answer.errorCode, secret, 80) ?? 'no error code';
  const words = text(answer.errorMessage, secret, 300) ?? 'no reason given';
  return new CmsError('CLAIM_REJECTED', `AWS IoT rejected ${step} on ${topic}: ${errorCode}: ${words}`, {
    step,
    remedy: likelyCause(step, errorCode, answer.statusCode, templateName),
    details: {
      topic: `${topic}/rejected`,
      errorCode,
      ...(typeof answer.statusCode === 'number' ? { statusCode: answer.statusCode } : {}),
    },
  });
}

/** CLAIM_TIMEOUT: nothing came on either topic. */
export function claimLate(step: ClaimStep, topic: string, timeoutMs: number): CmsError {
  const waited = `${timeoutMs / 1000} s`;
  if (step === 'save-certificate') {
    return new CmsError('CLAIM_TIMEOUT', `The certificate was not on disk within ${waited}.`, {
      step,
      remedy: 'Check the certificate folder (a slow network drive?); the certificate was not used.',
    });
  }
  return new CmsError('CLAIM_TIMEOUT', `No answer to ${step} on ${topic} within ${waited}.`, {
    step,
    remedy:
      'Run it again: it goes on safely. If it stays so, the claim policy probably does not allow iot:Receive on ' +
      'the accepted and rejected topics.',
    details: { topic, timeoutMs },
  });
}

/** The broker answered a subscription with failure. */
export function subscribeRefused(topic: string): CmsError {
  return new CmsError('CLAIM_REJECTED', `AWS IoT refused the subscription to ${topic}.`, {
    step: 'subscribe',
    remedy: `The claim policy must allow iot:Subscribe on topicfilter/${topic}.`,
    details: { topic },
  });
}

function likelyCause(
  step: ClaimStep,
  errorCode: string,
  statusCode: number | undefined,
  templateName: string,
): string {
  if (/OwnershipToken/i.test(errorCode)) {
    return 'The ownership token is good for one hour and one certificate: run it again to get a new one.';
  }
  if (statusCode === 429 || /thrott|limit/i.test(errorCode)) {
    return 'Too many requests at once: wait a little and run it again.';
  }
  if (/csr|SigningRequest/i.test(errorCode)) {
    return 'AWS IoT signs RSA keys of 2048 bits and more and EC keys on P-256, P-384 and P-521.';
  }
  if (step === 'register-thing') {
    return (
      `Likely cause: the provisioning template ${templateName} does not exist, is disabled, wants other parameters ` +
      'than SerialNumber, names a policy that does not exist, or its role may not register things.'
    );
  }
  return 'Likely cause: the claim policy does not allow it, or the claim certificate is no longer ACTIVE.';
}

function text(value: unknown, secret: string | undefined, limit: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const clean = secret === undefined ? value : value.replaceAll(secret, '…');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

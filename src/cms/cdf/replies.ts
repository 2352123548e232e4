import type { ErrorCode } from '../../core/errorCodes.ts';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { redact } from '../../core/secrets.ts';
import { throttled } from '../../core/throttled.ts';
import { english } from '../../core/wording.ts';
import { createBodyOf, type Rest, type RestReply } from '../kit/rest.ts';

interface Meaning {
  /** Why it failed: 'it already exists'. */
  reason: Message;
  remedy: Message;
  code?: ErrorCode;
}

// The statuses of CMS v1 say little (an unknown supplier is a 500): its `error` texts decide.
const MEANINGS: readonly [RegExp, Meaning][] = [
  [
    /SUPPLIER_NOT_FOUND/,
    {
      reason: l10n.t('CMS does not know this supplier'),
      remedy: l10n.t('Create the supplier first, with an external id.'),
    },
  ],
  [
    /TCU_NOT_WHITELISTED/,
    { reason: l10n.t('the vehicle’s TCU is not registered'), remedy: l10n.t('Register the device first.') },
  ],
  [
    /USER_NOT_REGISTERED/,
    { reason: l10n.t('CMS does not know this user'), remedy: l10n.t('Create the CMS user first.') },
  ],
  [
    /USER_ALREADY_REGISTERED|Item already exists/,
    { reason: l10n.t('it already exists'), remedy: l10n.t('Run it again: what exists is used.') },
  ],
  [
    /FAILED_VALIDATION|Expected .* to/,
    {
      reason: l10n.t('CMS rejected a value'),
      remedy: l10n.t('Check the values against the vehicle and user templates of the asset library.'),
    },
  ],
  [
    /NO_PROVISIONING_TEMPLATE_CONFIGURED/,
    {
      reason: l10n.t('the supplier inherits no provisioning template'),
      remedy: l10n.t(
        'Check the policy "tcuprovisioningtemplate" of the asset library and that the supplier sits below /auto/suppliers.',
      ),
    },
  ],
  [
    /REGISTRATION_FAILED/,
    {
      reason: l10n.t('AWS IoT did not register the device'),
      remedy: l10n.t(
        'Check that the certificate exists and that CDF Provisioning was installed with the CMS patch.',
      ),
    },
  ],
  [
    /ECU_CREATION_FAILED/,
    {
      reason: l10n.t('an ECU of the vehicle could not be created'),
      remedy: l10n.t('Remove the vehicle’s old ECUs, then try again.'),
    },
  ],
  [
    /INVALID_PARENT|TEMPLATE_NOT_FOUND|INVALID_RELATION/,
    {
      reason: l10n.t('the asset library is missing the groups or templates of CMS'),
      remedy: l10n.t('Check that the CMS installation finished: its last step seeds the asset library.'),
    },
  ],
  [
    /UNABLE_TO_CHECK_USER|MQTT_PUBLISH_FAILED/,
    {
      reason: l10n.t('a service behind CMS failed'),
      remedy: l10n.t('Try again; if that does not help, look at the logs of the facade Lambda.'),
      code: 'CMS_UNAVAILABLE',
    },
  ],
];

/** The `error` text of CDF and the facade, or `Message` of the fleet manager. */
export function errorText(reply: RestReply): string | undefined {
  if (typeof reply.json !== 'object' || reply.json === null) return undefined;
  const { error, Message, message } = reply.json as Record<string, unknown>;
  const text = [error, Message, message].find((value) => typeof value === 'string');
  // Not in the middle of a secret, which would not be known as one any more.
  return text === undefined ? undefined : redact(text).slice(0, 300);
}

/** What a refused call means. `doing` as in "creating the supplier Acme". */
export function refused(rest: Rest, reply: RestReply, doing: Message): CmsError {
  const error = errorText(reply);
  const { status } = reply;
  const details = defined({ service: english(rest.service), status, error });
  const known = MEANINGS.find(([text]) => text.test(error ?? ''))?.[1];
  if (known) {
    const sentence = l10n.t('{doing} failed: {reason}.', {
      doing: l10n.capital(doing),
      reason: known.reason,
    });
    return new CmsError(known.code ?? 'CMS_REQUEST_REFUSED', sentence, { remedy: known.remedy, details });
  }
  const sentence = l10n.t('{doing} failed: {service} answered {status} ({answer}).', {
    doing: l10n.capital(doing),
    service: rest.service,
    status,
    answer: error ?? answerWithoutError(reply),
  });
  if (status === 429) {
    const why = l10n.verbatim(`${status} ${error ?? ''}`.trim());
    return throttled(doing, { who: rest.service, why }, { details });
  }
  if (status === 401 || status === 403) {
    return new CmsError('CMS_UNAUTHORIZED', sentence, { remedy: l10n.t('Sign in again.'), details });
  }
  if (status >= 500) {
    return new CmsError('CMS_UNAVAILABLE', sentence, {
      remedy: l10n.t('Try again in a minute; running it again continues where it stopped.'),
      details,
    });
  }
  return new CmsError('CMS_REQUEST_REFUSED', sentence, { details });
}

function answerWithoutError(reply: RestReply): Message {
  return reply.text.trimStart().startsWith('<') ? l10n.t('an HTML error page') : l10n.t('nothing more');
}

export const bodyOf = createBodyOf(
  refused,
  l10n.t('Check that the stack is a Connected Mobility Solution v1 on CDF 1.0.5.'),
);

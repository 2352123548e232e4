import type { z } from 'zod';
import type { ErrorCode } from '../../core/errorCodes.ts';
import { CmsError } from '../../core/errors.ts';
import type { Rest, RestReply } from './rest.ts';

interface Meaning {
  message: string;
  remedy: string;
  code?: ErrorCode;
}

// The statuses of CMS v1 say little (an unknown supplier is a 500): its `error` texts decide.
const MEANINGS: readonly [RegExp, Meaning][] = [
  [
    /SUPPLIER_NOT_FOUND/,
    {
      message: 'CMS does not know this supplier',
      remedy: 'Create the supplier first, with an external id.',
    },
  ],
  [
    /TCU_NOT_WHITELISTED/,
    { message: 'the vehicle’s TCU is not registered', remedy: 'Register the device first.' },
  ],
  [/USER_NOT_REGISTERED/, { message: 'CMS does not know this user', remedy: 'Create the CMS user first.' }],
  [
    /USER_ALREADY_REGISTERED|Item already exists/,
    { message: 'it exists already', remedy: 'Run it again: what exists is used.' },
  ],
  [
    /FAILED_VALIDATION|Expected .* to/,
    {
      message: 'CMS does not accept a value',
      remedy: 'Check the values against the vehicle and user templates of the asset library.',
    },
  ],
  [
    /NO_PROVISIONING_TEMPLATE_CONFIGURED/,
    {
      message: 'the supplier inherits no provisioning template',
      remedy:
        'Check the policy "tcuprovisioningtemplate" of the asset library and that the supplier sits below /auto/suppliers.',
    },
  ],
  [
    /REGISTRATION_FAILED/,
    {
      message: 'AWS IoT did not register the device',
      remedy: 'Check that the certificate exists and that CDF Provisioning was installed with the CMS patch.',
    },
  ],
  [
    /ECU_CREATION_FAILED/,
    {
      message: 'an ECU of the vehicle could not be created',
      remedy: 'Remove the vehicle’s old ECUs, then try again.',
    },
  ],
  [
    /INVALID_PARENT|TEMPLATE_NOT_FOUND|INVALID_RELATION/,
    {
      message: 'the asset library lacks the groups or templates of CMS',
      remedy: 'Check that the CMS installation finished: its last step seeds the asset library.',
    },
  ],
  [
    /UNABLE_TO_CHECK_USER|MQTT_PUBLISH_FAILED/,
    {
      message: 'a service behind CMS failed',
      remedy: 'Try again; if it stays, look at the logs of the facade Lambda.',
      code: 'CMS_UNAVAILABLE',
    },
  ],
];

/** The `error` text of CDF and the facade, or `Message` of the fleet manager. */
export function errorText(reply: RestReply): string | undefined {
  if (typeof reply.json !== 'object' || reply.json === null) return undefined;
  const { error, Message, message } = reply.json as Record<string, unknown>;
  const text = [error, Message, message].find((value) => typeof value === 'string');
  return text?.slice(0, 300);
}

/** What a refused call means. `doing` as in "creating the supplier Acme". */
export function refused(rest: Rest, reply: RestReply, doing: string): CmsError {
  const error = errorText(reply);
  const details = {
    service: rest.service,
    status: reply.status,
    ...(error === undefined ? {} : { error }),
  };
  const meaning = MEANINGS.find(([text]) => text.test(error ?? ''))?.[1];
  const capital = doing.charAt(0).toUpperCase() + doing.slice(1);
  if (meaning) {
    return new CmsError(meaning.code ?? 'CMS_REQUEST_REFUSED', `${capital} failed: ${meaning.message}.`, {
      remedy: meaning.remedy,
      details,
    });
  }
  const said = error ?? (reply.text.trimStart().startsWith('<') ? 'an HTML error page' : 'nothing more');
  const message = `${capital} failed: ${rest.service} answered ${reply.status} (${said}).`;
  if (reply.status === 429) {
    return new CmsError('AWS_THROTTLED', message, { remedy: 'Wait a little and repeat.', details });
  }
  if (reply.status === 401 || reply.status === 403) {
    return new CmsError('CMS_UNAUTHORIZED', message, { remedy: 'Sign in again.', details });
  }
  if (reply.status >= 500) {
    return new CmsError('CMS_UNAVAILABLE', message, {
      remedy: 'Try again in a minute; running it again continues where it stopped.',
      details,
    });
  }
  return new CmsError('CMS_REQUEST_REFUSED', message, { details });
}

/** The checked body of an accepted call. @throws CmsError CMS_ANSWER_UNEXPECTED or what the refusal means */
export function bodyOf<T extends z.ZodType>(
  schema: T,
  rest: Rest,
  reply: RestReply,
  doing: string,
): z.infer<T> {
  if (!reply.ok) throw refused(rest, reply, doing);
  const parsed = schema.safeParse(reply.json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CmsError(
    'CMS_ANSWER_UNEXPECTED',
    `${rest.service} gave an answer that is not understood while ${doing}.`,
    {
      remedy: 'Check that the stack is a Connected Mobility Solution v1 on CDF 1.0.5.',
      details: {
        status: reply.status,
        where: issue?.path.join('.') ?? '',
        problem: issue?.message ?? '',
      },
    },
  );
}

import { defined } from '../../core/defined.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { redact } from '../../core/secrets.ts';
import { throttled } from '../../core/throttled.ts';
import { english } from '../../core/wording.ts';
import { createBodyOf, type Rest, type RestReply } from '../kit/rest.ts';

interface Meaning {
  reason: Message;
  remedy: Message;
  code?: 'CMS_UNAUTHORIZED';
}

/** Texts of the CMS that say more than their status. Source: the handlers of 0.4. */
const MEANINGS: readonly [RegExp, Meaning][] = [
  [
    /Read-only access/,
    {
      reason: l10n.t('your group may only look'),
      remedy: l10n.t('Sign in as a member of the group platform-admin or fleet-operator.'),
      code: 'CMS_UNAUTHORIZED',
    },
  ],
  [
    /Only platform admins can create fleets|Admin access required/,
    {
      reason: l10n.t('only the group platform-admin may do that'),
      remedy: l10n.t('Sign in as a member of the group platform-admin, or name a fleet that exists.'),
      code: 'CMS_UNAUTHORIZED',
    },
  ],
  [
    /Access denied|no fleet assignments|Forbidden/,
    {
      reason: l10n.t('it belongs to a fleet that you may not work on'),
      remedy: l10n.t(
        'Have the fleet added to your user (custom:fleetIds), then sign in again: the fleets stand in the token.',
      ),
      code: 'CMS_UNAUTHORIZED',
    },
  ],
  [
    /Unknown vehicle/,
    {
      reason: l10n.t('the CMS does not know a vehicle, or it is not enrolled in a fleet'),
      remedy: l10n.t('Enroll it: onboard it again with its fleet, or run doctor with --fix.'),
    },
  ],
  [
    /Unknown command/,
    {
      reason: l10n.t('its catalog has no such command'),
      remedy: l10n.t('Choose one of its catalog: cms-enablement command --list.'),
    },
  ],
  [
    /Unknown modelManifestName|modelManifestName is required/,
    {
      reason: l10n.t('there is no such model manifest'),
      remedy: l10n.t('Choose one of the list "model-manifests", or seed them: make seed-vehicle-models.'),
    },
  ],
  [
    /not ACTIVE/,
    {
      reason: l10n.t('the model manifest is not ACTIVE'),
      remedy: l10n.t('Choose an ACTIVE one of the list "model-manifests", or make it ACTIVE.'),
    },
  ],
  [
    /no decoderManifestRef/,
    {
      reason: l10n.t('the model manifest names no decoder manifest'),
      remedy: l10n.t('Choose another one of the list "model-manifests".'),
    },
  ],
];

/** Whether the gateway has no such route: its words for that sound like a missing sign-in. */
export function isRouteAbsent({ status, json }: Pick<RestReply, 'status' | 'json'>): boolean {
  return status === 403 && fieldOf(json, 'message') === 'Missing Authentication Token';
}

function fieldOf(json: unknown, key: string): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const value: unknown = Reflect.get(json, key);
  return typeof value === 'string' ? value : undefined;
}

/** What the CMS or its gateway says. */
export function errorText({ json }: RestReply): string | undefined {
  const text = ['error', 'message'].map((key) => fieldOf(json, key)).find((value) => value !== undefined);
  return text === undefined ? undefined : redact(text).slice(0, 300);
}

/** What a refused call means. `doing` as in "creating the fleet Vans". */
export function refused(rest: Rest, reply: RestReply, doing: Message): CmsError {
  const error = errorText(reply);
  const { status } = reply;
  const details = defined({ service: english(rest.service), status, error });
  const failed = (reason: Message) =>
    l10n.t('{doing} failed: {reason}.', { doing: l10n.capital(doing), reason });
  if (isRouteAbsent(reply)) {
    return new CmsError('CMS_REQUEST_REFUSED', failed(l10n.t('the API has no such route')), {
      remedy: l10n.t(
        'The templates of this release leave it out; it takes IAM credentials to do it another way.',
      ),
      details: { ...details, routeAbsent: true },
    });
  }
  const known = MEANINGS.find(([text]) => text.test(error ?? ''))?.[1];
  if (known !== undefined) {
    const { reason, remedy, code = 'CMS_REQUEST_REFUSED' } = known;
    return new CmsError(code, failed(reason), { remedy, details });
  }
  const sentence = l10n.t('{doing} failed: {service} answered {status} ({answer}).', {
    doing: l10n.capital(doing),
    service: rest.service,
    status,
    answer: error ?? l10n.t('nothing more'),
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

/** Whether a call was refused because the gateway has no route for it. */
export function isAbsent(error: unknown): boolean {
  return isCmsError(error) && error.details.routeAbsent === true;
}

/** Whether there is no such route, or nothing there. */
export function isNotThere(error: unknown): boolean {
  return isAbsent(error) || (isCmsError(error) && error.details.status === 404);
}

/** Undefined where there is no such route, or nothing there. */
export async function unlessNotThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

export const bodyOf = createBodyOf(
  refused,
  l10n.t('Check that the stack is of the Guidance for Connected Mobility on AWS, 0.4 or near it.'),
);

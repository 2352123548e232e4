import { CmsError, type CmsErrorOptions } from './errors.ts';
import { l10n, type Message } from './message.ts';

/**
 * The error of what was refused because of too many requests, however often it was tried.
 * @param who refused it: AWS, AWS IoT, a service of the CMS
 * @param why what was answered, as a part of a sentence
 */
export function throttled(
  doing: Message,
  { who, why }: { who: Message; why: Message },
  options: Pick<CmsErrorOptions, 'step' | 'details' | 'cause'> = {},
): CmsError {
  return new CmsError(
    'AWS_THROTTLED',
    l10n.t('{doing} failed: {who} is throttling requests ({why}).', {
      doing: l10n.capital(doing),
      who,
      why,
    }),
    {
      remedy: l10n.t(
        'Wait a minute and run it again: finished steps are reused. For a fleet, do fewer at a time (--concurrency, --starts-per-second); rates apply to the whole account and region.',
      ),
      ...options,
    },
  );
}

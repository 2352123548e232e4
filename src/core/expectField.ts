import { CmsError } from './errors.ts';
import { l10n } from './message.ts';

/**
 * A field that the answer to `call` must have: an empty one is as bad as none.
 * @throws CmsError AWS_ANSWER_UNEXPECTED
 */
export function expectField<T extends object, K extends keyof T & string>(
  answer: T | undefined,
  field: K,
  call: string,
): NonNullable<T[K]> {
  const value = answer?.[field];
  if (value !== undefined && value !== null && value !== '') return value;
  throw new CmsError(
    'AWS_ANSWER_UNEXPECTED',
    l10n.t('The response of AWS to {call} has no {field}.', { call, field }),
    {
      remedy: l10n.t('Run it again. If that does not help, check what answers at the endpoint.'),
      details: { call, field },
    },
  );
}

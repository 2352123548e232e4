import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { causeOf, codeOfCause } from '../network/causes.ts';
import { remedyOf, whyOf } from '../network/causeWords.ts';
import { placeOf, placeWords } from '../network/place.ts';

/**
 * The ENDPOINT_UNREACHABLE that a failed socket, proxy, name look-up, TLS handshake or time-out means, with the sentence
 * that `sentence` makes of the reason and of where it was, if that is known; undefined when the error is none of these.
 */
export function networkError(
  error: unknown,
  sentence: (why: Message, where: Message | undefined) => Message,
): CmsError | undefined {
  const cause = causeOf(error);
  if (cause === undefined) return undefined;
  const place = placeOf(error);
  const where = place === undefined ? undefined : placeWords(place, cause);
  return new CmsError('ENDPOINT_UNREACHABLE', sentence(whyOf(cause), where), {
    remedy: remedyOf(cause),
    details: defined({ network: codeOfCause(cause), ...place }),
    cause: error,
  });
}

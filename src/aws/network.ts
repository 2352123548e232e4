import { CmsError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { causeOf, codeOfCause, remedyOf, whyOf } from '../network/causes.ts';

/**
 * The ENDPOINT_UNREACHABLE that a failed socket, proxy, name look-up, TLS handshake or time-out means, with the sentence
 * that `sentence` makes of the reason; undefined when the error is none of these.
 */
export function networkError(error: unknown, sentence: (why: Message) => Message): CmsError | undefined {
  const cause = causeOf(error);
  if (cause === undefined) return undefined;
  return new CmsError('ENDPOINT_UNREACHABLE', sentence(whyOf(cause)), {
    remedy: remedyOf(cause),
    details: { network: codeOfCause(cause) },
    cause: error,
  });
}

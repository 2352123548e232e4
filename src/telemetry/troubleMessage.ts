import type { Codec, TroubleCode } from './codec.ts';
import type { EncodedMessage, MessageContext, Sample } from './sample.ts';

/** A single trouble code as a message: its own, or a sample with it, where the samples of a CMS carry the code. */
export function troubleMessage(
  codec: Codec,
  trouble: TroubleCode,
  context: MessageContext,
  sample: () => Sample,
): EncodedMessage {
  const own = codec.trouble(trouble, context);
  return own ?? codec.sample({ ...sample(), time: trouble.time }, { ...context, troubleCode: trouble.code });
}

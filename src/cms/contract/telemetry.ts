import type { Codec } from '../../telemetry/codec.ts';

/** How vehicles of a deployment speak, and where it can be heard. */
export interface Telemetry {
  /** As `src/cms/codecs.ts` has it for the generation. */
  readonly codec: Codec;
  /** Where the product may listen: topics of AWS IoT, or nothing yet. */
  readonly live: 'mqtt' | undefined;
}

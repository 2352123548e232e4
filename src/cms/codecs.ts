import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Codec, Reading } from '../telemetry/codec.ts';
import { codec as cdf } from './cdf/codec/codec.ts';

/** By the id of their generation. The device process loads this list, and nothing else of this room. */
export const CODECS: Readonly<Record<string, Codec>> = { cdf };

/** @throws CmsError REQUEST_INVALID for a generation whose telemetry is not known */
export function codecOf(generation: string, codecs = CODECS): Codec {
  const codec = Object.hasOwn(codecs, generation) ? codecs[generation] : undefined;
  if (codec !== undefined) return codec;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The telemetry of "{generation}" is not known.', { generation }),
    { remedy: l10n.t('Known are: {generations}.', { generations: Object.keys(codecs).join(', ') }) },
  );
}

/** The topics of the telemetry of every generation: of these vehicles, by VIN or thing name, or of all. */
export function watchedTopics(names?: readonly string[], codecs = CODECS): string[] {
  const vehicles = names?.map((name) => ({ vin: name, id: name, thingName: name })) ?? [undefined];
  return vehicles.flatMap((vehicle) => Object.values(codecs).flatMap((codec) => codec.topics(vehicle)));
}

/** A message of whichever generation it is. Undefined for what is no telemetry. */
export function readTelemetry(topic: string, payload: Uint8Array, codecs = CODECS): Reading | undefined {
  for (const codec of Object.values(codecs)) {
    const read = codec.decode(topic, payload);
    if (read !== undefined) return read;
  }
  return undefined;
}

import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Codec } from '../telemetry/codec.ts';
import { codec as cdf } from './cdf/codec/codec.ts';
import { codec as cmGuidance } from './cmGuidance/codec/codec.ts';
import { codec as cmsOnAws } from './cmsOnAws/codec/codec.ts';

/** By the id of their generation. The device process loads this list, and nothing else of this room. */
export const CODECS: Readonly<Record<string, Codec>> = {
  cdf,
  'cms-on-aws': cmsOnAws,
  'cm-guidance': cmGuidance,
};

/** @throws CmsError REQUEST_INVALID for a generation whose telemetry is not known */
export function codecOf(generation: string, codecs = CODECS): Codec {
  const codec = Object.hasOwn(codecs, generation) ? codecs[generation] : undefined;
  if (codec !== undefined) return codec;
  throw new CmsError(
    'REQUEST_INVALID',
    l10n.t('The telemetry of "{generation}" is not known.', { generation }),
    { remedy: l10n.t('Known generations: {generations}.', { generations: Object.keys(codecs).join(', ') }) },
  );
}

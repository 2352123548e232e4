import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { findScalePlace, type ScalePlace } from '../../scale/stack/scaleStack.ts';
import type { Store } from '../../scale/store.ts';
import { storeOf } from './options.ts';

/** The place that `--store` names, or else the bucket of `scale setup`. @throws CmsError REQUEST_INVALID */
export async function storeIn(
  place: string | undefined,
  connection: Connection,
  signal: AbortSignal,
): Promise<Store> {
  return storeOf(place ?? (await findScalePlace(connection, signal))?.store, connection);
}

/** Where `identities push` puts them unless it is told. @throws CmsError REQUEST_INVALID */
export async function placeOfSetup(connection: Connection, signal: AbortSignal): Promise<ScalePlace> {
  const made = await findScalePlace(connection, signal);
  if (made !== undefined) return made;
  throw new CmsError('REQUEST_INVALID', l10n.t('Nothing says where certificates and keys go.'), {
    remedy: l10n.t('Make a bucket with "scale setup", or say --to and --kms-key.'),
  });
}

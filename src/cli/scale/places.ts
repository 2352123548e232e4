import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { pushedVehicles } from '../../scale/identities.ts';
import { findScalePlace, type ScalePlace } from '../../scale/stack/scaleStack.ts';
import type { Store } from '../../scale/store.ts';
import { needS3, type ScaleFlags, storeOf } from './options.ts';

/** The place that `--store` names, or else the bucket of `scale setup`. @throws CmsError REQUEST_INVALID */
export async function storeIn(
  place: string | undefined,
  connection: Connection,
  signal: AbortSignal,
): Promise<Store> {
  return storeOf(place ?? (await findScalePlace(connection, signal))?.store, connection);
}

/**
 * What workers on AWS Batch are told where nothing else is said: the bucket of `scale setup`, for they see no folder of
 * this machine. @throws CmsError CERTIFICATE_MISSING
 */
export async function batchPlaces<T extends Pick<ScaleFlags, 'on' | 'store' | 'identities'>>(
  flags: T,
  connection: Connection,
  signal: AbortSignal,
): Promise<T> {
  if (flags.on !== 'batch' || (flags.store !== undefined && flags.identities !== undefined)) return flags;
  const made = await findScalePlace(connection, signal);
  if (made === undefined) return flags;
  const { store = made.store, identities = made.identities } = flags;
  if ((await pushedVehicles(connection, needS3(identities))) === 0) {
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('{folder} holds no certificates of vehicles.', { folder: identities }),
      { step: 'certificates', remedy: l10n.t('Put them there with "identities push".') },
    );
  }
  return { ...flags, store, identities };
}

/** Where `identities push` puts them unless it is told. @throws CmsError REQUEST_INVALID */
export async function placeOfSetup(connection: Connection, signal: AbortSignal): Promise<ScalePlace> {
  const made = await findScalePlace(connection, signal);
  if (made !== undefined) return made;
  throw new CmsError('REQUEST_INVALID', l10n.t('Nothing says where certificates and keys go.'), {
    remedy: l10n.t('Make a bucket with "scale setup", or say --to and --kms-key.'),
  });
}

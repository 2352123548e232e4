import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { pushedVehicles } from '../identities.ts';
import { needS3 } from '../stores/place.ts';
import { findScalePlace } from './scaleStack.ts';

/** Where workers find plan and keys; undefined for what nobody said. */
export interface RunPlaces {
  store?: string | undefined;
  identities?: string | undefined;
}

/**
 * What workers on AWS Batch are told where nothing else is said: the bucket of `scale setup`, for they see no folder of
 * this machine. @throws CmsError CERTIFICATE_MISSING
 */
export async function batchPlaces(
  said: RunPlaces,
  connection: Connection,
  signal: AbortSignal,
): Promise<RunPlaces> {
  if (said.store !== undefined && said.identities !== undefined) return said;
  const made = await findScalePlace(connection, signal);
  if (made === undefined) return said;
  const { store = made.store, identities = made.identities } = said;
  if ((await pushedVehicles(connection, needS3(identities))) === 0) {
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('{folder} holds no certificates of vehicles.', { folder: identities }),
      { step: 'certificates', remedy: l10n.t('Put them there with "identities push".') },
    );
  }
  return { store, identities };
}

import { resolve } from 'node:path';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Store } from '../store.ts';
import { folderStore } from './folder.ts';
import { s3Store } from './s3.ts';

/** Reads `s3://bucket/prefix`; undefined for anything else. */
export function placeInS3(place: string): { bucket: string; prefix: string } | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{2,62})(?:\/(.*?))?\/?$/.exec(place) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix };
}

/** @throws CmsError REQUEST_INVALID */
export function needS3(place: string): { bucket: string; prefix: string } {
  const s3 = placeInS3(place);
  if (s3 !== undefined) return s3;
  throw new CmsError('REQUEST_INVALID', l10n.t('{place} is not a place in S3.', { place }), {
    remedy: l10n.t('Write it as s3://bucket/prefix.'),
  });
}

/** The store at `s3://bucket/prefix`, or in a folder. */
export function storeAt(place: string, connection: Connection): Store {
  const s3 = placeInS3(place);
  return s3 === undefined ? folderStore(resolve(place)) : s3Store(connection, s3.bucket, s3.prefix);
}

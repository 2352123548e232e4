import type { Connection } from '../../aws/connection.ts';
import { isAwsError, toCmsError } from '../../aws/errors.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Store } from '../store.ts';

export interface S3Store extends Store {
  /** What is not there is no error. */
  remove(key: string): Promise<void>;
}

/** A bucket of the account. @param kmsKey by which objects are encrypted; otherwise as the bucket says */
export function s3Store(connection: Connection, bucket: string, prefix: string, kmsKey?: string): S3Store {
  const at = (key: string) => (prefix === '' ? key : `${prefix}/${key}`);
  const label = prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
  async function doing<T>(what: Message, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const why = isCmsError(error) ? error : toCmsError(error, what);
      if (why.code === 'CANCELLED') throw why;
      const denied = why.code === 'ACCESS_DENIED';
      throw new CmsError('STORE_FAILED', why.sentence, {
        step: 'store',
        remedy: denied
          ? l10n.t('Allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on {place}.', {
              place: label,
            })
          : l10n.t('Check that the bucket is there, and run it again.'),
        cause: why,
      });
    }
  }
  return {
    label,
    put: (key, text) =>
      doing(l10n.t('writing s3://{bucket}/{key}', { bucket, key: at(key) }), async () => {
        const { PutObjectCommand } = await import('@aws-sdk/client-s3');
        const client = await connection.s3();
        await client.send(
          new PutObjectCommand({
            ...{ Bucket: bucket, Key: at(key), Body: text, ContentType: 'application/json' },
            ...(kmsKey === undefined
              ? {}
              : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey, BucketKeyEnabled: true }),
          }),
        );
      }),
    get: (key) =>
      doing(l10n.t('reading s3://{bucket}/{key}', { bucket, key: at(key) }), async () => {
        const { GetObjectCommand } = await import('@aws-sdk/client-s3');
        const client = await connection.s3();
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: at(key) }));
          return await Body?.transformToString('utf8');
        } catch (error) {
          if (isAwsError(error, 'NoSuchKey')) return undefined;
          throw error;
        }
      }),
    remove: (key) =>
      doing(l10n.t('deleting s3://{bucket}/{key}', { bucket, key: at(key) }), async () => {
        const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
        const client = await connection.s3();
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: at(key) }));
      }),
    list: (from) =>
      doing(l10n.t('listing s3://{bucket}/{key}', { bucket, key: at(from) }), async () => {
        const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
        const client = await connection.s3();
        const keys: string[] = [];
        for (let token: string | undefined; ;) {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: bucket, Prefix: at(from), ContinuationToken: token }),
          );
          for (const { Key } of page.Contents ?? []) {
            if (Key !== undefined) keys.push(prefix === '' ? Key : Key.slice(prefix.length + 1));
          }
          token = page.NextContinuationToken;
          if (token === undefined) return keys;
        }
      }),
  };
}

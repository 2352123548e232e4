import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { AwsError } from '../../kernel/http.ts';

export interface StoredObject {
  /** Base64. */
  content: string;
  contentType: string;
  etag: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** `AES256` or `aws:kms`, and the key of KMS that was named. */
  encryption?: { algorithm: string; key?: string | undefined };
}

export interface Bucket {
  readonly name: string;
  /** Replaces the object with the same key. */
  put(key: string, content: Buffer, contentType: string, encryption?: StoredObject['encryption']): void;
  get(key: string): StoredObject | undefined;
  remove(key: string): void;
  /** In the order of their UTF-8 bytes. */
  keys(prefix: string): string[];
}

export interface Buckets {
  /** Makes a bucket, unless it is there. */
  ensure(name: string): Bucket;
  has(name: string): boolean;
  /** Throws NoSuchBucket. */
  find(name: string): Bucket;
  /** One that is not there is fine. Throws BucketNotEmpty. */
  removeEmpty(name: string): void;
}

/** A drive of a fleet must not fill the disk: beyond this number the oldest objects of a bucket go. */
export const MOST_OBJECTS = 10_000;

export function createBuckets({ store, clock }: Context): Buckets {
  const names = store.table<{ createdAt: number }>('s3.buckets');

  function bucket(name: string): Bucket {
    const objects = store.table<StoredObject>(`s3.objects/${name}`);
    return {
      name,
      put(key, content, contentType, encryption) {
        // The newest are last.
        objects.delete(key);
        objects.set(key, {
          content: content.toString('base64'),
          contentType,
          etag: createHash('md5').update(content).digest('hex'),
          modifiedAt: clock.now(),
          ...(encryption === undefined ? {} : { encryption }),
        });
        for (const oldest of objects.keys()) {
          if (objects.size <= MOST_OBJECTS) break;
          objects.delete(oldest);
        }
      },
      get: (key) => objects.get(key),
      remove: (key) => void objects.delete(key),
      keys: (prefix) =>
        [...objects.keys()]
          .filter((key) => key.startsWith(prefix))
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    };
  }

  return {
    ensure(name) {
      if (!names.has(name)) names.set(name, { createdAt: clock.now() });
      return bucket(name);
    },
    has: (name) => names.has(name),
    find(name) {
      if (!names.has(name)) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
      return bucket(name);
    },
    removeEmpty(name) {
      if (names.has(name) && bucket(name).keys('').length > 0) {
        throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
      }
      names.delete(name);
    },
  };
}

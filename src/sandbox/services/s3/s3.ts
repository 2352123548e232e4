import type { Context } from '../../kernel/context.ts';
import {
  AwsError,
  type HttpRequest,
  type HttpResponse,
  type HttpService,
  type Problem,
} from '../../kernel/http.ts';
import { toXml, xmlTime } from '../../protocols/xml.ts';
import { type Buckets, createBuckets, type StoredObject } from './buckets.ts';

export interface S3 {
  readonly service: HttpService;
  /** The buckets that installations make. */
  readonly buckets: Buckets;
}

const MOST_KEYS = 1000;
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** What a request in path style means: `/<bucket>` or `/<bucket>/<key>`. */
interface Place {
  bucket: string;
  key: string;
}

/**
 * Amazon S3 2006-03-01, in path style: lists, gets, puts and deletes objects. It claims what names one of
 * the buckets that are there.
 */
export function createS3(context: Context): S3 {
  const buckets = createBuckets(context);

  function placeOf(request: HttpRequest): Place | undefined {
    const [, bucket = '', rest = ''] = /^\/([^/]+)(?:\/(.*))?$/s.exec(request.path) ?? [];
    const isList = rest === '' && request.query.get('list-type') === '2';
    // A bucket that is to be made is not there yet: only the signature says whose request it is.
    const isNew = rest === '' && request.method === 'PUT' && isForS3(request);
    if (request.headers['x-amz-target'] !== undefined || !(buckets.has(bucket) || isList || isNew))
      return undefined;
    try {
      return { bucket, key: decodeURIComponent(rest) };
    } catch {
      return undefined;
    }
  }

  function operationOf(request: HttpRequest): string | undefined {
    const place = placeOf(request);
    if (place === undefined) return undefined;
    if (place.key === '') {
      if (request.method === 'HEAD') return 'HeadBucket';
      if (request.method === 'PUT') return request.query.size === 0 ? 'CreateBucket' : undefined;
      return request.method === 'GET' && request.query.get('list-type') === '2' ? 'ListObjectsV2' : undefined;
    }
    return { PUT: 'PutObject', GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' }[request.method];
  }

  function list(bucket: string, query: URLSearchParams): HttpResponse {
    const prefix = query.get('prefix') ?? '';
    const startAfter = query.get('start-after') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const token = query.get('continuation-token');
    const asked = query.get('max-keys') ?? String(MOST_KEYS);
    if (!/^\d{1,9}$/.test(asked)) {
      throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range');
    }
    const size = Math.min(MOST_KEYS, Number(asked));
    const encoded = query.get('encoding-type') === 'url';
    const shown = (text: string): string =>
      encoded ? encodeURIComponent(text).replaceAll('%2F', '/') : text;
    const after = token === null ? startAfter : tokenKey(token);

    const { keys, groups, next } = pageOf(buckets.find(bucket), { prefix, delimiter, after, size });
    return xml({
      ListBucketResult: {
        '@xmlns': NAMESPACE,
        Name: bucket,
        Prefix: shown(prefix),
        StartAfter: startAfter === '' ? undefined : shown(startAfter),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: next === undefined ? undefined : Buffer.from(next).toString('base64'),
        KeyCount: keys.length + groups.length,
        MaxKeys: size,
        Delimiter: delimiter === '' ? undefined : shown(delimiter),
        EncodingType: encoded ? 'url' : undefined,
        IsTruncated: next !== undefined,
        Contents: keys.map(([key, object]) => ({
          Key: shown(key),
          LastModified: xmlTime(object.modifiedAt),
          ETag: `"${object.etag}"`,
          Size: Buffer.from(object.content, 'base64').length,
          StorageClass: 'STANDARD',
        })),
        CommonPrefixes: groups.map((group) => ({ Prefix: shown(group) })),
      },
    });
  }

  function object(place: Place): HttpResponse {
    const found = buckets.find(place.bucket).get(place.key);
    if (found === undefined) {
      throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: place.key });
    }
    return {
      status: 200,
      headers: {
        'content-type': found.contentType,
        etag: `"${found.etag}"`,
        ...encryptionHeaders(found.encryption),
        'last-modified': new Date(found.modifiedAt).toUTCString(),
        'accept-ranges': 'bytes',
      },
      body: Buffer.from(found.content, 'base64'),
    };
  }

  function put(place: Place, { headers, body }: HttpRequest): HttpResponse {
    if (headers['content-encoding']?.includes('aws-chunked') === true || 'x-amz-copy-source' in headers) {
      throw new AwsError(
        'NotImplemented',
        'A header you provided implies functionality that is not implemented',
        501,
      );
    }
    const algorithm = headers['x-amz-server-side-encryption'];
    const keyId = headers['x-amz-server-side-encryption-aws-kms-key-id'];
    const encryption = algorithm === undefined ? undefined : { algorithm, key: keyId };
    const bucket = buckets.find(place.bucket);
    bucket.put(place.key, body, headers['content-type'] ?? 'binary/octet-stream', encryption);
    return {
      status: 200,
      headers: { etag: `"${bucket.get(place.key)?.etag ?? ''}"`, ...encryptionHeaders(encryption) },
    };
  }

  const service: HttpService = {
    name: 's3',
    operations: [
      ...['ListObjectsV2', 'GetObject', 'HeadObject', 'PutObject', 'DeleteObject'],
      ...['HeadBucket', 'CreateBucket'],
    ],
    tooFast: { code: 'SlowDown', message: 'Please reduce your request rate.', status: 503 },
    unknownStatus: 400,
    claims: (request) => placeOf(request) !== undefined,
    operation: operationOf,
    unsigned: () => false,
    handle(operation, request) {
      return Promise.resolve().then(() => {
        const place = placeOf(request) ?? { bucket: '', key: '' };
        switch (operation) {
          case 'ListObjectsV2':
            return list(place.bucket, request.query);
          case 'DeleteObject':
            buckets.find(place.bucket).remove(place.key);
            return { status: 204 };
          case 'CreateBucket':
            buckets.ensure(place.bucket);
            return { status: 200, headers: { location: `/${place.bucket}` } };
          case 'PutObject':
            return put(place, request);
          case 'HeadBucket':
            buckets.find(place.bucket);
            return { status: 200, headers: { 'x-amz-bucket-region': context.config.region } };
          default:
            return object(place);
        }
      });
    },
    error: errorXml,
  };
  return { service, buckets };
}

function isForS3({ headers }: HttpRequest): boolean {
  return (headers.authorization ?? '').includes('/s3/aws4_request');
}

function encryptionHeaders(encryption: StoredObject['encryption']): Record<string, string> {
  if (encryption === undefined) return {};
  const { algorithm, key } = encryption;
  return {
    'x-amz-server-side-encryption': algorithm,
    ...(key === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': key }),
  };
}

interface PageRequest {
  prefix: string;
  delimiter: string;
  after: string;
  size: number;
}

interface Page {
  keys: [key: string, object: StoredObject][];
  groups: string[];
  /** The last of the page, when there is more. */
  next: string | undefined;
}

function pageOf(bucket: ReturnType<Buckets['find']>, { prefix, delimiter, after, size }: PageRequest): Page {
  const keys: Page['keys'] = [];
  const groups: string[] = [];
  let last = after;
  for (const key of bucket.keys(prefix)) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const group = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    const name = group ?? key;
    if (Buffer.compare(Buffer.from(name), Buffer.from(last)) <= 0 && last !== '') continue;
    if (keys.length + groups.length === size) return { keys, groups, next: size === 0 ? undefined : last };
    last = name;
    const found = bucket.get(key);
    if (group !== undefined) groups.push(group);
    else if (found !== undefined) keys.push([key, found]);
  }
  return { keys, groups, next: undefined };
}

function tokenKey(token: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token)) {
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return Buffer.from(token, 'base64').toString('utf8');
}

function xml(document: Parameters<typeof toXml>[0], status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body: toXml(document) };
}

function errorXml({ code, message, status, members }: Problem, request: HttpRequest): HttpResponse {
  const key = members?.Key;
  return xml(
    {
      Error: {
        Code: code,
        Message: message,
        Key: typeof key === 'string' ? key : undefined,
        RequestId: request.requestId,
      },
    },
    status,
  );
}

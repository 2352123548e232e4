import assert from 'node:assert/strict';
import { XMLParser } from 'fast-xml-parser';
import { createS3 } from '../../../src/sandbox/services/s3/s3.ts';
import { MOST_OBJECTS } from '../../../src/sandbox/services/s3/buckets.ts';
import { answered } from '../../support/answered.ts';
import { createTestContext } from '../../support/sandboxContext.ts';

const BUCKET = 'cms-telemetry';
const parser = new XMLParser({ isArray: (name) => name === 'Contents' || name === 'CommonPrefixes' });

function setUp() {
  const context = createTestContext();
  const { service, buckets } = createS3(context);
  const bucket = buckets.ensure(BUCKET);
  async function send(
    method: string,
    path: string,
    query: Record<string, string> = {},
    { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
  ) {
    const request = {
      method,
      path,
      query: new URLSearchParams(query),
      headers,
      body: Buffer.from(body),
      requestId: 'r',
      region: 'us-west-2',
      signed: true,
      trusted: false,
    };
    if (!service.claims(request)) return undefined;
    const operation = service.operation(request);
    assert.ok(operation !== undefined, `${method} ${path}`);
    const reply = await answered(service, operation, request);
    return { ...reply, body: String(reply.body ?? '') };
  }
  async function list(query: Record<string, string>) {
    const { body } = (await send('GET', `/${BUCKET}`, { 'list-type': '2', ...query })) ?? { body: '' };
    const { ListBucketResult: result } = parser.parse(body) as {
      ListBucketResult: {
        Contents?: { Key: string }[];
        CommonPrefixes?: { Prefix: string }[];
        NextContinuationToken?: string;
        IsTruncated: boolean;
      };
    };
    return {
      keys: (result.Contents ?? []).map(({ Key }) => Key),
      prefixes: (result.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      token: result.NextContinuationToken,
      truncated: result.IsTruncated,
    };
  }
  const put = (...keys: string[]) => {
    for (const key of keys) bucket.put(key, Buffer.from(`{"of":"${key}"}`), 'application/octet-stream');
  };
  return { context, bucket, send, list, put };
}

describe('S3 of the sandbox', () => {
  it('lists by prefix, after a key, page by page', async () => {
    const { list, put } = setUp();
    put('cms/data/Vehicle_B/3', 'cms/data/Vehicle_A/2', 'cms/data/Vehicle_A/1', 'cms/data/Vehicle_A/10');
    const prefix = 'cms/data/Vehicle_A/';
    assert.deepEqual((await list({ prefix })).keys, [`${prefix}1`, `${prefix}10`, `${prefix}2`]);
    assert.deepEqual((await list({ prefix, 'start-after': `${prefix}1` })).keys, [
      `${prefix}10`,
      `${prefix}2`,
    ]);
    const first = await list({ prefix, 'max-keys': '2' });
    assert.deepEqual([first.keys.length, first.truncated], [2, true]);
    const next = await list({ prefix, 'max-keys': '2', 'continuation-token': first.token ?? '' });
    assert.deepEqual([next.keys, next.truncated], [[`${prefix}2`], false]);
  });

  it('puts keys together that go on after a delimiter', async () => {
    const { list, put } = setUp();
    put('cms/data/A/1', 'cms/data/A/2', 'cms/data/B/1', 'cms/readme');
    const { keys, prefixes } = await list({ prefix: 'cms/', delimiter: '/' });
    assert.deepEqual([keys, prefixes], [['cms/readme'], ['cms/data/']]);
    assert.deepEqual((await list({ prefix: 'cms/data/', delimiter: '/' })).prefixes, [
      'cms/data/A/',
      'cms/data/B/',
    ]);
  });

  it('gives an object, replaces it, and deletes it', async () => {
    const { bucket, send, put } = setUp();
    put('cms/data/A/1');
    const found = await send('GET', `/${BUCKET}/cms/data/A/1`);
    assert.deepEqual([found?.status, found?.body], [200, '{"of":"cms/data/A/1"}']);
    bucket.put('cms/data/A/1', Buffer.from('{}'), 'application/octet-stream');
    const head = await send('HEAD', `/${BUCKET}/cms/data/A/1`);
    // MD5 of two braces.
    assert.equal(head?.headers?.etag, '"99914b932bd37a50b983c5e7c90ae93b"');
    assert.equal((await send('DELETE', `/${BUCKET}/cms/data/A/1`))?.status, 204);
    const gone = await send('GET', `/${BUCKET}/cms/data/A/1`);
    assert.ok(gone?.status === 404);
    assert.match(gone.body, /<Code>NoSuchKey<\/Code>.*<Key>cms\/data\/A\/1<\/Key>/);
    assert.equal((await send('DELETE', `/${BUCKET}/cms/data/A/1`))?.status, 204);
  });

  it('claims what is for its buckets, and lists of others', async () => {
    const { send } = setUp();
    assert.equal((await send('HEAD', `/${BUCKET}`))?.headers?.['x-amz-bucket-region'], 'us-west-2');
    assert.equal(await send('GET', '/things/car'), undefined);
    const other = await send('GET', '/nowhere', { 'list-type': '2' });
    assert.match(other?.body ?? '', /<Code>NoSuchBucket<\/Code>/);
  });

  it('lets the oldest objects go when there are too many', async () => {
    const { bucket, list, put } = setUp();
    put('a/first', 'a/second');
    for (let i = 0; i < MOST_OBJECTS; i++) bucket.put(`b/${i}`, Buffer.from('{}'), 'text/plain');
    assert.deepEqual((await list({ prefix: 'a/' })).keys, []);
    assert.equal(bucket.keys('b/').length, MOST_OBJECTS);
  });

  it('puts an object, says how it is encrypted, and makes buckets', async () => {
    const { send, list } = setUp();
    const sse = {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'k',
    };
    const put = await send('PUT', `/${BUCKET}/a/b`, {}, { headers: sse, body: 'hello' });
    assert.equal(put?.status, 200);
    const got = await send('GET', `/${BUCKET}/a/b`);
    assert.equal(got?.body, 'hello');
    assert.equal(got.headers?.['x-amz-server-side-encryption'], 'aws:kms');
    assert.deepEqual((await list({})).keys, ['a/b']);
    const chunked = { headers: { 'content-encoding': 'aws-chunked' }, body: '' };
    assert.equal((await send('PUT', `/${BUCKET}/c`, {}, chunked))?.status, 501);

    assert.equal(await send('PUT', '/new-bucket'), undefined, 'who else signs may mean something else');
    const authorization = 'AWS4-HMAC-SHA256 Credential=A/20260105/us-west-2/s3/aws4_request, Signature=s';
    assert.equal((await send('PUT', '/new-bucket', {}, { headers: { authorization } }))?.status, 200);
    assert.equal((await send('HEAD', '/new-bucket'))?.status, 200);
  });
});

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { loadLocationMap } from '../../../src/aws/locationMaps.ts';
import type { Connection, HttpRequest } from '../../../src/aws/connection.ts';

const KEY = {
  accessKeyId: 'AKIDLOCATION0001',
  secretAccessKey: 'kQ8-location-9fJw2',
  sessionToken: 'tok7Zr-location',
};

function connection() {
  const sent: HttpRequest[] = [];
  const body = Uint8Array.of(0xff, 0xd8, 0, 1);
  const it = {
    region: 'eu-west-1',
    endpoint: undefined,
    iot: () => Promise.resolve({ config: { credentials: () => Promise.resolve(KEY), systemClockOffset: 0 } }),
    http: () => ({
      send: (request: HttpRequest) => {
        sent.push(request);
        return Promise.resolve({ status: 200, headers: {}, text: '', body });
      },
    }),
  };
  return { it: it as unknown as Connection, sent, body };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Signature Version 4, as the reference of AWS Identity and Access Management describes it. */
function signature(path: string, query: string, headers: Record<string, string>): string {
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const date = headers['x-amz-date'] ?? '';
  const canonical = [
    'GET',
    path.split('/').map(encodeURIComponent).join('/'),
    query,
    ...signed.split(';').map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    signed,
    hash(''),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/eu-west-1/geo-maps/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, hash(canonical)].join('\n');
  const key = ['eu-west-1', 'geo-maps', 'aws4_request'].reduce<Buffer>(
    (before, part) => hmac(before, part),
    hmac(`AWS4${KEY.secretAccessKey}`, date.slice(0, 8)),
  );
  return hmac(key, text).toString('hex');
}

describe('a street map of Amazon Location Service', () => {
  for (const [path, query] of [
    ['/v2/tiles/vector.basemap/12/2179/1421', ''],
    ['/v2/styles/Standard/descriptor', 'color-scheme=Dark'],
    ['/v2/glyphs/Amazon%20Ember%20Bold,Noto%20Sans%20Bold/0-255.pbf', ''],
  ] as const) {
    it(`is asked for with a signature: ${path}`, async () => {
      const { it: with_, sent, body } = connection();
      const part = await loadLocationMap(with_, query === '' ? path : `${path}?${query}`);
      assert.deepEqual(part, { status: 200, body });
      const [request] = sent;
      assert.equal(request?.url, `https://maps.geo.eu-west-1.amazonaws.com${path}${query && `?${query}`}`);
      const headers = request.headers ?? {};
      assert.equal(headers['x-amz-security-token'], KEY.sessionToken);
      assert.ok(
        headers.authorization?.endsWith(`Signature=${signature(path, query, headers)}`),
        headers.authorization,
      );
    });
  }

  it('is no other address of the service, whatever a page asks for', async () => {
    const { it: with_, sent } = connection();
    for (const path of [
      ...['/', '/v2/static/map', '/v2/tiles/../../v1/keys', '/v2/tiles/vector.basemap/1/1/1?key=x'],
      ...[
        '//evil.example/v2/tiles/a/1/1/1',
        '/v2/styles/Standard/descriptor?color-scheme=Light&x=1',
        '@evil/',
      ],
    ]) {
      assert.equal(await loadLocationMap(with_, path), undefined, path);
    }
    assert.deepEqual(sent, []);
  });
});

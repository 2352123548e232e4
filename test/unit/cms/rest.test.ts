import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestHttp } from '../../support/testHttp.ts';
import { createAssetLibrary } from '../../../src/cms/cdf/assetLibrary.ts';
import type { AssetLibrary } from '../../../src/cms/cdf/assetLibrary.ts';
import { lookOrCreate } from '../../../src/cms/cdf/certainty.ts';
import { ensureActivated } from '../../../src/cms/cdf/ensureActivated.ts';
import { createFacade } from '../../../src/cms/cdf/facade.ts';
import { refused } from '../../../src/cms/cdf/replies.ts';
import { createRest } from '../../../src/cms/kit/rest.ts';
import type { Rest } from '../../../src/cms/kit/rest.ts';
import { defaultVehicleDetails } from '../../../src/cms/cdf/vehicleDetails.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { english } from '../../../src/core/wording.ts';
import type { Retrying } from '../../../src/core/retry.ts';
import { startHttpServer } from '../../support/httpServer.ts';
import type { Answer, HttpServer, SeenRequest } from '../../support/httpServer.ts';
import { createFakeClock } from '../core/fakeClock.ts';

const MEDIA = 'application/vnd.aws-cdf-v1.0+json';
const ok = (value: unknown): Answer => ({ body: JSON.stringify(value) });
const group = { name: 'Bob', groupPath: '/auto/users/bob', templateId: 'auto_user', attributes: { a: 1 } };

const DOING = l10n.t('creating it');

describe('the REST APIs of CMS', () => {
  const http = createTestHttp();
  const { signal } = new AbortController();
  let answers: (Answer | ((request: SeenRequest) => Answer))[];
  let server: HttpServer;
  let rest: Rest;
  let library: AssetLibrary;
  let tokens: string[];
  let clock: ReturnType<typeof createFakeClock>;
  let work: Retrying;

  beforeEach(async () => {
    answers = [];
    tokens = ['first', 'second'];
    clock = createFakeClock();
    work = { signal, clock, random: () => 0 };
    server = await startHttpServer((request) => {
      const next = answers.length > 1 ? answers.shift()! : answers[0]!;
      return typeof next === 'function' ? next(request) : next;
    });
    rest = createRest(http, {
      clock,
      random: () => 0,
      service: l10n.t('the asset library'),
      baseUrl: `${server.url}/Prod/`,
      mediaType: MEDIA,
      refused: l10n.verbatim('Ask the owner of the pool.'),
      tokens: {
        idToken: () => Promise.resolve(tokens[0]!),
        renew: () => {
          tokens.shift();
          return Promise.resolve(tokens[0]!);
        },
      },
    });
    library = createAssetLibrary(rest);
  });
  afterEach(() => server.close());
  after(() => http.close());

  const rejectsWith = (work: Promise<unknown>, code: string) =>
    assert.rejects(work, (error: unknown) => error instanceof CmsError && error.code === code);

  it('sends the raw token, the media types and the path encoded once', async () => {
    answers = [{ status: 204 }];
    await library.patchGroup('/auto/suppliers/acme electronics', { externalId: 'x' }, signal);
    const [request] = server.requests;
    assert.equal(request!.url, '/Prod/groups/%2Fauto%2Fsuppliers%2Facme%20electronics');
    assert.equal(request!.headers.authorization, 'first');
    assert.equal(request!.headers.accept, MEDIA);
    assert.equal(request!.headers['content-type'], MEDIA);
    assert.equal(request!.body, '{"attributes":{"externalId":"x"}}');
  });

  it('takes no null for a change, since the asset library would lose what stands after it', async () => {
    answers = [{ status: 204 }];
    // @ts-expect-error The compiler is what keeps a null away from the only PATCH there is.
    await library.patchGroup('/auto/users/bob', { dtc: null }, signal);
    const patches = /method: 'PATCH'/g;
    const sources = await readdir('src/cms/cdf', { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      sources
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    assert.equal(texts.flatMap((text) => text.match(patches) ?? []).length, 1);
  });

  it('reads an empty 404 as nothing there', async () => {
    answers = [{ status: 404 }];
    assert.equal(await library.group('/auto/users/x', signal), undefined);
    assert.equal(await library.device('x', signal), undefined);
  });

  it('renews the token once after a 401', async () => {
    answers = [{ status: 401, body: '{"message":"The incoming token has expired"}' }, ok(group)];
    assert.equal((await library.group('/auto/users/bob', signal))?.name, 'Bob');
    assert.deepEqual(
      server.requests.map((request) => request.headers.authorization),
      ['first', 'second'],
    );
  });

  it('gives up when the new token is refused as well', async () => {
    answers = [{ status: 401, body: '{"message":"Unauthorized"}' }];
    await assert.rejects(
      library.group('/auto/users/bob', signal),
      (error: CmsError) =>
        error.code === 'CMS_UNAUTHORIZED' && english(error.remedy!) === 'Ask the owner of the pool.',
    );
    assert.equal(server.requests.length, 2);
  });

  it('repeats a read after a gateway error, waiting longer each time', async () => {
    answers = [{ status: 504, body: '{"message":"Endpoint request timed out"}' }, { status: 429 }, ok(group)];
    assert.equal((await library.group('/auto/users/bob', signal))?.name, 'Bob');
    assert.equal(server.requests.length, 3);
    assert.deepEqual(clock.slept, [600, 1200]);
  });

  it('gives the last answer when all attempts are used up', async () => {
    answers = [{ status: 503 }];
    await rejectsWith(library.group('/auto/users/bob', signal), 'CMS_UNAVAILABLE');
    assert.equal(server.requests.length, 5);
  });

  it('repeats a read whose connection is lost, and not a call that adds something', async () => {
    await server.close();
    await rejectsWith(library.group('/auto/users/bob', signal), 'ENDPOINT_UNREACHABLE');
    assert.equal(clock.slept.length, 4);
    await rejectsWith(rest.send({ method: 'POST', path: '/x', body: {}, signal }), 'ENDPOINT_UNREACHABLE');
    assert.equal(clock.slept.length, 4);
  });

  it('does not repeat a call that adds something each time', async () => {
    answers = [{ status: 504 }];
    await library.attach('/a', 'owns', '/b', signal);
    assert.equal(server.requests.length, 1);
  });

  it('does not repeat what was refused', async () => {
    answers = [{ status: 500, body: '{"error":"INVALID_PARENT"}' }];
    await rejectsWith(library.group('/auto/users/bob', signal), 'CMS_REQUEST_REFUSED');
    assert.equal(server.requests.length, 1);
  });

  it('stops repeating when cancelled', async () => {
    const control = new AbortController();
    answers = [
      () => {
        setImmediate(() => control.abort());
        return { status: 503 };
      },
    ];
    await rejectsWith(library.group('/auto/users/bob', control.signal), 'CANCELLED');
  });

  it('says that an answer is not understood', async () => {
    for (const body of ['<html>', '{}', '[]', '{"name":1,"groupPath":"/a"}']) {
      answers = [{ body }];
      await rejectsWith(library.group('/auto/users/bob', signal), 'CMS_ANSWER_UNEXPECTED');
    }
  });

  it('tells an open asset library from a closed one, without a token', async () => {
    answers = [ok(group)];
    assert.equal(await library.isOpen(signal), true);
    answers = [{ status: 401 }];
    assert.equal(await library.isOpen(signal), false);
    assert.ok(server.requests.every((request) => request.headers.authorization === undefined));
  });

  it('asks for pages with offset, count and order', async () => {
    answers = [ok({ results: [group], pagination: { offset: 20, count: 10 } })];
    const rows = await library.members('/auto/users', 'auto_user', { offset: 20, count: 10 }, signal);
    assert.equal(rows[0]!.name, 'Bob');
    assert.equal(
      server.requests[0]!.url,
      '/Prod/groups/%2Fauto%2Fusers/members/groups?template=auto_user&offset=20&count=10&sort=name%3Aasc',
    );
  });

  const meanings: [number, string, string, RegExp][] = [
    [500, '{"error":"SUPPLIER_NOT_FOUND"}', 'CMS_REQUEST_REFUSED', /does not know this supplier/],
    [500, '{"error":"TCU_NOT_WHITELISTED"}', 'CMS_REQUEST_REFUSED', /TCU is not registered/],
    [500, '{"error":"USER_NOT_REGISTERED"}', 'CMS_REQUEST_REFUSED', /does not know this user/],
    [400, '{"error":"FAILED_VALIDATION"}', 'CMS_REQUEST_REFUSED', /rejected a value/],
    [500, '{"error":"NO_PROVISIONING_TEMPLATE_CONFIGURED"}', 'CMS_REQUEST_REFUSED', /provisioning template/],
    [400, '{"error":"REGISTRATION_FAILED: x"}', 'CMS_REQUEST_REFUSED', /AWS IoT did not register/],
    [500, '{"error":"TEMPLATE_NOT_FOUND"}', 'CMS_REQUEST_REFUSED', /is missing the groups or templates/],
    [500, '{"error":"MQTT_PUBLISH_FAILED"}', 'CMS_UNAVAILABLE', /service behind CMS/],
    [500, '<html>', 'CMS_UNAVAILABLE', /HTML error page/],
    [403, '{"message":"Missing Authentication Token"}', 'CMS_UNAUTHORIZED', /Missing Authentication Token/],
    [429, '{"message":"Too Many Requests"}', 'AWS_THROTTLED', /429/],
    [
      500,
      '{"Code":"InternalServerError","Message":"An internal server error occurred."}',
      'CMS_UNAVAILABLE',
      /internal/,
    ],
    [418, '', 'CMS_REQUEST_REFUSED', /418/],
  ];
  for (const [status, body, code, words] of meanings) {
    it(`reads ${status} ${body.slice(0, 50)} as ${code}`, () => {
      const json: unknown = body.startsWith('{') ? JSON.parse(body) : undefined;
      const error = refused(rest, { status, ok: false, json, text: body, uncertain: false }, DOING);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.equal(error.details.status, status);
    });
  }

  describe('creating what is not there', () => {
    const create = (look: () => Promise<string | undefined>) =>
      lookOrCreate(work, rest, {
        doing: DOING,
        look,
        create: () => rest.send({ method: 'POST', path: '/x', body: {}, signal }),
      });
    const looks = (...seen: (string | undefined)[]) => {
      return () => Promise.resolve(seen.length > 1 ? seen.shift() : seen[0]);
    };

    it('creates nothing when it is there', async () => {
      assert.deepEqual(await create(looks('it')), { value: 'it', created: false });
      assert.equal(server.requests.length, 0);
    });

    it('reads back what it created', async () => {
      answers = [{ status: 204 }];
      assert.deepEqual(await create(looks(undefined, 'it')), { value: 'it', created: true });
    });

    it('takes what somebody else made in between', async () => {
      answers = [{ status: 409, body: '{"error":"Item already exists"}' }];
      assert.deepEqual(await create(looks(undefined, 'it')), { value: 'it', created: false });
    });

    it('looks instead of repeating when the answer was lost', async () => {
      answers = [{ status: 504 }];
      assert.deepEqual(await create(looks(undefined, 'it')), { value: 'it', created: true });
      assert.equal(server.requests.length, 1);
    });

    it('creates again when nothing is to be seen for as long as the call may still run', async () => {
      answers = [{ status: 504 }, { status: 204 }];
      const looking = looks(undefined, ...Array<undefined>(5).fill(undefined), 'it');
      assert.deepEqual(await create(looking), { value: 'it', created: true });
      assert.deepEqual(clock.slept, [500, 1000, 2000, 4000, 0]);
      assert.equal(server.requests.length, 2);
    });

    it('gives up after three calls of unknown outcome', async () => {
      answers = [{ status: 502 }];
      await rejectsWith(create(looks(undefined)), 'CMS_UNAVAILABLE');
      assert.equal(server.requests.length, 3);
    });

    it('passes a refusal on', async () => {
      answers = [{ status: 400, body: '{"error":"FAILED_VALIDATION"}' }];
      await rejectsWith(create(looks(undefined)), 'CMS_REQUEST_REFUSED');
    });
  });

  it('refuses a model year more than two years from now, before any call', async () => {
    clock.time = Date.UTC(2001, 11, 31);
    const request = (modelYear: number) => ({
      vin: 'LSH14J4C4LA046511',
      supplier: { name: 'Acme', externalId: 'x' },
      softwareVersion: '1',
      vehicle: { ...defaultVehicleDetails, modelYear },
    });
    const activating = ensureActivated(library, createFacade(rest), request(2004), work);
    await assert.rejects(activating, {
      code: 'REQUEST_INVALID',
      message: 'The vehicle’s details are not valid: modelYear: 2003 is the latest CMS accepts.',
    });
    assert.equal(server.requests.length, 0);
  });
});

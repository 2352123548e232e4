import assert from 'node:assert/strict';
import { createTestHttp } from '../../support/testHttp.ts';
import { createFleetManager } from '../../../src/cms/cdf/fleetManager.ts';
import { createRest } from '../../../src/cms/kit/rest.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { startHttpServer } from '../../support/httpServer.ts';
import type { Answer, HttpServer } from '../../support/httpServer.ts';
import { l10n } from '../../../src/core/message.ts';
import { testWork } from '../../support/works.ts';

describe('a vehicle of the fleet manager', () => {
  const http = createTestHttp();
  const { signal } = new AbortController();
  let answer: Answer;
  let server: HttpServer;
  before(async () => {
    server = await startHttpServer(() => answer);
  });
  after(async () => {
    http.close();
    await server.close();
  });
  const vehicle = (vin: string) =>
    createFleetManager(
      createRest(http, {
        ...testWork(),
        service: l10n.t('the fleet manager'),
        baseUrl: server.url,
        mediaType: 'application/json',
        refused: l10n.verbatim('-'),
        tokens: { idToken: () => Promise.resolve('t'), renew: () => Promise.resolve('t') },
      }),
    ).vehicle(vin, signal);

  it('is read with its position the right way round', async () => {
    answer = {
      body: JSON.stringify({
        vin: 'V1',
        make: 'Acme',
        model: 'DN',
        modelYear: 2019,
        color: 'B1B!',
        telemetry: { odometer: 1 },
        devices: [{ swVersion: '1.9.1', deviceId: 'V1' }],
        geoLocation: { heading: 90, coordinates: [-84.39, 33.77] },
        troubleCodes: ['P1734'],
      }),
    };
    assert.deepEqual(await vehicle('V1'), {
      vin: 'V1',
      make: 'Acme',
      model: 'DN',
      modelYear: 2019,
      position: { latitude: 33.77, longitude: -84.39, headingDegrees: 90 },
      troubleCodes: ['P1734'],
      devices: ['V1'],
    });
    assert.equal(server.requests[0]!.url, '/vehicles/V1');
  });

  it('is read without make and model before it is enriched', async () => {
    answer = { body: '{"vin":"V1","make":"","model":"","modelYear":0,"devices":[],"troubleCodes":[]}' };
    assert.deepEqual(await vehicle('V1'), {
      vin: 'V1',
      make: '',
      model: '',
      modelYear: 0,
      position: undefined,
      troubleCodes: [],
      devices: [],
    });
  });

  it('is absent when nothing was heard of it', async () => {
    answer = { status: 404, body: '{"Code":"NotFoundError","Message":"NotFoundError: No Vehicle data"}' };
    assert.equal(await vehicle('V1'), undefined);
  });

  it('cannot be read when one bad message breaks the fleet manager', async () => {
    answer = {
      status: 500,
      body: '{"Code":"InternalServerError","Message":"An internal server error occurred."}',
    };
    await assert.rejects(
      vehicle('V1'),
      (error: unknown) => error instanceof CmsError && error.code === 'CMS_UNAVAILABLE',
    );
  });
});

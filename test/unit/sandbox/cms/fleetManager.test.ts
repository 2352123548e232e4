import assert from 'node:assert/strict';
import {
  activation,
  alert,
  type Body,
  carData,
  createHarness,
  dtc,
  enc,
  everywhere,
  type CmsHarness,
  registration,
  TOKEN,
  trip,
  VIN,
  vehicleGroup,
} from './cmsHarness.ts';

const page = { offset: 0, maxResults: 26 };
const history = { filters: { dates: { start: '', end: '' } }, pagination: { offset: 0, maxResults: 40 } };
const request = (filters: object = {}, rest: object = {}) => ({
  filters: { ...everywhere, ...filters },
  pagination: page,
  clusters: {},
  ...rest,
});
const send = (
  { publish }: CmsHarness,
  message: { VIN: string } & Record<string, unknown>,
  kind = 'cardata',
) => publish(`dt/cvra/${message.VIN}/${kind}`, message);
const internal = { Code: 'InternalServerError', Message: 'An internal server error occurred.' };
const vins = (body: Body): unknown[] => body.vehicles.map(({ vin }) => vin);

/** A message at a place, sent at a second. */
const at = (vin: string, longitude: number, latitude: number, second = 0) => ({
  ...carData(vin),
  SendTimeStamp: `2026-01-05T10:00:${String(second).padStart(2, '0')}Z`,
  GeoLocation: { ...carData().GeoLocation, Longitude: longitude, Latitude: latitude },
});

describe('fleet manager: gateway', () => {
  it('needs an id token, answers preflights without one, and 403 to what has no route', async () => {
    const { call } = createHarness();
    const unauthorized = await call('fleetManager', 'GET', '/vehicles/x', { token: undefined });
    assert.deepEqual([unauthorized.status, unauthorized.json], [401, { message: 'Unauthorized' }]);
    const expired = await call('fleetManager', 'GET', '/vehicles/x', { token: 'expired' });
    assert.deepEqual(expired.json, { message: 'The incoming token has expired' });
    const preflight = await call('fleetManager', 'OPTIONS', '/vehicles/x', { token: undefined });
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers['access-control-allow-origin'], '*');
    for (const path of ['/vehicles', '/vehicles/ota/x/y', '/Config']) {
      const unknown = await call('fleetManager', 'GET', path, { token: TOKEN });
      assert.deepEqual(
        [unknown.status, unknown.json],
        [403, { message: 'Missing Authentication Token' }],
        path,
      );
    }
  });

  it('speaks plain JSON and allows every origin', async () => {
    const { fleet, call } = createHarness();
    const reply = await fleet('/vehicles/none');
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.equal(reply.headers['access-control-allow-origin'], '*');
    const headers = { 'content-type': 'application/vnd.aws-cdf-v1.0+json' };
    assert.equal((await call('fleetManager', 'GET', '/vehicles/none', { headers })).status, 415);
  });

  it('answers 500 without a query string, 400 without filters and 500 to what is no JSON', async () => {
    const { call } = createHarness();
    for (const path of [
      '/vehicles/aggregate',
      '/vehicles/filter',
      '/vehicles/x/trips',
      '/vehicles/x/events',
    ]) {
      const none = await call('fleetManager', 'GET', path);
      assert.deepEqual([none.status, none.json], [500, internal], path);
      const missing = await call('fleetManager', 'GET', `${path}?other=1`);
      assert.deepEqual(
        [missing.status, missing.json],
        [400, { Code: 'BadRequestError', Message: 'BadRequestError: Missing filter parameters' }],
      );
      assert.equal((await call('fleetManager', 'GET', `${path}?filters={`)).status, 500);
    }
  });

  it('unquotes filters a second time', async () => {
    const harness = createHarness();
    send(harness, carData());
    const twice = enc(enc(JSON.stringify(request())));
    const reply = await harness.call('fleetManager', 'GET', `/vehicles/aggregate?filters=${twice}`);
    assert.equal(reply.json.vehicleCount, 1);
  });
});

describe('fleet manager: checks of a request', () => {
  it('refuses unknown and missing keys with 400, in Python’s words', async () => {
    const { fleet } = createHarness();
    const missing = await fleet('/vehicles/aggregate', { ...request(), clusters: undefined });
    assert.equal(missing.status, 400);
    assert.equal(missing.json.Message, "BadRequestError: {'clusters': ['Missing data for required field.']}");
    const unknown = await fleet('/vehicles/filter', { filters: everywhere, colour: 'red' });
    assert.equal(unknown.json.Message, "BadRequestError: {'colour': ['Unknown field.']}");
    const wrong = await fleet('/vehicles/filter', { filters: { ...everywhere, boundaries: [['x']] } });
    assert.equal(
      wrong.json.Message,
      "BadRequestError: {'filters': {'boundaries': {0: {0: ['Not a valid number.']}}}}",
    );
  });

  it('answers 500 when one of the four vehicle lists is missing', async () => {
    const { fleet } = createHarness();
    const reply = await fleet('/vehicles/filter', {
      filters: { ...everywhere, vehicle: { vin: [], make: [], model: [] } },
    });
    assert.deepEqual([reply.status, reply.json], [500, internal]);
  });
});

describe('fleet manager: vehicles', () => {
  it('shows a vehicle with the backend’s conversions', async () => {
    const harness = createHarness();
    send(harness, {
      ...carData(),
      Odometer: { Metres: 67244.4, TripOdometer: 12.5 },
      FuelInfo: { CurrentTripConsumption: 8000, TankCapacity: 55 },
    });
    const { json } = await harness.fleet(`/vehicles/${VIN}`);
    assert.deepEqual(json, {
      vin: VIN,
      make: '',
      model: '',
      modelYear: 0,
      color: '',
      telemetry: {
        odometer: 41783.7,
        fuelLevel: 9.9,
        oilTemp: 198.5,
        currentSpeed: 26.1,
        maxSpeed: 37.3,
        avgSpeed: 24.9,
        tripOdometer: 7.77,
        tripFuel: 2.11,
        tankCapacity: 55,
      },
      devices: [],
      geoLocation: { heading: 90, coordinates: [-84.39609, 33.77521] },
      troubleCodes: [],
    });
  });

  it('is found by its VIN in exactly the case it was sent in', async () => {
    const harness = createHarness();
    send(harness, carData());
    const reply = await harness.fleet(`/vehicles/${VIN.toLowerCase()}`);
    assert.deepEqual(
      [reply.status, reply.json],
      [404, { Code: 'NotFoundError', Message: 'NotFoundError: No Vehicle data' }],
    );
    send(harness, carData(VIN.toLowerCase()));
    assert.equal((await harness.fleet('/vehicles/filter', { filters: everywhere })).json.vehicles.length, 2);
  });

  it('shows the last message that came', async () => {
    const harness = createHarness();
    send(harness, { ...carData(), Fuel: 10 });
    send(harness, { ...carData(), Fuel: 100 });
    const { json } = await harness.fleet(`/vehicles/${VIN}`);
    assert.equal(json.telemetry.fuelLevel, 26.4);
  });

  it('takes the last latitude and longitude anywhere in the message for the map', async () => {
    const harness = createHarness();
    send(harness, { ...carData(), DestinationLatitude: 10, DestinationLongitude: 20 });
    const box = (left: number, bottom: number) =>
      harness.fleet('/vehicles/filter', {
        filters: { ...everywhere, boundaries: [[left, bottom, left + 1, bottom + 1]] },
      });
    assert.equal((await box(19.5, 9.5)).json.vehicles.length, 1);
    assert.equal((await box(-85, 33)).json.vehicles.length, 0);
  });
});

describe('fleet manager: one incomplete message', () => {
  const lists = async ({ fleet }: CmsHarness) => [
    (await fleet('/vehicles/aggregate', request())).status,
    (await fleet('/vehicles/filter', { filters: everywhere })).status,
  ];

  it('breaks the lists for the whole fleet @slow', async () => {
    const breaking: object[] = [
      { Speed: { Average: 40 } },
      { Speed: { Max: 60 } },
      { Fuel: undefined },
      { Odometer: {} },
      { GeoLocation: { Latitude: 1, Longitude: 2, Speed: 3 } },
      { GeoLocation: { Latitude: 1, Longitude: 2, Heading: 3 } },
      { Fuel: '37.5' },
      { Odometer: { Metres: '67244.4' } },
      { OilTemp: '198.5' },
      { OilTemp: undefined },
    ];
    for (const change of breaking) {
      const harness = createHarness();
      send(harness, carData('GOOD'));
      assert.deepEqual(await lists(harness), [200, 200]);
      send(harness, { ...carData('WORSE'), ...change, SendTimeStamp: '2026-01-06T00:00:00Z' });
      assert.deepEqual(await lists(harness), [500, 500], JSON.stringify(change));
      assert.equal((await harness.fleet('/vehicles/GOOD')).status, 200);
      assert.equal((await harness.fleet('/vehicles/WORSE')).status, 500);
      send(harness, carData('WORSE'));
      assert.deepEqual(await lists(harness), [200, 200], 'mended by a complete one');
    }
  });

  it('inherits the oil temperature of the vehicle before it', async () => {
    const harness = createHarness();
    send(harness, { ...carData('OLD'), OilTemp: undefined });
    send(harness, { ...carData('NEW'), OilTemp: 111, SendTimeStamp: '2026-01-06T00:00:00Z' });
    const { json } = await harness.fleet('/vehicles/filter', { filters: everywhere });
    assert.deepEqual(
      json.vehicles.map(({ telemetry }) => telemetry.oilTemp),
      [111, 111],
    );
  });

  it('does not mind a position as text', async () => {
    const harness = createHarness();
    const GeoLocation = { ...carData().GeoLocation, Latitude: '33.5', Longitude: '-84.5' };
    send(harness, { ...carData(), GeoLocation });
    const { json } = await harness.fleet(`/vehicles/${VIN}`);
    assert.deepEqual((json.geoLocation as Body).coordinates, [-84.5, 33.5]);
  });
});

describe('fleet manager: aggregate', () => {
  it('pages by the time sent, sorts each page by VIN downwards and tells the next offset', async () => {
    const harness = createHarness();
    for (const [second, vin] of ['C', 'A', 'D', 'B', 'E'].entries()) send(harness, at(vin, 0, 0, second));
    const get = async (offset: number) => {
      const { json } = await harness.fleet(
        '/vehicles/aggregate',
        request({}, { pagination: { offset, maxResults: 2 } }),
      );
      return [vins(json).join(''), json.offset, json.vehicleCount];
    };
    assert.deepEqual(await get(0), ['EB', 2, 5]);
    assert.deepEqual(await get(2), ['DA', 4, 5]);
    assert.deepEqual(await get(4), ['C', null, 5]);
  });

  it('gives a shorter answer when nothing is found', async () => {
    const { fleet } = createHarness();
    const { json } = await fleet('/vehicles/aggregate', request());
    assert.deepEqual(json, { vehicleCount: 0, vehicles: [], clusters: [], offset: null });
    assert.deepEqual((await fleet('/vehicles/filter', { filters: everywhere })).json, { vehicles: [] });
  });

  it('refuses a window beyond ten thousand, as Elasticsearch does', async () => {
    const { fleet } = createHarness();
    const reply = await fleet(
      '/vehicles/aggregate',
      request({}, { pagination: { offset: 9_990, maxResults: 20 } }),
    );
    assert.deepEqual(
      [reply.status, reply.json],
      [500, { Code: 'ChaliceViewError', Message: 'ChaliceViewError: search_phase_execution_exception' }],
    );
  });

  it('clusters vehicles by tiles, cropped to the box, and names a single one', async () => {
    const harness = createHarness();
    send(harness, at('A', 10.001, 50.001));
    send(harness, at('B', 10.002, 50.002));
    send(harness, at('C', -70, -20));
    const boundaries = [[-180, -85, 180, 85]];
    const { json } = await harness.fleet(
      '/vehicles/aggregate',
      request({ boundaries }, { clusters: { zoom: 3.7 } }),
    );
    assert.deepEqual(
      json.clusters.map(({ properties: { count, vin, key } }) => [count, vin, key]),
      [
        [2, undefined, '10/540/347'],
        [1, 'C', '10/312/570'],
      ],
    );
    const [{ properties, coordinates }] = json.clusters as [Body];
    const [left, bottom, right, top] = properties.bbox as number[];
    assert.deepEqual(coordinates, [(left! + right!) / 2, (bottom! + top!) / 2]);
    assert.ok(left! < 10.001 && right! > 10.002 && bottom! < 50.001 && top! > 50.002);
    const cropped = await harness.fleet(
      '/vehicles/aggregate',
      request({ boundaries: [[10.0005, 50.0005, 10.003, 50.003]] }, { clusters: { zoom: 0 } }),
    );
    assert.deepEqual(cropped.json.clusters[0]?.properties.bbox, [10.0005, 50.0005, 10.003, 50.003]);
  });

  it('makes no clusters without a zoom or without boxes', async () => {
    const harness = createHarness();
    send(harness, carData());
    const clusters = async (...args: [object, object]) =>
      (await harness.fleet('/vehicles/aggregate', request(...args))).json.clusters;
    assert.deepEqual(await clusters({}, { clusters: {} }), []);
    assert.deepEqual(await clusters({ boundaries: [] }, { clusters: { zoom: 3 } }), []);
  });

  it('finds vehicles in any of several boxes, and in one across the date line', async () => {
    const harness = createHarness();
    for (const [vin, longitude] of [
      ['A', 10],
      ['B', 20],
      ['C', 179],
      ['D', -179],
    ] as const) {
      send(harness, at(vin, longitude, 0));
    }
    const inside = async (...boundaries: number[][]) =>
      vins((await harness.fleet('/vehicles/filter', { filters: { ...everywhere, boundaries } })).json).join(
        '',
      );
    assert.equal(await inside([9, -1, 11, 1], [19, -1, 21, 1]), 'BA');
    assert.equal(await inside([178, -1, -178, 1]), 'DC');
    assert.equal(await inside(), 'DCBA');
  });
});

describe('fleet manager: enrichment', () => {
  const delayed = () => createHarness({ eventDelayMs: 3000 });

  it('shows make, model and device once the event was indexed before the telemetry', async () => {
    const harness = delayed();
    await harness.onboard();
    send(harness, carData());
    assert.equal((await harness.fleet(`/vehicles/${VIN}`)).json.make, '', 'too early');
    harness.context.clock.advance(3000);
    assert.equal((await harness.fleet(`/vehicles/${VIN}`)).json.make, '', 'not with telemetry of before');
    send(harness, carData());
    const { json } = await harness.fleet(`/vehicles/${VIN}`);
    assert.deepEqual([json.make, json.model, json.modelYear, json.color], ['Acme', 'DN', 2019, 'B1B!']);
    assert.deepEqual(json.devices, [{ swVersion: '1.9.1', deviceId: VIN }]);
  });

  it('joins on the VIN in exactly the case of the group’s name', async () => {
    const harness = createHarness();
    await harness.onboard();
    send(harness, carData(VIN.toLowerCase()));
    assert.equal((await harness.fleet(`/vehicles/${VIN.toLowerCase()}`)).json.make, '');
  });

  it('misses a vehicle made with attributes or members the event’s schema does not know', async () => {
    const { attributes } = vehicleGroup();
    for (const extra of [{ attributes: { ...attributes, marketCode: 'EUR' } }, { description: 'red' }]) {
      const harness = createHarness();
      assert.equal((await harness.library('POST', '/groups', { ...vehicleGroup(), ...extra })).status, 204);
      send(harness, carData());
      assert.equal((await harness.fleet(`/vehicles/${VIN}`)).json.make, '');
    }
  });

  it('keeps the old text when another attribute is set later', async () => {
    const harness = createHarness();
    await harness.onboard();
    await harness.library('PATCH', `/groups/${enc(`/auto/vehicles/${VIN}`)}`, {
      attributes: { marketCode: 'EUR' },
    });
    send(harness, carData());
    assert.equal((await harness.fleet(`/vehicles/${VIN}`)).json.make, 'Acme');
  });

  it('filters by make, model, year, software and VIN', async () => {
    const harness = createHarness();
    await harness.onboard('V1');
    const second = { vehicle: { ...activation('V2').vehicle, make: 'Zed', modelYear: 2020 } };
    await harness.facade('/suppliers/ext-1/devices/V2/register', registration());
    await harness.facade('/suppliers/ext-1/devices/V2/activate', second);
    for (const vin of ['V1', 'V2', 'V3']) send(harness, carData(vin));
    const found = async (change: object) =>
      vins((await harness.fleet('/vehicles/filter', { filters: { ...everywhere, ...change } })).json).join();
    const vehicle = everywhere.vehicle;
    assert.equal(await found({ vehicle: { ...vehicle, make: ['Acme', 'Zed'] } }), 'V2,V1');
    assert.equal(await found({ vehicle: { ...vehicle, make: ['Acme'], model: ['DN'], year: [2019] } }), 'V1');
    assert.equal(await found({ vehicle: { ...vehicle, year: [2020] } }), 'V2');
    assert.equal(await found({ vehicle: { ...vehicle, vin: ['V3'] } }), 'V3');
    assert.equal(await found({ software: { swVersion: '1.9.1' } }), 'V2,V1');
    assert.equal(await found({ software: { swVersion: '9' } }), '');
  });

  it('never loses what it knows by calls of CMS', async () => {
    const harness = createHarness();
    await harness.onboard();
    send(harness, carData());
    await harness.library('DELETE', `/devices/${VIN}`);
    await harness.library('DELETE', `/groups/${enc(`/auto/vehicles/${VIN}`)}`);
    assert.equal((await harness.fleet(`/vehicles/${VIN}`)).json.make, 'Acme');
    harness.context.store.reset();
    harness.seed();
    assert.equal((await harness.fleet(`/vehicles/${VIN}`)).status, 404);
  });
});

describe('fleet manager: trouble codes and anomalies', () => {
  const codes = async ({ fleet }: CmsHarness) => (await fleet(`/vehicles/${VIN}`)).json.troubleCodes;

  it('shows a trouble code with the next cardata, one at a time', async () => {
    const harness = createHarness();
    await harness.onboard();
    send(harness, carData());
    send(harness, dtc(), 'dtc');
    assert.deepEqual(await codes(harness), []);
    send(harness, carData());
    assert.deepEqual(await codes(harness), ['P1734']);
    send(harness, dtc(VIN.toLowerCase(), 'P0420'), 'dtc');
    send(harness, carData());
    assert.deepEqual(await codes(harness), ['P0420'], 'the VIN’s case does not matter here');
    const { json } = await harness.fleet('/vehicles/filter', {
      filters: { ...everywhere, troubleCodes: ['P0420'] },
    });
    assert.deepEqual(json.filters, { anomalies: [], troubleCodes: [{ id: 'P0420', count: 1 }] });
  });

  it('shows none for a vehicle the asset library never told of', async () => {
    const harness = createHarness();
    send(harness, dtc(), 'dtc');
    send(harness, carData());
    assert.deepEqual(await codes(harness), []);
  });

  it('lists the ten most frequent codes', async () => {
    const harness = createHarness();
    for (let n = 0; n < 11; n++) {
      await harness.library('POST', '/groups', vehicleGroup(`V${n}`));
      send(harness, dtc(`V${n}`, `P${100 + n}`), 'dtc');
      send(harness, carData(`V${n}`));
    }
    const { json } = await harness.fleet('/vehicles/filter', { filters: everywhere });
    assert.equal(((json.filters as Body).troubleCodes as unknown[]).length, 10);
  });

  it('writes a code into the asset library when Changed is true and keys are in Pascal case', async () => {
    const harness = createHarness();
    await harness.onboard();
    const attributes = async () =>
      (await harness.library('GET', `/groups/${enc(`/auto/vehicles/${VIN}`)}`)).json.attributes.dtc;
    send(harness, dtc(), 'dtc');
    assert.equal(await attributes(), undefined, 'text is not true');
    send(harness, { ...dtc(), DTC: { Code: 'P1', Changed: true } }, 'dtc');
    assert.equal(await attributes(), 'P1');
    harness.publish(`dt/cvra/${VIN}/dtc`, { vin: VIN, dtc: { code: 'P2', changed: true } });
    assert.equal(await attributes(), 'P1');
  });

  it('shows the first hot oil after minutes, and no other', async () => {
    const harness = createHarness({ eventDelayMs: 3000 });
    await harness.onboard();
    harness.context.clock.advance(3000);
    const hot = async (): Promise<unknown> => {
      send(harness, carData());
      const { json } = await harness.fleet('/vehicles/filter', { filters: everywhere });
      return (json.filters as Body).anomalies;
    };
    send(harness, { ...carData(), OilTemp: 280 });
    harness.context.clock.advance(60_000);
    assert.deepEqual(await hot(), [], '280 is not too hot');
    send(harness, { ...carData(), OilTemp: 280.1 });
    assert.deepEqual(await hot(), []);
    harness.context.clock.advance(60_000);
    assert.deepEqual(await hot(), [{ id: 'OilTemp', count: 1 }]);
    const byAnomaly = await harness.fleet('/vehicles/filter', {
      filters: { ...everywhere, anomalies: ['OilTemp'] },
    });
    assert.deepEqual(vins(byAnomaly.json), [VIN]);
  });
});

describe('fleet manager: history', () => {
  it('lists trips with the backend’s conversions, last sent first', async () => {
    const harness = createHarness();
    send(harness, trip(), 'trip');
    send(harness, { ...trip(), TripId: 'trip2', SendTimeStamp: '2026-01-06T10:00:00Z' }, 'trip');
    const { json } = await harness.fleet(`/vehicles/${VIN}/trips`, history);
    assert.deepEqual(
      json.trips.map(({ tripId }) => tripId),
      ['trip2', 'trip1'],
    );
    const miles = 8.2 * 0.621371;
    const gallons = 540 * 0.000264;
    assert.deepEqual(json.trips[1], {
      tripId: 'trip1',
      startTime: '2026-01-05T10:00:00.000Z',
      duration: 10,
      fuel: gallons,
      startLocation: [-84.396, 33.775],
      endLocation: [-84.388, 33.749],
      distance: { miles },
      fuelEconomy: { mpg: miles / gallons },
    });
    assert.equal(json.offset, null);
  });

  it('uses dates only when both are given, and pages', async () => {
    const harness = createHarness();
    for (const day of ['05', '06', '07']) {
      send(harness, { ...trip(), TripId: day, SendTimeStamp: `2026-01-${day}T10:00:00Z` }, 'trip');
    }
    const list = async (start: string, end: string, pagination = history.pagination) => {
      const { json } = await harness.fleet(`/vehicles/${VIN}/trips`, {
        filters: { dates: { start, end } },
        pagination,
      });
      return [json.trips.map(({ tripId }) => tripId).join(), json.offset];
    };
    assert.deepEqual(await list('2026-01-06T00:00:00Z', '2026-01-06T23:00:00Z'), ['06', null]);
    assert.deepEqual(await list('2026-01-06T00:00:00Z', ''), ['07,06,05', null]);
    assert.deepEqual(await list('', '', { offset: 0, maxResults: 2 }), ['07,06', 2]);
    assert.deepEqual(await list('', '', { offset: 2, maxResults: 2 }), ['05', null]);
  });

  it('fails for a vehicle whose trip lacks part of its summary', async () => {
    const harness = createHarness();
    const TripSummary = { ...trip().TripSummary, Fuel: undefined };
    send(harness, { ...trip(), TripSummary }, 'trip');
    assert.equal((await harness.fleet(`/vehicles/${VIN}/trips`, history)).status, 500);
    assert.equal((await harness.fleet('/vehicles/other/trips', history)).status, 200);
    assert.equal((await harness.fleet(`/vehicles/${VIN}/trips`, { filters: {} })).status, 500);
  });

  it('lists events as they were sent, keys in lower case', async () => {
    const harness = createHarness();
    send(harness, alert(), 'event');
    const { json } = await harness.fleet(`/vehicles/${VIN}/events`, history);
    assert.deepEqual(json, {
      events: [
        {
          messageId: 'm3#4',
          creationtimestamp: '2026-01-05T10:05:00.000Z',
          alert: { videoevent: alert().Alert.VideoEvent },
        },
      ],
      offset: null,
    });
    send(harness, { ...alert(), MessageId: undefined }, 'event');
    assert.equal((await harness.fleet(`/vehicles/${VIN}/events`, history)).status, 500);
  });

  it('encodes the route of a trip from its start to its summary', async () => {
    const harness = createHarness();
    const points = [
      [-120.2, 38.5],
      [-120.95, 40.7],
      [-120.95, 40.7],
      [0, 0],
      [-126.453, 43.252],
    ] as const;
    for (const [minute, [longitude, latitude]] of [...points.entries()].reverse()) {
      send(harness, {
        ...at(VIN, longitude, latitude),
        CreationTimeStamp: `2026-01-05T10:0${minute}:00Z`,
      });
    }
    send(harness, { ...at(VIN, 1, 1), CreationTimeStamp: '2026-01-05T10:10:01Z' });
    send(harness, { ...at(VIN, 2, 2), TripId: 'other' });
    const before = await harness.fleet('/vehicles/route/trip1');
    assert.equal(before.json.Message, 'NotFoundError: No Trip data to request a Route');
    send(harness, trip(), 'trip');
    assert.deepEqual((await harness.fleet('/vehicles/route/trip1')).json, {
      geometry: '_p~iF~ps|U_ulLnnqC_mqNvxq`@',
    });
    send(harness, { ...trip(), TripId: 'empty' }, 'trip');
    const empty = await harness.fleet('/vehicles/route/empty');
    assert.deepEqual([empty.status, empty.json.Message], [404, 'NotFoundError: No Route data']);
  });
});

describe('fleet manager: config', () => {
  it('gives a parameter that was put, and 404 for any failure', async () => {
    const { call, fleet } = createHarness();
    const put = (body: unknown) => call('fleetManager', 'PUT', '/config', { body });
    const token = { name: 'mapboxToken', description: 'map', value: 'pk.abc' };
    assert.equal((await fleet('/config?parameter=mapboxToken')).status, 404);
    const done = await put(token);
    assert.deepEqual([done.status, done.text], [200, '']);
    assert.deepEqual((await fleet('/config?parameter=mapboxToken')).json, { mapboxToken: 'pk.abc' });
    assert.deepEqual((await fleet('/config')).json, {
      Code: 'NotFoundError',
      Message: 'NotFoundError: No parameter provided',
    });
    for (const bad of [{ ...token, value: '123' }, { name: 'x' }, undefined]) {
      const refused = await put(bad);
      assert.deepEqual([refused.status, refused.json.Message], [404, 'NotFoundError: No config body found']);
    }
  });
});

describe('fleet manager: updates over the air', () => {
  const create = ({ call }: CmsHarness, path: string, body: unknown) =>
    call('fleetManager', 'POST', path, { body });

  it('makes a job for one device, its name in upper case', async () => {
    const harness = createHarness();
    await harness.onboard();
    send(harness, carData());
    const made = await create(harness, `/ota/create/${VIN.toLowerCase()}`, { desiredVersion: '2.0' });
    const jobId = String(made.json.jobId);
    assert.match(jobId, /^cdf-/);
    const devices = (await harness.fleet(`/ota/${jobId}/devices`)).json.executionSummaries as Body[];
    assert.deepEqual(
      devices.map(({ deviceId, vin }) => [deviceId, vin]),
      [[VIN, VIN]],
    );
    const status = await harness.call('fleetManager', 'GET', `/ota/${jobId}/devices/status?filters=${VIN}`);
    assert.equal((status.json[0] as { execution: { status: string } }).execution.status, 'QUEUED');
    const jobs = (await harness.fleet('/ota')).json.jobs as Body[];
    assert.deepEqual(
      jobs.map((job) => job.jobId),
      [jobId],
    );
  });

  it('makes a job for all devices the filters find', async () => {
    const harness = createHarness();
    await harness.onboard('V1');
    await harness.facade('/suppliers/ext-1/devices/V2/register', registration());
    const filters = { software: { swVersion: '1.9.1' } };
    const made = await create(harness, '/ota/create', { desiredVersion: '2.0', filters });
    const devices = (await harness.fleet(`/ota/${String(made.json.jobId)}/devices`)).json
      .executionSummaries as Body[];
    assert.deepEqual(
      devices.map(({ deviceId }) => deviceId),
      ['V1'],
    );
  });

  it('makes an AWS IoT job of the command template, and learns the version when the vehicle has done it', async () => {
    const harness = createHarness();
    await harness.onboard();
    send(harness, carData());
    const made = await create(harness, `/ota/create/${VIN}`, { desiredVersion: '2.0' });
    const jobId = String(made.json.jobId);
    assert.deepEqual(JSON.parse(harness.jobs.find(jobId).document), {
      operation: 'OtaUpdate',
      desiredVersion: '2.0',
      commandId: jobId.replace('cdf-', ''),
    });
    const execution = harness.jobs.execution(jobId, VIN);
    harness.jobs.executions().change(harness.jobs.find(jobId), execution, { status: 'SUCCEEDED' });
    const status = await harness.call('fleetManager', 'GET', `/ota/${jobId}/devices/status?filters=${VIN}`);
    assert.equal((status.json[0] as { execution: { status: string } }).execution.status, 'SUCCEEDED');
    const versions = async () =>
      ((await harness.fleet(`/vehicles/${VIN}`)).json.devices as { swVersion: string }[]).map(
        ({ swVersion }) => swVersion,
      );
    assert.deepEqual(await versions(), ['1.9.1'], 'with the next sample only');
    send(harness, carData());
    assert.deepEqual(await versions(), ['2.0']);
  });

  it('turns every failure of a create call into 404', async () => {
    const harness = createHarness();
    for (const [path, body] of [
      ['/ota/create', { desiredVersion: 5 }],
      ['/ota/create/none', { desiredVersion: '2.0' }],
      ['/ota/create', {}],
    ] as const) {
      const reply = await create(harness, path, body);
      assert.deepEqual([reply.status, reply.json.Code], [404, 'NotFoundError'], JSON.stringify(body));
    }
  });

  it('tells the status of at most twenty devices', async () => {
    const harness = createHarness();
    const ids = Array.from({ length: 21 }, (_, n) => `d${n}`).join();
    const reply = await harness.call('fleetManager', 'GET', `/ota/job/devices/status?filters=${ids}`);
    assert.equal(reply.status, 400);
    assert.equal((await harness.fleet('/ota/job/devices')).status, 500, 'unknown job');
  });
});

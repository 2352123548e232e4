import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { until } from '../../../support/until.ts';
import { createGuidance, type Guidance } from './harness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const VEH = 'VEH-1';

describe('the stream of Guidance for Connected Mobility in the sandbox @slow', () => {
  let guidance: Guidance;
  let admin: string;
  const now = (): number => guidance.clock.now();
  const message = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...{ messageType: 'TELEMETRY', vehicleId: VEH, timestamp: now(), lat: 47.61, lng: -122.33, speed: 31.5 },
    ...{ ignitionOn: true },
    ...more,
  });
  const trips = () => guidance.table('storage-trips').all();
  const telemetry = () => guidance.table('storage-telemetry').partition(VEH);
  async function single(): Promise<Record<string, unknown>> {
    const { status, body } = await guidance.rest('GET', `vehicles/${VEH}`, admin);
    assert.equal(status, 200);
    return body;
  }
  const latest = async () => (await single()).latestTelemetry as Record<string, unknown> | null;
  const seen = async () => (await single()).vehicle as Record<string, unknown>;

  async function setUp(text?: string): Promise<void> {
    guidance = await createGuidance(text);
    admin = await guidance.signIn(['platform-admin']);
    guidance.table('storage-vehicles').put({ vehicleId: VEH, vin: 'VIN1', fleetId: 'FLEET-1' });
  }

  describe('reads', () => {
    before(() => setUp());
    for (const [what, coded] of [
      ['base64 of gzip', (text: string) => gzipSync(text).toString('base64')],
      ['base64', (text: string) => Buffer.from(text).toString('base64')],
      ['plain JSON', (text: string) => text],
    ] as const) {
      it(what, async () => {
        await setUp();
        guidance.publish(coded(JSON.stringify(message({ speed: 1 }))));
        assert.equal((await latest())?.speed, 1);
      });
    }

    it('and drops what has no "vehicleId", or is something else', () => {
      const before = telemetry().length;
      for (const payload of [
        JSON.stringify({ vin: 'VIN1', speed: 1 }),
        'text',
        Buffer.from([0x1f, 0x8b, 0]),
      ]) {
        guidance.publish(payload);
      }
      assert.equal(telemetry().length, before);
      const reasons = guidance.installations.overview().messages.map(({ reason }) => reason);
      assert.equal(reasons.filter((reason) => reason !== undefined).length, 3);
    });
  });

  describe('takes a message', () => {
    beforeEach(() => setUp());

    it('of the last 24 hours, and drops an older one', () => {
      guidance.publish(message({ timestamp: now() - 24 * HOUR - 1 }));
      assert.equal(telemetry().length, 0);
      guidance.publish(message({ timestamp: now() - 24 * HOUR }));
      assert.equal(telemetry().length, 1);
    });

    it('in seconds for one of 1970, and drops it', () => {
      guidance.publish(message({ timestamp: Math.floor(now() / 1000) }));
      assert.equal(telemetry().length, 0);
    });

    it('without a time', () => {
      guidance.publish(message({ timestamp: 'now' }));
      assert.equal(telemetry().length, 1);
    });

    it('by its vehicleId, whatever the topic says', async () => {
      guidance.publish(message(), 'VEH-other');
      assert.equal((await latest())?.vehicleId, VEH);
    });

    it('from the real topic, too, but not from another one or another rule', () => {
      guidance.publish(message(), 'cms/telemetry/VIN1', '');
      guidance.publish(message(), `cms/dev/telemetry/${VEH}/more`, '');
      guidance.publish(message(), VEH, 'cms_dev_cs_product_meridian_ev_rule');
      assert.equal(telemetry().length, 0);
      guidance.publish(message(), `cms/dev/telemetry/${VEH}`, '');
      assert.equal(telemetry().length, 1);
    });

    it('and backs it up as it was sent, once for each rule', () => {
      guidance.publish('{ "vehicleId": "VEH-1" }', `cms/dev/telemetry/${VEH}`, '');
      const bucket = guidance.aws.s3.buckets.find('cms-dev-telemetry-backup-us-west-2-123456789012');
      const keys = bucket.keys('');
      assert.deepEqual(keys, [`raw-telemetry/year=2026/month=10/day=01/hour=08/VIN1-${now()}.json`]);
      const content = Buffer.from(bucket.get(keys[0] ?? '')?.content ?? '', 'base64').toString();
      assert.equal(content, '{"vehicleId":"VEH-1"}');
    });

    it('while its rule is enabled', () => {
      guidance.aws.iot.parts.rules.enable('cms_dev_iot_msk_rule', false);
      guidance.publish(message());
      assert.equal(telemetry().length, 0);
    });
  });

  describe('knows a vehicle', () => {
    beforeEach(() => setUp());

    it('by the fields of the signal catalogue alone', async () => {
      guidance.publish(message({ unheardOf: 1 }));
      const values = await latest();
      assert.equal(values?.speed, 31.5);
      assert.ok(!('unheardOf' in values));
      assert.equal((await seen()).connectionStatus, 'connected');
    });

    it('not at all when the catalogue knows none of its fields', async () => {
      for (const row of guidance.table('signal-catalog').all()) {
        guidance
          .table('signal-catalog')
          .remove({ signal_group: row.signal_group, signal_name: row.signal_name });
      }
      guidance.publish(message());
      assert.equal((await seen()).connectionStatus, 'disconnected');
      assert.deepEqual((await seen()).liveSignals, []);
      // The tables have it all the same.
      assert.equal(telemetry().length, 1);
      assert.equal((await latest())?.timestamp, now());
    });

    it('for five minutes', async () => {
      guidance.publish(message());
      guidance.clock.advance(5 * MINUTE - 1);
      assert.equal((await seen()).connectionStatus, 'connected');
      guidance.clock.advance(1);
      assert.equal((await seen()).connectionStatus, 'disconnected');
      assert.equal((await seen()).enrollmentStatus, 'NOT_ENROLLED');
    });

    it('on the map until its engine is off', async () => {
      guidance.publish(message());
      assert.deepEqual((await seen()).currentLocation, {
        latitude: 47.61,
        longitude: -122.33,
        lastUpdated: now(),
      });
      guidance.publish(message({ ignitionOn: false }));
      assert.equal((await seen()).currentLocation, null);
    });

    it('with unit and age of each signal, as text', async () => {
      guidance.publish(message());
      guidance.clock.advance(2000);
      const signals = (await seen()).liveSignals as Record<string, unknown>[];
      const speed = signals.find(({ name }) => name === 'speed');
      assert.deepEqual([speed?.value, speed?.unit, speed?.ageMs], ['31.5', 'mph', 2000]);
    });
  });

  describe('makes trips', () => {
    beforeEach(() => setUp());

    it('from ignition to ignition', () => {
      const start = now();
      guidance.publish(message({ engineEvent: 'ENGINE_START' }));
      assert.deepEqual([trips()[0]?.status, trips()[0]?.startTime], ['ACTIVE', start]);
      guidance.clock.advance(MINUTE);
      // One thousandth of a degree of latitude is 111.2 m on a sphere of 6,371 km.
      guidance.publish(message({ lat: 47.611, speed: 60 }));
      guidance.clock.advance(MINUTE);
      guidance.publish(message({ lat: 47.611, ignitionOn: false, speed: 0, engineEvent: 'ENGINE_STOP' }));
      const [trip, ...more] = trips();
      assert.equal(more.length, 0);
      assert.deepEqual(
        [trip?.status, trip?.endTime, trip?.durationMs, trip?.maxSpeed, trip?.telemetryCount],
        ['COMPLETED', start + 2 * MINUTE, 2 * MINUTE, 60, 3],
      );
      assert.ok(Math.abs(Number(trip?.totalDistance) - 0.1112) < 0.0005);
      assert.deepEqual(trip?.route, [
        { lat: '47.61', lng: '-122.33' },
        { lat: '47.611', lng: '-122.33' },
      ]);
      assert.match(String(trip.tripId), new RegExp(`^${VEH}-${start}-[0-9a-f]+$`));
      const row = guidance.table('storage-vehicles').get({ vehicleId: VEH });
      assert.deepEqual([row?.activityStatus, row?.connectionStatus], ['idle', 'connected']);
    });

    it('with the id that a message has', () => {
      guidance.publish(message({ tripId: 'T1' }));
      assert.equal(trips()[0]?.tripId, 'T1');
      assert.equal(telemetry()[0]?.tripId, 'T1');
    });

    it('and none from a message that is older than five minutes', () => {
      guidance.publish(message({ timestamp: now() - 5 * MINUTE - 1 }));
      assert.equal(trips().length, 0);
      assert.equal(telemetry().length, 1);
      guidance.publish(message({ timestamp: now() - 5 * MINUTE }));
      assert.equal(trips().length, 1);
    });

    it('and none without ignition', () => {
      guidance.publish(message({ ignitionOn: undefined }));
      guidance.publish(message({ ignitionOn: false }));
      assert.equal(trips().length, 0);
    });

    it('ended by five minutes of silence', async () => {
      guidance.publish(message());
      const last = now();
      guidance.clock.advance(5 * MINUTE);
      await until('the end', () => trips()[0]?.status === 'COMPLETED');
      assert.equal(trips()[0]?.endTime, last);
    });

    it('of half an hour at most: a long drive is several', () => {
      for (let minute = 0; minute <= 30; minute++) {
        guidance.publish(message());
        guidance.clock.advance(MINUTE);
      }
      assert.deepEqual(
        trips()
          .map(({ status }) => status)
          .sort(),
        ['ACTIVE', 'COMPLETED'],
      );
    });

    it('with points of the route ten metres apart, and none without a value', () => {
      guidance.publish(message());
      guidance.publish(message({ lat: 47.61005 }));
      guidance.publish(message({ lat: -999, lng: -999 }));
      guidance.publish(message({ lat: 47.6102 }));
      guidance.publish(message({ ignitionOn: false, lat: 47.6102 }));
      assert.equal((trips()[0]?.route as unknown[]).length, 2);
    });

    it('with the driver of the message, or the one the vehicle is assigned to', () => {
      guidance.table('storage-drivers').put({ driverId: 'DRV-1', name: 'Ada', assignedVehicleId: VEH });
      guidance.publish(message());
      assert.deepEqual([trips()[0]?.driverId, trips()[0]?.driverName], ['DRV-1', 'Ada']);
      guidance.publish(message({ ignitionOn: false }));
      guidance.publish(message({ driverId: 'DRV-2' }));
      const open = trips().find(({ status }) => status === 'ACTIVE');
      assert.equal(open?.driverId, 'DRV-2');
    });

    it('listed in seconds and minutes, and as texts elsewhere', async () => {
      const start = now();
      guidance.publish(message());
      guidance.clock.advance(3 * MINUTE);
      guidance.publish(message({ ignitionOn: false, fuelLevel: 64 }));
      const list = await guidance.rest('GET', `vehicles/${VEH}/trips`, admin);
      const [trip] = list.body.trips as Record<string, unknown>[];
      assert.deepEqual(
        [trip?.startTime, trip?.duration, trip?.fuelConsumption],
        [Math.floor(start / 1000), 3, 64],
      );
      const texts = await guidance.rest('GET', `trips?vehicleId=${VEH}`, admin);
      assert.equal((texts.body.trips as Record<string, unknown>[])[0]?.startTime, String(start));
    });
  });

  describe('finds events', () => {
    beforeEach(() => setUp());
    const events = () => guidance.table('storage-safety-events').all();
    const alerts = () => guidance.table('storage-maintenance-alerts').all();
    const codes = () => guidance.table('storage-dtc-history').partition(VEH);

    it('of safety, once in five minutes each', () => {
      guidance.publish(message({ deceleration: -4 }));
      guidance.publish(message({ deceleration: -5, speed: 81 }));
      assert.deepEqual(
        events()
          .map(({ eventType }) => eventType)
          .sort(),
        ['HARD_BRAKING', 'SPEEDING'],
      );
      guidance.clock.advance(5 * MINUTE);
      guidance.publish(message({ deceleration: -4 }));
      assert.equal(events().filter(({ eventType }) => eventType === 'HARD_BRAKING').length, 2);
    });

    it('beyond a limit, and not at it', () => {
      guidance.publish(message({ speed: 80, batteryVoltage: 11.8, engineTemp: 230 }));
      assert.deepEqual([events(), alerts()], [[], []]);
    });

    it('of maintenance, with a trouble code where the catalogue has one', () => {
      guidance.publish(message({ engineTemp: 240, oilPressure: 12, batteryVoltage: 11 }));
      assert.deepEqual(
        codes()
          .map(({ dtcCode, status, source }) => [dtcCode, status, source])
          .sort(),
        ['P0217', 'P0520', 'P0562'].map((code) => [code, 'ACTIVE', 'flink-maintenance-processor']),
      );
      assert.ok(alerts().every(({ status }) => status === 'OPEN'));
      guidance.clock.advance(6 * MINUTE);
      guidance.publish(message({ engineTemp: 250 }));
      assert.equal(codes().length, 3);
    });

    it('and takes no zero for a low value while the engine is off', () => {
      guidance.publish(message({ ignitionOn: false, oilPressure: 0 }));
      assert.equal(alerts().length, 0);
      guidance.publish(message({ oilPressure: 0 }));
      assert.ok(alerts().length > 0);
    });

    it('of a turbo that an electric vehicle should not speak of', () => {
      guidance.publish(message({ is_ev: true, turbo_boost: 0 }));
      assert.deepEqual(
        alerts().map(({ triggerField }) => triggerField),
        ['turbo_boost'],
      );
    });

    it('only by the catalogue, which is read every five minutes', () => {
      guidance.publish(message());
      guidance.table('event-catalog').put({
        ...{ event_id: 'own', category: 'safety', event_type: 'OWN', json_fields: 'speed' },
        ...{ threshold_operator: '>', threshold_value: 1, severity: 1 },
      });
      guidance.publish(message());
      assert.equal(events().length, 0);
      guidance.clock.advance(5 * MINUTE);
      guidance.publish(message());
      assert.deepEqual(
        events().map(({ eventType, severity }) => [eventType, severity]),
        [['OWN', 'LOW']],
      );
    });
  });

  it('finds no events with an empty event catalogue, and sees nobody with an empty signal catalogue', async () => {
    await setUp('cm-guidance:dev,empty=signals+events');
    guidance.publish(message({ speed: 200 }));
    assert.equal(guidance.table('storage-safety-events').count, 0);
    assert.equal((await seen()).connectionStatus, 'disconnected');
    assert.equal(trips().length, 1);
  });

  it('does nothing before its apps are started, and then reads what came', async () => {
    await setUp('cm-guidance:dev,flink=ready');
    guidance.publish(message());
    assert.equal(telemetry().length, 0);
    const change = guidance.installations.administration['PUT /cm-guidance/*'];
    assert.ok(change !== undefined);
    change({ body: Buffer.from('{"stopped":[]}') } as never, 'dev');
    await until('the message', () => telemetry().length === 1);
  });
});

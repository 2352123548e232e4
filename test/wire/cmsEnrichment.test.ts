import assert from 'node:assert/strict';
import type { Connection } from '../../src/aws/connection.ts';
import type { CdfApi } from '../../src/cms/cdf/api.ts';
import { defaultVehicleDetails } from '../../src/cms/cdf/vehicleDetails.ts';
import { connectTo, newCertificate, signedIn } from '../support/cms.ts';
import { startSandbox } from '../support/sandbox.ts';
import type { SandboxProcess } from '../support/sandbox.ts';
import { until } from '../support/until.ts';

const VIN = 'LSH14J4C4LA046511';
const TCU = { model: 'TCU-1', softwareVersion: '1.9.1' };

describe('details the facade drops', () => {
  const { signal } = new AbortController();
  let sandbox: SandboxProcess;
  let connection: Connection;
  let cms: CdfApi;

  before(async () => {
    sandbox = await startSandbox({ args: ['--event-delay-ms', '50'] });
    connection = await connectTo(sandbox);
    cms = await signedIn(connection, signal);
  });
  after(async () => {
    connection.dispose();
    await sandbox.stop();
  });

  /** One message, by the HTTPS way of AWS IoT (Publish); the sandbox wants it signed, not signed well. */
  async function sendTelemetry(): Promise<void> {
    const time = new Date().toISOString();
    const reply = await fetch(`${sandbox.endpoint}/topics/dt/cvra/${VIN}/cardata?qos=1`, {
      method: 'POST',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/iotdata/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({
        MessageId: `${VIN}-${time}`,
        CreationTimeStamp: time,
        SendTimeStamp: time,
        VIN,
        TripId: 'trip1',
        GeoLocation: { Latitude: 33.77521, Longitude: -84.39609, Altitude: 0, Heading: 90, Speed: 42 },
        Speed: { Max: 60, Average: 40 },
        Odometer: { Metres: 67244.4 },
        Fuel: 37.5,
        OilTemp: 198.5,
      }),
    });
    assert.equal(reply.status, 200);
  }

  /** Telemetry is joined with what is known when it comes in: send until it is known. */
  async function liveWith(make: string) {
    return await until(`the make ${make}`, async () => {
      await sendTelemetry();
      const live = await cms.liveVehicle(VIN, signal);
      return live?.make === make && live;
    });
  }

  it('do not cost the fleet manager the make and model, now or after a change', async () => {
    const { supplier } = await cms.ensureSupplier('GenericSupplierName', signal);
    const certificateId = await newCertificate(connection);
    await cms.ensureDevice({ vin: VIN, supplier, certificateId, ...TCU }, signal);
    const vehicle = { ...defaultVehicleDetails, marketCode: 'EUR', countryCode: 'DE' } as const;
    await cms.ensureActivated({ vin: VIN, supplier, ...TCU, vehicle }, signal);
    const live = await liveWith('Acme');
    assert.deepEqual(
      [live.model, live.modelYear, live.devices, live.position?.latitude],
      ['DN', 2019, [VIN], 33.77521],
    );

    await cms.ensureActivated(
      { vin: VIN, supplier, ...TCU, vehicle: { ...vehicle, countryCode: 'FR' } },
      signal,
    );
    await sendTelemetry();
    assert.equal((await cms.liveVehicle(VIN, signal))?.make, 'Acme');
    assert.equal((await cms.vehicle(VIN, signal))?.attributes.countryCode, 'FR');
  });
});

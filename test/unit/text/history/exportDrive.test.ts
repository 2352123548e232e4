import assert from 'node:assert/strict';
import type { VehicleHistory } from '../../../../src/protocol/driveHistory.ts';
import type { DriveFigures } from '../../../../src/text/driveSummary.ts';
import { exportDrive, exportFormatOf } from '../../../../src/text/history/exportDrive.ts';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';

const START = Date.UTC(2026, 4, 4, 12);
const figures = { vehicles: 1, metres: 1000 } as DriveFigures;

const history = (more: Partial<VehicleHistory> = {}): VehicleHistory => ({
  ...{ id: 'id-a', vin: 'A' },
  times: [START, START + 1000],
  columns: {
    ...{ latitude: [48, 48.001], longitude: [11, 11.001], heading: [0, 45], speed: [0, 10] },
    ...{ odometer: [1500, 1510], fuel: [40, 39.9], ack: [12, 13], 'Oil.Temp': [null, 91.5] },
  },
  codes: [{ time: START, code: 'P0217' }],
  ...more,
});
const drive = (...vehicles: VehicleHistory[]) => ({
  ...{ id: 'run-1', title: 'A · Ring <1>', startedAt: START, figures },
  history: vehicles,
});

describe('An exported drive', () => {
  it('is a CSV table with units in its headings, one row per sample', () => {
    assert.deepEqual(exportDrive(drive(history()), 'csv').split('\r\n'), [
      'time,vin,id,latitude,longitude,heading_deg,speed_kmh,odometer_km,fuel_l,charge_percent,ack_ms,Oil.Temp',
      '2026-05-04T12:00:00.000Z,A,id-a,48,11,0,0,1.5,40,,12,',
      '2026-05-04T12:00:01.000Z,A,id-a,48.001,11.001,45,36,1.51,39.9,,13,91.5',
      '',
    ]);
  });

  it('has no cell that a spreadsheet takes for a formula, or for two', () => {
    const [, row] = exportDrive(drive(history({ vin: '=1+1', id: 'a,"b"' })), 'csv').split('\r\n');
    assert.match(row!, /^[^,]+,'=1\+1,"a,""b""",48,/);
  });

  for (const format of ['gpx', 'geojson'] as const) {
    it(`as ${format} is a route that can be driven again`, async () => {
      const text = exportDrive(drive(history()), format);
      const { routes } = await readRoutes(Buffer.from(text), `drive.${format}`);
      assert.deepEqual(
        routes.map(({ points }) =>
          points.map(({ latitude, longitude, time }) => [latitude, longitude, time]),
        ),
        [
          [
            [48, 11, START],
            [48.001, 11.001, START + 1000],
          ],
        ],
      );
    });
  }

  it('as JSON has the summary, and every column', () => {
    const read = JSON.parse(exportDrive(drive(history()), 'json')) as {
      drive: unknown;
      vehicles: { times: string[]; columns: Record<string, unknown> }[];
    };
    assert.deepEqual(read.drive, figures);
    assert.deepEqual(read.vehicles[0]?.columns['Oil.Temp'], [null, 91.5]);
    assert.equal(read.vehicles[0].times[1], '2026-05-04T12:00:01.000Z');
  });

  it('of a vehicle that was nowhere is a feature without a place', () => {
    const nowhere = history({ times: [], columns: {} });
    const read = JSON.parse(exportDrive(drive(nowhere), 'geojson')) as { features: { geometry: unknown }[] };
    assert.equal(read.features[0]?.geometry, null);
  });

  it('has the format that the ending of its file names', () => {
    assert.equal(exportFormatOf('/tmp/Drive.GPX'), 'gpx');
    assert.equal(exportFormatOf('drive.xlsx'), undefined);
  });
});

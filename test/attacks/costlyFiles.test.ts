import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { cdfFields } from '../../src/cms/cdf/onboarding/fields.ts';
import { isCmsError } from '../../src/core/errors.ts';
import { english } from '../../src/core/wording.ts';
import { manifestProblems } from '../../src/onboarding/manifest.ts';
import { collectRoutes } from '../../src/telemetry/routes/collectRoutes.ts';
import { columnsOf } from '../../src/telemetry/routes/csvColumns.ts';
import { readRoutes, type ReadRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { TrackRows } from '../../src/telemetry/routes/trackRows.ts';
import { WktRows } from '../../src/telemetry/routes/wktRows.ts';

/** An honest file of the same size takes a hundredth of it; most of these never ended, or ended the process. */
const MOST_MS = 30_000;
const TOO_MANY = /there are more than 1000000 points/;
const million = 1_000_000;

describe('Files that are costly to read', () => {
  let begun: number;
  beforeEach(() => (begun = performance.now()));
  afterEach('end soon', () => {
    assert.ok(performance.now() - begun < MOST_MS, `${Math.round(performance.now() - begun)} ms`);
  });

  const route = (text: string, name: string): Promise<ReadRoutes> => readRoutes(Buffer.from(text), name);
  const refused = (reading: Promise<unknown>, sentence: RegExp): Promise<void> =>
    assert.rejects(reading, (error) => {
      assert.ok(isCmsError(error), String(error));
      assert.equal(error.code, 'ROUTE_INVALID');
      assert.match(english(error.sentence), sentence);
      return true;
    });
  const fleet = (text: string): string[] =>
    manifestProblems(text, { fields: cdfFields, format: 'csv', now: Date.UTC(2026, 0, 1) }).map(
      ({ line, message }) => `${line}: ${english(message)}`,
    );

  describe('as a fleet file', () => {
    it('of blank lines', () => {
      assert.match(fleet('\r\n'.repeat(40) + 'x'.repeat(50))[0] ?? '', /^41: There is no field for/);
    });

    it('of blanks inside a cell and inside a name of a column', () => {
      const blanks = ' '.repeat(200_000);
      assert.notEqual(fleet(`vin\na${blanks}b\n`).length, 0);
      assert.notEqual(fleet(`a${blanks}b\nx\n`).length, 0);
    });

    it('of lines that cannot be parsed, more than a call can have arguments', () => {
      const problems = fleet(`vin\n${'a"b\n'.repeat(300_000)}`);
      assert.ok(problems.length < 10_000, `${problems.length}`);
      assert.match(problems.at(-1) ?? '', /The rest was not checked/);
    });

    it('of more columns than there are fields', () => {
      assert.deepEqual(fleet(`${','.repeat(20_000)}\n${'a\n'.repeat(20_000)}`), [
        '1: There are more than 1000 columns.',
      ]);
    });

    it('of more lines than there can be vehicles', () => {
      assert.ok(
        fleet(`vin\n${'a\n'.repeat(600_000)}`).some((it) => it.includes('more than 500000 vehicles')),
      );
    });
  });

  describe('as a route', () => {
    it('of many lines that end as those of DOS do', async () => {
      const text = `ALAT,longitude,latitude\r\n${'\r\n'.repeat(60)}a,11.5,48.1\r\nb,11.6,48.2\r\n`;
      assert.equal((await route(text, 'a.csv')).routes[0]?.points.length, 2);
    });

    it('of an encoded line without an end', async () => {
      const line = '??'.repeat(million + 1);
      await refused(route(JSON.stringify({ routes: [{ geometry: line }] }), 'osrm.json'), TOO_MANY);
      await refused(
        route(
          JSON.stringify({ routes: [{ sections: [{ polyline: 'BF' + 'AA'.repeat(million + 1) }] }] }),
          'a.json',
        ),
        TOO_MANY,
      );
    });

    it('of many encoded lines that are too many together', async () => {
      const polyline = { encodedPolyline: '??'.repeat(million / 4) };
      const routes = Array.from({ length: 5 }, () => ({ polyline }));
      await refused(route(JSON.stringify({ routes }), 'google.json'), TOO_MANY);
    });

    it('of rows that are kept until the last', () => {
      const columns = columnsOf(['vin', 'lat', 'lon']);
      assert.ok(columns);
      const rows = new TrackRows('a.csv', collectRoutes('a.csv'), columns);
      const cells = ['a', '1', '2'];
      assert.throws(() => {
        for (let line = 1; line <= million + 1; line++) rows.add(cells, { line });
      }, /ROUTE_INVALID|more than/);
    });

    it('of shapes that are kept until the last', () => {
      const rows = new WktRows('a.csv', collectRoutes('a.csv'));
      assert.throws(() => {
        for (let line = 1; line <= million + 1; line++)
          rows.add('LINESTRING EMPTY', undefined, undefined, line);
      }, /more than/);
    });

    it('of points in one placemark, packed', async () => {
      const kml = `<kml><Placemark><Point>${'<coordinates/>'.repeat(million + 1)}`;
      await refused(readRoutes(gzipSync(kml, { level: 1 }), 'a.kml.gz'), TOO_MANY);
    });

    it('of JSON lines that are nothing', async () => {
      await refused(route(`{}\n{}${'\n'.repeat(5 * million)}x`, 'a.json'), /not well-formed/);
      await refused(route('1\n'.repeat(million + 1), 'a.json'), TOO_MANY);
    });

    it('of one long text that is no JSON', async () => {
      await refused(route(`{"a":"${'b'.repeat(20 * million)}",c}`, 'a.json'), /not well-formed/);
    });

    it('whose tracks would each be worth a note', async () => {
      const track =
        '<gx:Track><when>2026-01-01T00:00:00Z</when><gx:coord>1 2</gx:coord><gx:coord>2 3</gx:coord></gx:Track>';
      const { notes } = await route(`<kml>${`<Placemark>${track}</Placemark>`.repeat(2000)}</kml>`, 'a.kml');
      assert.ok(notes.length < 20, `${notes.length}`);
      assert.ok(
        notes.some((note) => english(note).includes('differ in 2000 lines, the first in line 1')),
        notes.map(english).join('\n'),
      );
      const line = { type: 'LineString', coordinates: [[1, 2], [2, 3]] }; // prettier-ignore
      const feature = { type: 'Feature', properties: { times: [1] }, geometry: line };
      const features = Array.from({ length: 2000 }, () => feature);
      const json = await route(JSON.stringify({ type: 'FeatureCollection', features }), 'a.geojson');
      assert.ok(json.notes.length < 20, `${json.notes.length}`);
    });

    it('that stands for long, and then jumps', async () => {
      const rows = Array.from({ length: 130_000 }, (_, i) => {
        const at = new Date(Date.UTC(2026, 0, 1) + 5 * i).toISOString();
        return `${at},48,${i < 129_999 ? (11 + 1e-12 * i).toFixed(12) : '10'}`;
      });
      const { routes } = await route(`time,lat,lon\n${rows.join('\n')}\n`, 'a.csv');
      assert.equal(routes.length, 1);
    });

    it('of objects with more keys than a table has columns', async () => {
      const many = (name: string) =>
        Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${name} ${i}`, i]));
      const item = Object.fromEntries(
        Array.from({ length: 150 }, (_, i) => [`lat ${i} lon`, many('lon lat')]),
      );
      const rows = Array.from({ length: 30 }, () => ({ lat: 1, lon: 2, ...item }));
      await refused(route(JSON.stringify({ rows }), 'a.json'), /./);
      const properties = Object.fromEntries(
        Array.from({ length: 100_000 }, (_, i) => [i % 2 ? `lat ${i}` : `lon ${i}`, i]),
      );
      const point = { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [1, 2] } };
      await refused(
        route(JSON.stringify({ type: 'FeatureCollection', features: [point, point] }), 'b.geojson'),
        /./,
      );
    });

    it('of a header of latitudes and longitudes', () => {
      const header = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? `a${i} lat` : `b${i} lon`));
      assert.ok(columnsOf(header));
    });

    it('of a sentence of a receiver on a long line', async () => {
      const sentence = (east: number): string => {
        const fields = `GPRMC,123519,A,4807.038,N,${String(1131 + east).padStart(5, '0')}.000,E,022.4,084.4,230394,003.1,W`;
        const sum = Buffer.from(fields).reduce((all, byte) => all ^ byte, 0);
        return `$${fields}*${sum.toString(16).padStart(2, '0')}`;
      };
      const lines = Array.from({ length: 400 }, (_, i) => `cost $1 ${'x'.repeat(60_000)}${sentence(i % 2)}`);
      const { routes, notes } = await route(['$GPGSV,1,1,00*79', ...lines, ''].join('\n'), 'a.nmea');
      assert.equal(routes[0]?.points.length, 400);
      assert.doesNotMatch(notes.map(english).join(), /checksums/);
    });
  });
});

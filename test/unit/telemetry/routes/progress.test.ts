import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';
import { gpx, kmlLine, WRITERS, zip } from './files.ts';

const point = (i: number) => ({ latitude: 48 + i * 1e-5, longitude: 11 + i * 1e-5 });
// Blanks make it large, so that the test is not slow.
const padding = ' '.repeat(2000);
const lines = Array.from({ length: 5000 }, (_, i) => point(i));
const track = gpx(
  lines.map((it) => `<trkpt lat="${it.latitude}" lon="${it.longitude}"/>${padding}`).join('\n'),
);
const FILES: readonly (readonly [name: string, content: string | Buffer])[] = [
  ['big.csv', `lat,lon,note\n${lines.map((it) => `${it.latitude},${it.longitude},x${padding}`).join('\n')}`],
  ['big.gpx', track],
  ['big.geojson', WRITERS['route.geojson'](lines).replaceAll('],[', `],${padding}[`)],
  ['big.gpx.gz', gzipSync(track)],
  ['big.zip', zip([['big.gpx', track]])],
];
/** A clock on which every look takes so long, in milliseconds. */
const clockOf = (step: number) => {
  let now = 0;
  return { now: () => (now += step) };
};

describe('a route file that takes longer than a second @slow', () => {
  for (const [name, content] of FILES) {
    it(`is read with a word for each tenth: ${name}`, async () => {
      const said: number[] = [];
      const { routes } = await readRoutes(Buffer.from(content), name, {
        progress: (percent) => said.push(percent),
        clock: clockOf(1000),
      });
      assert.equal(routes[0]!.points.length, 5000);
      assert.deepEqual(said, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    });

    it(`can be given up: ${name}`, async () => {
      const abort = new AbortController();
      const said: number[] = [];
      await assert.rejects(
        readRoutes(Buffer.from(content), name, {
          signal: abort.signal,
          clock: clockOf(1000),
          progress(percent) {
            said.push(percent);
            if (percent === 30) abort.abort();
          },
        }),
        { code: 'CANCELLED' },
      );
      assert.deepEqual(said, [10, 20, 30]);
    });
  }

  it('is read without a word as long as the second is not over', async () => {
    const said: unknown[] = [];
    for (const [name, content] of FILES) {
      const progress = (percent: number) => said.push(percent);
      await readRoutes(Buffer.from(content), name, { progress, clock: clockOf(0) });
    }
    assert.deepEqual(said, []);
  });
});

describe('a route whose bytes are all taken @slow', () => {
  const many = Array.from({ length: 30_000 }, (_, i) => point(i));
  for (const [name, text] of [
    ['one.kml', kmlLine(many.map((it) => `${it.longitude},${it.latitude}`).join(' '))],
    ['one.csv', WRITERS['route.csv'](many)],
    ['one.geojson', WRITERS['route.geojson'](many)],
  ] as const) {
    it(`can still be given up: ${name}`, async () => {
      const abort = new AbortController();
      const reading = readRoutes(Buffer.from(text), name, {
        signal: abort.signal,
        clock: clockOf(1000),
        // What follows comes in turns of its own.
        progress(percent) {
          if (percent === 100) setImmediate(() => abort.abort());
        },
      });
      await assert.rejects(reading, { code: 'CANCELLED' });
    });
  }
});

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collectRoutes } from '../../../../src/telemetry/routes/collectRoutes.ts';
import type { Collector } from '../../../../src/telemetry/routes/collector.ts';
import { CoordinatesText } from '../../../../src/telemetry/routes/coordinatesText.ts';
import { gpx, kmlLine, pointsIn, read } from './files.ts';

const POINTS = 100_000;

/** How often others had a turn while something was done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let done = false;
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  setImmediate(count);
  await work();
  done = true;
  return turns;
}

describe('a long route @slow', () => {
  const numbers = Array.from({ length: POINTS }, (_, i) => i);
  const longitude = (i: number) => (i / 1000).toFixed(4);
  const lines = (text: (i: number) => string, between = '\n') => numbers.map(text).join(between);
  // A turn every 64 KB of text, and every 10,000 points: when they are read apart from it, and when they are tidied.
  const files: Record<string, { text: () => string; least: number }> = {
    'header.csv': { text: () => `lon,lat\n${lines((i) => `${longitude(i)},48`)}`, least: 25 },
    'line.csv': { text: () => lines((i) => `${longitude(i)},48,0`, ' '), least: 28 },
    'shapes.csv': {
      text: () => `WKT,name\n"LINESTRING (${lines((i) => `${longitude(i)} 48`, ', ')})",Far\n`,
      least: 36,
    },
    'line.kml': { text: () => kmlLine(lines((i) => `${longitude(i)},48,0`, ' ')), least: 28 },
    'track.gpx': { text: () => gpx(lines((i) => `<trkpt lat="48" lon="${longitude(i)}"/>`)), least: 55 },
    'line.geojson': {
      text: () => `{"type":"LineString","coordinates":[${lines((i) => `[${longitude(i)},48]`, ',')}]}`,
      least: 37,
    },
    'features.geojson': {
      text: () =>
        `{"type":"GeometryCollection","geometries":[${Array.from(
          { length: 20_000 },
          (_, i) => `{"type":"LineString","coordinates":[[${i % 180},1],[${i % 180},2]]}`,
        ).join(',')}]}`,
      least: 26,
    },
  };

  for (const [name, { text, least }] of Object.entries(files)) {
    it(`lets others have their turns while it is read: ${name}`, async () => {
      const bytes = Buffer.from(text());
      const turns = await turnsDuring(() => read(bytes, name));
      assert.ok(turns >= least, `${turns} turns, at least ${least}`);
    });
  }

  it('lets others have their turns while swapped columns are turned round', async () => {
    const [once, twice] = [`lat,lon`, `lon,lat`].map((header) =>
      Buffer.from(`${header}\n${lines((i) => `48,${(100 + i / 1e5).toFixed(5)}`)}`),
    );
    const plain = await turnsDuring(() => read(once!, 'a.csv'));
    const swapped = await turnsDuring(() => read(twice!, 'a.csv'));
    assert.ok(swapped >= plain + 9, `${swapped} turns, without swapping ${plain}`);
  });
});

describe('coordinates as text', () => {
  /** What comes of pieces: points with their places in the file, or the mistake. */
  function readPieces(pieces: readonly string[]): unknown[] {
    const found: unknown[] = [];
    const collector: Collector = { ...collectRoutes('a.kml'), add: (...point) => found.push(point) > 0 };
    const text = new CoordinatesText({ file: 'a.kml', line: 3, element: 'coordinates' }, collector);
    try {
      for (const piece of pieces) text.add(piece);
      text.end();
    } catch (error) {
      found.push((error as Error).message);
    }
    return found;
  }

  it('are the same whatever the pieces they come in', () => {
    const tuple = fc.tuple(
      fc.constantFrom('1', '-2.5', '11.58'),
      fc.constantFrom(',', ' ,', ', ', ' ,\n '),
      fc.constantFrom('3', '48.1'),
      fc.constantFrom('', ',7', ' , 7'),
    );
    const text = fc
      .array(
        fc.oneof(
          { weight: 20, arbitrary: tuple.map((parts) => parts.join('')) },
          fc.constantFrom('x', '5', ','),
        ),
      )
      .chain((tuples) =>
        fc
          .array(fc.constantFrom(' ', '\n', '\r\n', '\n\n  '), {
            minLength: tuples.length,
            maxLength: tuples.length,
          })
          .map((blanks) => tuples.map((one, i) => `${one}${blanks[i]}`).join('')),
      );
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 200 })), (whole, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end));
        assert.equal(pieces.join(''), whole);
        assert.deepEqual(readPieces(pieces), readPieces([whole]));
      }),
      { numRuns: 500 },
    );
  });

  it('are read when their text is longer than what comes at once @slow', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `${(i / 1000).toFixed(6)}, 48.123456 ,0`).join(' ');
    assert.equal((await pointsIn(kmlLine(text), 'a.kml')).length, 20_000);
  });
});

import assert from 'node:assert/strict';
import { english } from '../../../../src/core/wording.ts';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';
import { gpx, WRITERS } from './files.ts';

const point = (i: number) => ({ latitude: 48 + i * 1e-5, longitude: 11 + i * 1e-5 });

describe('a large route file @slow', () => {
  // Blanks make it large, so that the test is not slow.
  const padding = ' '.repeat(2000);
  const lines = Array.from({ length: 5000 }, (_, i) => point(i));
  for (const [name, text] of [
    [
      'big.csv',
      `lat,lon,note\n${lines.map((it) => `${it.latitude},${it.longitude},x${padding}`).join('\n')}`,
    ],
    [
      'big.gpx',
      gpx(lines.map((it) => `<trkpt lat="${it.latitude}" lon="${it.longitude}"/>${padding}`).join('\n')),
    ],
    ['big.geojson', WRITERS['route.geojson'](lines).replaceAll('],[', `],${padding}[`)],
  ] as const) {
    it(`is read with a word for each tenth: ${name}`, async () => {
      const said: string[] = [];
      const { routes } = await readRoutes(Buffer.from(text), name, {
        progress: (it) => said.push(english(it)),
      });
      assert.equal(routes[0]!.points.length, 5000);
      assert.deepEqual(
        said,
        Array.from({ length: 10 }, (_, i) => `Reading ${name}: ${(i + 1) * 10} %`),
      );
    });
  }

  it('of ordinary size is read without a word', async () => {
    const said: unknown[] = [];
    await readRoutes(Buffer.from(WRITERS['route.csv'](lines)), 'a.csv', { progress: (it) => said.push(it) });
    assert.deepEqual(said, []);
  });
});

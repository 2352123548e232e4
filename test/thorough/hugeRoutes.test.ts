import assert from 'node:assert/strict';
import { drive, samplesOf, stepsOf } from '../unit/telemetry/drive/drives.ts';
import { kmlLine, read, zip } from '../unit/telemetry/routes/files.ts';

describe('a hostile route file', () => {
  it('is refused when it has more points than anyone drives', async () => {
    const many = 1_000_001;
    for (const [text, name] of [
      ['1,2\n3,4\n'.repeat(many / 2 + 1), 'many.csv'],
      [kmlLine('1,2 3,4 '.repeat(many / 2 + 1)), 'many.kml'],
      [`{"type":"LineString","coordinates":[${'[1,2],[3,4],'.repeat(many / 2 + 1)}[5,6]]}`, 'many.geojson'],
      [`{"type":"LineString","coordinates":[${'[],'.repeat(2 * many)}[5,6]]}`, 'lists.geojson'],
      [`{"type":"LineString","coordinates":[${'1,'.repeat(9 * many)}[5,6]]}`, 'ones.geojson'],
    ] as const) {
      await assert.rejects(
        read(text, name),
        { code: 'ROUTE_INVALID', message: /more than 1000000 points/ },
        name,
      );
    }
  }).timeout(120_000);

  it('is refused when an archive unpacks to more than it may, whatever it claims', async () => {
    const zeros = Buffer.alloc(257 * 2 ** 20, 0x20);
    for (const archive of [zip([['doc.kml', zeros]]), zip([['doc.kml', zeros, 1000]])]) {
      assert.ok(archive.length < 2 ** 20);
      await assert.rejects(read(archive, 'bomb.kmz'), { code: 'ROUTE_INVALID' });
    }
  }).timeout(60_000);
});

describe('a drive along a million points', () => {
  it('starts, jumps and ends as any other', () => {
    const points = Array.from({ length: 1_000_000 }, (_, index) => ({
      latitude: 33 + Math.sin(index / 3000) / 5,
      longitude: -84 + index * 3e-5,
    }));
    const one = drive({ route: { name: 'far', points }, end: 'ping-pong' });
    assert.ok(one.length > 3_000_000);
    assert.equal(samplesOf(stepsOf(one, 100)).at(-1)!.index, 98);
    one.jumpTo(0.999_99);
    const steps = stepsOf(one, 100);
    assert.ok(steps.some(({ kind }) => kind === 'trip-end'));
    assert.equal(steps.at(-1)!.kind, 'sample');
  }).timeout(60_000);
});

describe('a route of a million points', () => {
  it('is read whole', async () => {
    const lines = Array.from(
      { length: 1_000_000 },
      (_, i) => `${(i % 1000) / 10 + 0.05},${(i % 777) / 10 + 0.05}`,
    );
    const { routes } = await read(`longitude,latitude\n${lines.join('\n')}\n`, 'long.csv');
    assert.equal(routes[0]?.points.length, 1_000_000);
  }).timeout(120_000);
});

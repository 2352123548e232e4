import assert from 'node:assert/strict';
import { drawnRouteText, isDrawnRouteName } from '../../../../src/editor/map/drawnRoute.ts';
import { readRoutes } from '../../../../src/telemetry/routes/readRoutes.ts';

const POINTS = [
  [11.5761234, 48.1371234],
  [11.6, 48.2],
  [-0.0000004, -33.5],
] as const;

describe('the file of a drawn route', () => {
  for (const name of ['routes/Isar & <Au>.geojson', 'Isar & <Au>.gpx']) {
    it(`is read as what was drawn: ${name}`, async () => {
      const { routes } = await readRoutes(Buffer.from(drawnRouteText(name, POINTS)), name);
      assert.deepEqual(
        routes.map((route) => route.name),
        ['Isar & <Au>'],
      );
      const points = routes[0]?.points ?? [];
      assert.equal(points.length, POINTS.length);
      points.forEach(({ longitude, latitude }, i) => {
        // A millionth of a degree is a tenth of a meter.
        assert.ok(Math.abs(longitude - (POINTS[i]?.[0] ?? NaN)) < 1e-6);
        assert.ok(Math.abs(latitude - (POINTS[i]?.[1] ?? NaN)) < 1e-6);
      });
    });
  }

  it('is in the folder, whatever is typed', () => {
    for (const name of ['a.geojson', 'routes/a b.gpx', 'Straße.GPX']) assert.ok(isDrawnRouteName(name), name);
    for (const name of [
      ...['', '.geojson/', 'a.json', 'a', '../a.gpx', 'a/../b.gpx', '/a.gpx', 'a//b.gpx', './a.gpx'],
      ...['C:\\a.gpx', 'a\\b.gpx', 'a\n.gpx', ' a.gpx', 'a?.gpx'],
    ]) {
      assert.ok(!isDrawnRouteName(name), JSON.stringify(name));
    }
  });
});

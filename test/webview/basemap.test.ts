import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { MapPage } from './mapPage.ts';
import { frame, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

/** Around the Lake of Constance, where three countries meet. */
const CONSTANCE = { longitude: 9.5, latitude: 47.55, zoom: 8 };

describe('the world below', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  before(async () => {
    map = await pages.open({ theme: 'dark', state: { camera: CONSTANCE } });
    // Far away, for a map without vehicles has a text in its middle.
    await map.tell(scene(), frame([vehicle('FAR', -150, -30)], { reset: true }));
    await map.shows({ drawn: '1' });
    await map.showsColor(LAND);
  });

  /** The dark theme's background with so much of its text or, for water, of its blue. */
  const [LAND, LAKE, BORDER] = ['#303030', '#21272f', '#727272'] as const;

  /** Of a square around a place, the pixels of a colour. */
  async function around([longitude, latitude]: readonly [number, number], color: string, side = 12) {
    const { x, y } = await map.pixelOf(longitude, latitude);
    return map.pixels(color, { x: x - side / 2, y: y - side / 2, width: side, height: side });
  }

  async function atLeast(least: number, what: string, count: () => Promise<number>): Promise<void> {
    let last = 0;
    await until(`${least} pixels of ${what}`, async () => (last = await count()) >= least, {
      seen: () => last,
    });
    assert.ok(last >= least);
  }

  it('has lakes', () => atLeast(144, 'a lake', () => around([9.42, 47.63], LAKE)));

  it('has the borders of countries', () => atLeast(3, 'a border', () => around([10.063, 47.457], BORDER)));

  // Letters are thin and have many greys: what counts is that they are on the land.
  it('has cities with their names', () =>
    atLeast(150, 'a name', async () => 70 * 70 - (await around([9.217, 47.567], LAND, 70))));

  it('has a scale that fits the zoom', async () => {
    const scale = map.page.locator('.maplibregl-ctrl-scale');
    assert.equal(await scale.isVisible(), true);
    assert.match(await scale.innerText(), /^20\skm$/);
    await map.page.getByRole('button', { name: 'Zoom In' }).click();
    await map.page.getByText('10 km', { exact: true }).waitFor();
  });
});

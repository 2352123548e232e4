import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, MapPage, MapServer } from './mapPage.ts';
import { frame, scene, vehicle } from './scenes.ts';

/** Around the Lake of Constance, where three countries meet. */
const CONSTANCE = { longitude: 9.5, latitude: 47.55, zoom: 8 };

describe('the world below', () => {
  let browser: Browser;
  let server: MapServer;
  let map: MapPage;

  before(async () => {
    [browser, server] = await Promise.all([launchBrowser(), MapServer.start()]);
    map = await MapPage.open(browser, server, { theme: 'dark', state: { camera: CONSTANCE } });
    // Far away, for a map without vehicles has a text in its middle.
    await map.tell(scene(), frame([vehicle('FAR', -150, -30)], { reset: true }));
    await map.shows({ drawn: '1' });
    await map.showsColor(LAND);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  /** The dark theme's background with so much of its text or, for water, of its blue. */
  const [LAND, LAKE, BORDER] = ['#303030', '#21272f', '#727272'] as const;

  /** Of a square around a place, the pixels of a colour. */
  async function around([longitude, latitude]: readonly [number, number], color: string, side = 12) {
    const { x, y } = await map.pixelOf(longitude, latitude);
    return map.pixels(color, { x: x - side / 2, y: y - side / 2, width: side, height: side });
  }

  async function waitFor(count: () => Promise<number>, least: number): Promise<void> {
    let last = 0;
    for (let i = 0; i < 100; i++) if ((last = await count()) >= least) return;
    assert.fail(`${last} pixels, not ${least}`);
  }

  it('has lakes', () => waitFor(() => around([9.42, 47.63], LAKE), 144));

  it('has the borders of countries', () => waitFor(() => around([10.063, 47.457], BORDER), 3));

  // Letters are thin and have many greys: what counts is that they are on the land.
  it('has cities with their names', () =>
    waitFor(async () => 70 * 70 - (await around([9.217, 47.567], LAND, 70)), 150));

  it('has a scale that fits the zoom', async () => {
    const scale = map.page.locator('.maplibregl-ctrl-scale');
    assert.equal(await scale.isVisible(), true);
    assert.match(await scale.innerText(), /^20\skm$/);
    await map.page.getByRole('button', { name: 'Zoom In' }).click();
    await map.page.getByText('10 km', { exact: true }).waitFor();
  });
});

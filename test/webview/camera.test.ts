import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { MapPage } from './mapPage.ts';
import { frame, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const MUNICH = [11.58, 48.14] as const;
const PARIS = [2.35, 48.86] as const;
/** In the middle of an ocean, far from both. */
const ELSEWHERE = { longitude: -150, latitude: -30, zoom: 9 };
const FRAME_MS = 20;

describe('the camera', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  /** Both vehicles, and a map that rests elsewhere. */
  async function open(options: Parameters<typeof MapPage.open>[2] = {}): Promise<void> {
    map = await pages.open({ ...options, state: { camera: ELSEWHERE } });
    await map.tell(
      scene(),
      frame([vehicle('MUNICH', ...MUNICH), vehicle('PARIS', ...PARIS)], { reset: true }),
    );
    await map.shows({ drawn: '2' });
    await map.page.locator('#fit:enabled').waitFor();
  }

  it('shows all vehicles with Fit All, as near as they allow', async () => {
    await open();
    await map.page.locator('.in-view', { hasText: '0 of 2 in view' }).waitFor();
    await map.page.click('#fit');
    await map.page.locator('.in-view', { hasText: '2 of 2 in view' }).waitFor();
    const box = await map.mapClip();
    const [munich, paris] = [await map.pixelOf(...MUNICH), await map.pixelOf(...PARIS)];
    for (const { x, y } of [munich, paris]) {
      assert.ok(x > box.x + 20 && x < box.x + box.width - 20, `${x} of ${box.width}`);
      assert.ok(y > box.y + 20 && y < box.y + box.height - 20, `${y} of ${box.height}`);
    }
    assert.ok(munich.x - paris.x > box.width / 2, 'they could be nearer');
  });

  it('keeps showing all of them when the map gets smaller, until somebody moves it', async () => {
    await open();
    await map.page.click('#fit');
    await map.page.locator('.in-view', { hasText: '2 of 2 in view' }).waitFor();
    const far = await map.camera();
    const size = map.page.viewportSize() ?? { width: 1000, height: 700 };
    await map.page.setViewportSize({ width: Math.round(size.width / 2), height: size.height });
    await until('a smaller scale', async () => (await map.camera()).zoom < far.zoom - 0.5);
    await map.page.locator('.in-view', { hasText: '2 of 2 in view' }).waitFor();
    await map.page.getByRole('button', { name: 'Zoom In' }).click();
    await until('a larger scale', async () => (await map.camera()).zoom > far.zoom - 0.5);
    const near = await map.camera();
    await map.page.setViewportSize(size);
    await until('a wider map', async () => (await map.mapClip()).width > size.width / 2);
    assert.ok(Math.abs((await map.camera()).zoom - near.zoom) < 0.01);
  });

  /** Whether the map is where it goes before a second frame is drawn. */
  async function isThereInOneFrame(): Promise<boolean> {
    await map.page.clock.pauseAt(Date.now() + 60_000);
    const before = await map.camera();
    await map.page.evaluate("document.getElementById('fit').click()");
    await map.page.clock.runFor(FRAME_MS);
    const soon = await map.camera();
    await map.page.clock.runFor(1000);
    const after = await map.camera();
    assert.notDeepEqual(after, before, 'it never went there');
    return Math.abs(soon.longitude - after.longitude) < 1e-6 && Math.abs(soon.zoom - after.zoom) < 1e-6;
  }

  it('moves smoothly', async () => {
    await open({ clock: true, reducedMotion: false });
    assert.equal(await isThereInOneFrame(), false);
  });

  it('is there at once when the system asks for less movement', async () => {
    await open({ clock: true, reducedMotion: true });
    assert.equal(await isThereInOneFrame(), true);
  });

  it('is there at once when the editor asks for less movement', async () => {
    await open({ clock: true, reducedMotion: false });
    await map.page.evaluate("document.body.classList.add('vscode-reduce-motion')");
    assert.equal(await isThereInOneFrame(), true);
  });
});

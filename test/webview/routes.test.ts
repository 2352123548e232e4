import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import { mapRequestSchema, type MapScene } from '../../src/protocol/map.ts';
import type { MapPage } from './mapPage.ts';
import { cityRoute, frame, scene } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const MUNICH = { longitude: 11.58, latitude: 48.14, zoom: 11 };
const route: Partial<MapScene> = { source: 'route', steers: [], acts: [] };

describe('a route on the map', function () {
  const pages = useMapPage(this);
  let map: MapPage;
  const button = (name: string) => map.page.getByRole('button', { name, exact: true });
  const figures = () => map.text('#route-bar .figures');
  const says = (text: string) => map.page.locator('#route-bar .figures', { hasText: text }).waitFor();
  const click = async ([x, y]: readonly [number, number]): Promise<void> => {
    const at = await map.pixelOf(x, y);
    await map.page.mouse.click(at.x, at.y);
  };
  async function saved(): Promise<(readonly [number, number])[]> {
    await map.forgetSent();
    await button('Save Route…').click();
    const request = mapRequestSchema.parse(await map.request('save-route'));
    return request.kind === 'save-route' ? request.points : [];
  }
  const isNear = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
    a?.every((value, i) => Math.abs(value - (b[i] ?? NaN)) < 0.002) ?? false;

  it('says how long it is, follows its file, and is driven from here', async () => {
    map = await pages.open();
    const measured = { ...cityRoute, length: 14_200, duration: 1_080_000 };
    await map.tell(scene({ ...route, routes: [measured] }), frame([], { reset: true }));
    await says('14.2 km · 18 min');
    await button('Simulate…').click();
    assert.deepEqual(await map.request('simulate'), { kind: 'simulate' });
    const note = 'The file is no route at the moment.';
    await map.tell(scene({ ...route, routes: [{ ...measured, length: 20_000, duration: 5_400_000 }], note }));
    await says('20.0 km · 1 h 30 min');
    await map.page.locator('#notes', { hasText: note }).waitFor();
    await map.tell(scene({ ...route, routes: [measured] }));
    await map.page.locator('#notes', { hasText: note }).waitFor({ state: 'detached' });
  });

  it('is drawn by clicks, moved, shortened and taken back, and survives a reload', async () => {
    map = await pages.open({ state: { camera: MUNICH } });
    await map.tell(scene({ ...route, title: 'New Route' }), frame([], { reset: true }));
    await says('0 points');
    assert.equal(await button('Save Route…').isDisabled(), true);
    const [a, b, c] = [
      [11.5, 48.1],
      [11.58, 48.16],
      [11.66, 48.1],
    ] as const;
    for (const point of [a, b, c]) await click(point);
    await says('3 points');
    assert.match(await figures(), /^3 points · 1\d\.\d km$/);

    // On the line, between the first two.
    await click([11.54, 48.13]);
    await says('4 points');
    const [from, to] = [await map.pixelOf(...b), await map.pixelOf(11.6, 48.18)];
    await map.page.mouse.move(from.x, from.y);
    await map.page.mouse.down();
    await map.page.mouse.move(to.x, to.y, { steps: 4 });
    await map.page.mouse.up();
    const moved = await saved();
    assert.equal(moved.length, 4);
    assert.ok(isNear(moved[0], a) && isNear(moved[1], [11.54, 48.13]) && isNear(moved[3], c));
    assert.ok(isNear(moved[2], [11.6, 48.18]), String(moved[2]));

    await button('Undo').click();
    assert.ok(isNear((await saved())[2], b));
    await click(a);
    await button('Delete Point').click();
    await says('3 points');
    assert.ok(isNear((await saved())[0], [11.54, 48.13]));

    await map.camera();
    await map.reload();
    await map.tell(scene({ ...route, title: 'New Route' }), frame([], { reset: true }));
    await says('3 points');
    await map.tell({ kind: 'route-saved' });
    await button('Draw Route').waitFor();
    assert.deepEqual(await map.problems(), []);
    assert.deepEqual(await map.complaints(), []);
  });

  it('is drawn by the keyboard alone', async () => {
    map = await pages.open({ state: { camera: MUNICH } });
    await map.tell(scene({ ...route, routes: [cityRoute] }), frame([], { reset: true }));
    await button('Draw Route').press('Enter');
    await says('0 points');
    await map.page.keyboard.press('Enter');
    await says('1 point');
    await map.page.keyboard.press('ArrowRight');
    await until('the map moved', async () => (await map.camera()).longitude > MUNICH.longitude + 0.01);
    await map.page.keyboard.press('Enter');
    await says('2 points');
    await map.page.keyboard.press('Delete');
    await says('1 point');
    await map.page.keyboard.press('Control+z');
    await says('2 points');
    await button('Cancel').press('Enter');
    await button('Draw Route').waitFor();
    assert.equal(await button('Cancel').isVisible(), false);
  });

  it('of few points is edited where it is', async () => {
    map = await pages.open();
    await map.tell(scene({ ...route, routes: [cityRoute] }), frame([], { reset: true }));
    await button('Edit Route').click();
    await says(`${cityRoute.points.length} points`);
    assert.deepEqual(await saved(), cityRoute.points);
  });

  it('is opened when its file is dropped, with what is in it', async () => {
    map = await pages.open();
    await map.tell(scene(), frame([], { reset: true }));
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i % 256);
    await map.page.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(${JSON.stringify([...bytes])})], 'a route.kmz'));
      const of = (type) => new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector('#map').dispatchEvent(of('dragover'));
      globalThis.offered = document.querySelector('#notes').textContent;
      document.querySelector('#map').dispatchEvent(of('drop'));
    })()`);
    assert.match(await map.page.evaluate<string>('offered'), /Drop a route file/);
    const request = mapRequestSchema.parse(await map.request('drop'));
    assert.ok(request.kind === 'drop');
    assert.equal(request.name, 'a route.kmz');
    assert.deepEqual(new Uint8Array(Buffer.from(request.content, 'base64')), bytes);
  });
});

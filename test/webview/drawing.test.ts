import assert from 'node:assert/strict';
import { until } from '../support/until.ts';
import type { MapPage } from './mapPage.ts';
import { cityRoute, drive, fleet, frame, scene, vehicle } from './scenes.ts';
import { themes } from './themes.ts';
import { useMapPage } from './useMapPage.ts';

const VIN = 'WBA3A5C58CF256651';
const { dark, light } = themes;

describe('the map draws', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  it('the land below, without anything from elsewhere', async () => {
    const asked: string[] = [];
    map = await pages.open();
    map.page.on('request', (request) => asked.push(request.url()));
    await map.tell(scene({ routes: [cityRoute] }));
    // Land is the only part of the map that is a tenth of the way from the background to the text.
    await map.showsColor('#303030');
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(pages.server.origin) && !url.startsWith('blob:')),
      [],
    );
  });

  it('a vehicle where it is, in the colour of its state, and its trail by speed', async () => {
    map = await pages.open();
    await map.tell(scene({ routes: [cityRoute] }), frame([], { reset: true }));
    await map.showsColor(dark.colors['charts-green'], { atMost: 0 });
    await map.tell(frame([drive(VIN)]));
    await map.shows({ vehicles: '1', drawn: '1' });
    await map.showsColor(dark.colors['charts-green']);
    // The fixture drives faster than 110 km/h somewhere, and slower than 20.
    await map.showsColor(dark.colors['charts-red']);
    await map.showsColor(dark.colors['charts-purple']);
  });

  it('a vehicle without a position only when it has one', async () => {
    map = await pages.open();
    const waiting = vehicle(VIN, 0, 0, { phase: 'waiting' });
    delete waiting.place;
    await map.tell(scene(), frame([waiting], { reset: true }));
    await map.shows({ vehicles: '1', drawn: '0' });
    assert.match(await map.text('#empty'), /Waiting for the first position/);
    await map.tell(frame([vehicle(VIN, 11.58, 48.14)]));
    await map.shows({ vehicles: '1', drawn: '1' });
    await map.page.locator('#empty').waitFor({ state: 'hidden' });
  });

  it('what changed, and forgets everything with a reset', async () => {
    map = await pages.open();
    await map.tell(scene(), frame(fleet(30), { reset: true }));
    await map.shows({ vehicles: '30', drawn: '30' });
    await map.tell(frame(fleet(10, 5)));
    await map.tell(frame([vehicle(VIN, -122.3, 37.8)]));
    await map.shows({ vehicles: '31', drawn: '31' });
    await map.tell(frame(fleet(5), { reset: true }));
    await map.shows({ vehicles: '5', drawn: '5' });
  });

  it('many messages as one, and the last of them wins', async () => {
    map = await pages.open();
    await map.tell(scene({ select: VIN }), frame([vehicle(VIN, 0, 0)], { reset: true }));
    const frames = Array.from({ length: 300 }, (_, i) =>
      frame([vehicle(VIN, 11 + i / 1000, 48, { place: { speed: i / 3.6 } })]),
    );
    await map.tell(...frames);
    await map.page.locator('.big', { hasText: '299 km/h' }).waitFor();
    await map.shows({ drawn: '1' });
    assert.deepEqual(await map.problems(), []);
  });

  it('in the contrast themes of Windows, too', async () => {
    for (const theme of ['contrast', 'contrastLight'] as const) {
      map = await pages.open({ theme, forcedColors: true });
      await map.tell(scene(), frame([vehicle(VIN, 11.58, 48.14)], { reset: true }));
      await map.shows({ vehicles: '1', drawn: '1' });
      // The land is a tenth of the way from the background to the text.
      await map.showsColor(theme === 'contrast' ? '#1a1a1a' : '#e9eaea');
      await map.showsColor(themes[theme].colors['charts-green']);
      assert.deepEqual(await map.problems(), []);
      // Its icons have the right color already: turned over they would be black on black.
      const icon = '.maplibregl-ctrl-zoom-in .maplibregl-ctrl-icon';
      const filter = await map.page.evaluate(`getComputedStyle(document.querySelector('${icon}')).filter`);
      assert.equal(filter, 'none');
    }
  });

  it('how many vehicles are in one place, and a click there selects the next of them', async () => {
    map = await pages.open();
    const all = ['A', 'B', 'C'].map((name) => vehicle(name, 11.58, 48.14));
    await map.tell(scene(), frame([...all, vehicle('D', 11.7, 48.2)], { reset: true }));
    await map.shows({ drawn: '4', stacked: 'true' });
    const { x, y } = await map.pixelOf(11.58, 48.14);
    const seen: (string | null)[] = [];
    for (let click = 0; click < 3; click++) {
      await map.page.mouse.click(x, y);
      await until('another selection', async () => {
        const now = await map.data('selected');
        return now !== '' && now !== seen.at(-1);
      });
      seen.push(await map.data('selected'));
    }
    assert.deepEqual(seen.toSorted(), ['A', 'B', 'C']);
    await map.tell(frame([vehicle('A', 11.6, 48.14), vehicle('B', 11.62, 48.14)]));
    await map.shows({ stacked: 'false' });
  });

  it('a clicked vehicle where it was, and one that its details would hide in view', async () => {
    map = await pages.open();
    await map.tell(scene(), frame([vehicle('A', 11.58, 48.14), vehicle('D', 11.7, 48.2)], { reset: true }));
    await map.shows({ drawn: '2' });
    const left = await map.pixelOf(11.58, 48.14);
    const wide = await map.mapClip();
    await map.page.mouse.click(left.x, left.y);
    await map.shows({ selected: 'A' });
    await until('room for the details', async () => (await map.mapClip()).width < wide.width);
    const isWhereItWas = async () => {
      const { x, y } = await map.pixelOf(11.58, 48.14);
      return Math.hypot(x - left.x, y - left.y) < 1.5;
    };
    await until('the vehicle where it was', isWhereItWas);
    await map.page.mouse.click(left.x + 200, left.y - 200);
    await map.shows({ selected: '' });
    await until('the whole map', async () => (await map.mapClip()).width === wide.width);
    await until('everything where it was', isWhereItWas);
    const right = await map.pixelOf(11.7, 48.2);
    await map.page.mouse.click(right.x, right.y);
    await map.shows({ selected: 'D' });
    await until('the vehicle beside its details', async () => {
      const clip = await map.mapClip();
      return clip.width < wide.width && (await map.pixelOf(11.7, 48.2)).x < clip.x + clip.width - 20;
    });
    assert.deepEqual(await map.problems(), []);
  });

  it('10,000 vehicles as groups, which open when clicked', async () => {
    map = await pages.open();
    await map.tell(scene(), frame(fleet(10_000), { reset: true }));
    await map.shows({ vehicles: '10000', drawn: '10000' });
    // Groups have the colour of the theme's buttons.
    await map.showsColor(dark.colors['button-background']);
    const { zoom } = await map.camera();
    const box = await map.mapClip();
    const isNearer = async () => (await map.camera()).zoom > zoom;
    // The fleet is a disc in the middle of the view: a few steps from there is a group.
    for (let step = 0; step < 20 && !(await isNearer()); step++) {
      await map.page.mouse.click(box.x + box.width / 2 + step * 8, box.y + box.height / 2);
      await until('a nearer view', isNearer, { withinMs: 1000, everyMs: 100 }).catch(() => undefined);
    }
    assert.ok(await isNearer(), 'No group opened.');
    assert.deepEqual(await map.problems(), []);
  });

  it('in the colours of another theme as soon as the editor changes it', async () => {
    map = await pages.open();
    await map.tell(scene({ routes: [cityRoute] }), frame([drive(VIN)], { reset: true }));
    await map.showsColor(dark.colors['charts-green']);
    await map.theme('light');
    await map.showsColor(light.colors['charts-green']);
    // Some edges of letters may come near it.
    await map.showsColor('#303030', { atMost: 500 });
  });

  for (const theme of ['contrast', 'contrastLight'] as const) {
    it(`in the theme ${theme}`, async () => {
      map = await pages.open({ theme });
      await map.tell(scene({ routes: [cityRoute] }), frame([drive(VIN)], { reset: true }));
      await map.shows({ drawn: '1' });
      await map.showsColor(themes[theme].colors['charts-green']);
    });
  }

  it('a route across the 180th meridian the short way', async () => {
    const points: [number, number][] = [
      [177.4, -17.8],
      [179.5, -16.9],
      [-179.6, -16.8],
      [-175.2, -21.1],
    ];
    map = await pages.open();
    await map.tell(scene({ routes: [{ name: 'Fiji to Tonga', points }] }), frame([], { reset: true }));
    await map.page.waitForFunction(() => (testHost.state()?.camera?.zoom ?? 0) > 4);
    const camera = (await map.state())?.camera;
    assert.ok(Math.abs(camera?.longitude ?? 0) > 176, `longitude ${camera?.longitude}`);
  });

  it('no line across the world for a trail that crosses the 180th meridian', async () => {
    const trail = [150, 165, -170, -150].map((longitude) => ({ longitude, latitude: 0, speed: 40 }));
    // The whole world in view, from 180 west to 180 east.
    map = await pages.open({
      width: 512,
      height: 600,
      state: { camera: { longitude: 0, latitude: 0, zoom: 0 } },
    });
    await map.tell(
      scene({ acts: [], steers: [] }),
      frame([vehicle(VIN, -150, 0, { trail })], { reset: true }),
    );
    await map.shows({ drawn: '1' });
    await map.showsColor(dark.colors['charts-red']);
    const clip = await map.mapClip();
    const middle = { ...clip, x: clip.x + clip.width * 0.15, width: clip.width * 0.3 };
    assert.equal(await map.pixels(dark.colors['charts-red'], middle), 0);
  });

  it('vehicles at the poles, on the map’s edge', async () => {
    map = await pages.open();
    await map.tell(scene(), frame([vehicle('NORTH', 20, 90), vehicle('SOUTH', -20, -90)], { reset: true }));
    await map.shows({ vehicles: '2', drawn: '2' });
    assert.deepEqual(await map.problems(), []);
    assert.deepEqual(await map.complaints(), []);
  });

  it('the selected vehicle in the middle while it is followed, until somebody takes the map', async () => {
    map = await pages.open();
    await map.tell(scene({ select: VIN }), frame([vehicle(VIN, 11.5, 48.1)], { reset: true }));
    await map.shows({ selected: VIN, follow: 'true' });
    await map.tell(frame([vehicle(VIN, 2.35, 48.85)]));
    await map.page.waitForFunction(() => Math.abs((testHost.state()?.camera?.longitude ?? 0) - 2.35) < 0.01);
    const box = await map.mapClip();
    await map.page.mouse.move(box.x + 300, box.y + 300);
    await map.page.mouse.down();
    await map.page.mouse.move(box.x + 380, box.y + 330, { steps: 5 });
    await map.page.mouse.up();
    await map.shows({ follow: 'false' });
  });

  it('nothing against the page’s policy, in anything it does', async () => {
    map = await pages.open();
    await map.tell(
      scene({ routes: [cityRoute], select: VIN }),
      frame([drive(VIN), ...fleet(300)], { reset: true }),
    );
    await map.shows({ drawn: '301' });
    await map.page.click('#fit');
    await map.page.fill('#search', 'CMS');
    await map.page.click('#view');
    await map.page.locator('#table tbody tr').first().waitFor();
    await map.theme('contrast');
    await map.page.click('#view');
    await map.shows({ view: 'map' });
    assert.deepEqual(await map.complaints(), []);
    assert.deepEqual(await map.problems(), []);
  });
});

/** There is one in the page only. */
declare const testHost: { state(): { camera?: { zoom: number; longitude: number } } | null };

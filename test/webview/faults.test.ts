import assert from 'node:assert/strict';
import { launchBrowser, MapPage } from './mapPage.ts';
import { cityRoute, fleet, frame, scene, vehicle } from './scenes.ts';
import { useMapPage } from './useMapPage.ts';

const VIN = 'WBA3A5C58CF256651';
/** 1 by 1 pixel, red. */
const RED_TILE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);

describe('when something is wrong, the map', function () {
  const pages = useMapPage(this);
  let map: MapPage;

  beforeEach(() => pages.server.extra.clear());

  it('refuses malformed messages, says so, and goes on', async () => {
    map = await pages.open();
    const good = vehicle(VIN, 11.5, 48.1);
    await map.tell(
      scene(),
      frame([good], { reset: true }),
      { kind: 'frame', vehicles: [{ ...good, place: { ...good.place, latitude: 91 } }] },
      { kind: 'frame', vehicles: [{ ...good, phase: 'flying' }] },
      { kind: 'frame', vehicles: 'many' },
      { kind: 'dance' },
      {},
    );
    await map.shows({ vehicles: '1', drawn: '1' });
    await map.page.waitForFunction(() => testHost.sent.filter(({ kind }) => kind === 'problem').length >= 4);
    const problems = await map.problems();
    assert.match(problems[0]!, /vehicles\.0\.place\.latitude/);
    assert.match(problems[1]!, /vehicles\.0\.phase/);
    await map.tell(frame([vehicle('ANOTHER', 11.6, 48.1)]));
    await map.shows({ vehicles: '2', drawn: '2' });
    assert.deepEqual(await map.complaints(), []);
  });

  it('says the same only once, however often it is told nonsense', async () => {
    map = await pages.open();
    await map.tell(...Array.from({ length: 200 }, () => ({ kind: 'nonsense' })));
    await map.tell(scene(), frame([vehicle(VIN, 1, 1)], { reset: true }));
    await map.shows({ drawn: '1' });
    assert.equal((await map.problems()).length, 1);
  });

  it('draws vehicles without the world below when that cannot be read', async () => {
    pages.server.extra.set('/basemap.json', { status: 500, type: 'text/plain', body: 'no' });
    map = await pages.open();
    await map.tell(scene({ routes: [cityRoute] }), frame([vehicle(VIN, -122.45, 37.77)], { reset: true }));
    await map.shows({ map: 'ready', drawn: '1' });
    assert.match(await map.text('#notes'), /could not be loaded/);
    assert.match((await map.problems()).join(), /basemap/);
  });

  it('shows street tiles that were asked for', async () => {
    pages.server.extra.set('/tiles', { status: 200, type: 'image/png', body: RED_TILE });
    map = await pages.open();
    const url = `${pages.server.origin}/tiles?z={z}&x={x}&y={y}`;
    await map.tell(
      scene({ routes: [cityRoute], tiles: { kind: 'raster', url, attribution: '© <b>Somebody</b>' } }),
      frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
    );
    await map.shows({ drawn: '1' });
    await map.showsColor('#ff0000');
    assert.match(await map.text('.maplibregl-ctrl-attrib'), /© Somebody/);
    assert.equal(await map.page.locator('.maplibregl-ctrl-attrib b').count(), 0);
  });

  describe('with street tiles that the editor loads', () => {
    /** Answers what the page asks for, as the editor does. */
    async function answerLoads(contents: Record<string, Buffer | string>): Promise<void> {
      const inBase64 = Object.fromEntries(
        Object.entries(contents).map(([ending, content]) => [
          ending,
          Buffer.from(content).toString('base64'),
        ]),
      );
      await map.page.evaluate(`(() => {
        const contents = ${JSON.stringify(inBase64)};
        const push = testHost.sent.push.bind(testHost.sent);
        testHost.sent.push = (message) => {
          if (message.kind === 'load') {
            const ending = Object.keys(contents).find((each) => message.path.endsWith(each));
            const status = ending === undefined ? 404 : 200;
            testHost.tell({ kind: 'loaded', request: message.request, status, content: contents[ending] ?? '' });
          }
          return push(message);
        };
      })()`);
    }
    const loads = async (): Promise<string[]> =>
      (await map.sent()).flatMap((request) => (request.kind === 'load' ? [request.path] : []));

    it('shows raster tiles, without a request of its own', async () => {
      map = await pages.open();
      const asked: string[] = [];
      map.page.on('request', (request) => asked.push(request.url()));
      await answerLoads({ '.png': RED_TILE });
      const tiles = {
        kind: 'raster',
        url: 'cms-tiles://osm/{z}/{x}/{y}.png',
        attribution: '© Them',
      } as const;
      await map.tell(
        scene({ routes: [cityRoute], tiles }),
        frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
      );
      await map.showsColor('#ff0000');
      assert.match(await map.text('.maplibregl-ctrl-attrib'), /© Them/);
      assert.match((await loads())[0] ?? '', /^\/\d+\/\d+\/\d+\.png$/);
      assert.deepEqual(
        asked.filter((url) => !url.startsWith(pages.server.origin) && !url.startsWith('blob:')),
        [],
      );
      assert.deepEqual(await map.complaints(), []);
    });

    it('shows a style and what it leads to', async () => {
      map = await pages.open();
      const style = {
        version: 8,
        sources: {
          streets: { type: 'raster', tiles: ['cms-tiles://aws/v2/tiles/a/{z}/{x}/{y}'], tileSize: 256 },
        },
        layers: [{ id: 'streets', type: 'raster', source: 'streets' }],
      };
      await answerLoads({ Dark: JSON.stringify(style), '': RED_TILE });
      const url = 'cms-tiles://aws/v2/styles/Standard/descriptor?color-scheme=Dark';
      await map.tell(
        scene({ tiles: { kind: 'style', url, attribution: '' } }),
        frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
      );
      await map.showsColor('#ff0000');
      assert.equal((await loads())[0], '/v2/styles/Standard/descriptor?color-scheme=Dark');
      assert.match((await loads())[1] ?? '', /^\/v2\/tiles\/a\/\d+\/\d+\/\d+$/);
      assert.deepEqual(await map.problems(), []);
    });

    it('falls back to its own world when the editor has none', async () => {
      map = await pages.open();
      await answerLoads({});
      const tiles = {
        kind: 'raster',
        url: 'cms-tiles://osm/{z}/{x}/{y}.png',
        attribution: '© Them',
      } as const;
      await map.tell(
        scene({ routes: [cityRoute], tiles }),
        frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
      );
      await map.page.locator('[data-note=tiles]', { hasText: 'street tiles could not be loaded' }).waitFor();
      await map.showsColor('#303030');
      assert.match((await map.problems()).join(), /street tiles/);
    });
  });

  for (const kind of ['raster', 'style'] as const) {
    it(`falls back to its own world when street tiles do not come (${kind})`, async () => {
      map = await pages.open();
      const url =
        kind === 'style' ? `${pages.server.origin}/style` : `${pages.server.origin}/gone?z={z}&x={x}&y={y}`;
      await map.tell(
        scene({ routes: [cityRoute], tiles: { kind, url, attribution: '' } }),
        frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
      );
      await map.page.locator('[data-note=tiles]', { hasText: 'street tiles could not be loaded' }).waitFor();
      await map.showsColor('#303030');
      await map.shows({ drawn: '1' });
      assert.match((await map.problems()).join(), /street tiles/);
    });
  }

  it('falls back when the last tile is answered after the map has come to rest', async () => {
    map = await pages.open();
    const answers: (() => Promise<void>)[] = [];
    let late = true;
    await map.page.route('**/gone?*', async (request) => {
      const answer = () => request.fulfill({ status: 404, body: '' });
      if (late) answers.push(answer);
      else await answer();
    });
    const url = `${pages.server.origin}/gone?z={z}&x={x}&y={y}`;
    await map.page.evaluate(`(() => {
      const { drawElements } = WebGL2RenderingContext.prototype;
      globalThis.testDraws = 0;
      WebGL2RenderingContext.prototype.drawElements = function (...given) {
        globalThis.testDraws += 1;
        return drawElements.apply(this, given);
      };
    })()`);
    await map.tell(
      scene({ routes: [cityRoute], tiles: { kind: 'raster', url, attribution: '' } }),
      frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
    );
    await map.shows({ drawn: '1' });
    await map.page.evaluate(`new Promise((resolve) => {
      let [drawn, still] = [-1, 0];
      const look = () => {
        still = drawn === globalThis.testDraws ? still + 1 : 0;
        drawn = globalThis.testDraws;
        if (still === 10) resolve();
        else requestAnimationFrame(look);
      };
      look();
    })`);
    assert.ok(answers.length > 0, 'no tile was asked for');
    late = false;
    await Promise.all(answers.map((answer) => answer()));
    await map.page.locator('[data-note=tiles]', { hasText: 'street tiles could not be loaded' }).waitFor();
    await map.showsColor('#303030');
  });

  it('draws over a style document of somebody else', async () => {
    const style = {
      version: 8,
      sources: {},
      layers: [{ id: 'paper', type: 'background', paint: { 'background-color': '#123456' } }],
    };
    pages.server.extra.set('/style', { status: 200, type: 'application/json', body: JSON.stringify(style) });
    map = await pages.open();
    await map.tell(
      scene({ tiles: { kind: 'style', url: `${pages.server.origin}/style`, attribution: '' } }),
      frame([vehicle(VIN, -122.45, 37.77)], { reset: true }),
    );
    await map.showsColor('#123456');
    await map.showsColor('#89d185');
    assert.deepEqual(await map.problems(), []);
  });

  it('is a table where there is no WebGL', async () => {
    const plain = await launchBrowser('--disable-gpu', '--disable-3d-apis', '--disable-software-rasterizer');
    try {
      map = await MapPage.open(plain, pages.server);
      await map.shows({ map: 'none', view: 'table' });
      assert.match(await map.text('#notes'), /cannot draw maps/);
      assert.match((await map.problems()).join(), /WebGL/);
      await map.tell(scene(), frame(fleet(12), { reset: true }));
      await map.page.getByText('Vehicles, 1 to 12 of 12').waitFor();
      await map.page.locator('tbody button').first().click();
      await map.shows({ selected: 'CMS00000000000000' });
      assert.deepEqual(await map.complaints(), []);
    } finally {
      await plain.close();
    }
  });
});

/** There is one in the page only. */
declare const testHost: { sent: { kind: string }[] };

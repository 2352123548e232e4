import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import type { MapMessage, MapRequest, MapState } from '../../src/protocol/map.ts';
import { until } from '../support/until.ts';
import type { MapServer } from './mapServer.ts';
import { themes, type ThemeName } from './themes.ts';

const hostScript = path.join(import.meta.dirname, 'hostScript.js');
const PATIENCE_MS = 60_000;

interface TestHost {
  sent: MapRequest[];
  violations: string[];
  failures: string[];
  tell(message: unknown): void;
  state(): MapState | null;
  theme(theme: unknown): void;
}
/** There is one in the page only: for functions that run in it. */
declare const testHost: TestHost;

/** Chromium as machines without a graphics card have it: WebGL in software. */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-accelerated-2d-canvas',
      ...(more.length > 0
        ? more
        : ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']),
    ],
  });
}

interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The map's page, open in a browser, with the editor played at its border. */
export class MapPage {
  readonly page: Page;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  static async open(
    browser: Browser,
    server: MapServer,
    options: {
      theme?: ThemeName;
      width?: number;
      height?: number;
      reducedMotion?: boolean;
      /** As a contrast theme of Windows has them. */
      forcedColors?: boolean;
      /** The page's clock can be stopped: `page.clock`. */
      clock?: boolean;
      /** As if the page had been open before. */
      state?: Partial<MapState>;
    } = {},
  ): Promise<MapPage> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1000, height: options.height ?? 750 },
      reducedMotion: options.reducedMotion === false ? 'no-preference' : 'reduce',
      forcedColors: options.forcedColors === true ? 'active' : 'none',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    if (options.clock === true) await page.clock.install();
    await page.addInitScript(`globalThis.testTheme = ${JSON.stringify(themes[options.theme ?? 'dark'])};`);
    if (options.state) {
      const state = {
        follow: false,
        view: 'map',
        search: '',
        sort: { column: 'vin', descending: false },
        ...options.state,
      };
      await page.addInitScript(`globalThis.testState = ${JSON.stringify(state)};`);
    }
    await page.addInitScript({ path: hostScript });
    await page.goto(server.origin);
    const map = new MapPage(context, page);
    await map.ready();
    return map;
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  /** Resolves when the page has said that it can draw. */
  async ready(): Promise<void> {
    await this.page.waitForFunction(() => testHost.sent.some(({ kind }) => kind === 'ready'));
  }

  async tell(...messages: (MapMessage | object)[]): Promise<void> {
    await this.page.evaluate((all) => {
      for (const message of all) testHost.tell(message);
    }, messages);
  }

  /** Resolves when `#app` has these `data-` values. */
  async shows(values: Record<string, string>): Promise<void> {
    const selector = Object.entries(values)
      .map(([name, value]) => `[data-${name}=${JSON.stringify(value)}]`)
      .join('');
    await this.page.waitForSelector(`#app${selector}`, { state: 'attached' });
  }

  data(name: string): Promise<string | null> {
    return this.page.getAttribute('#app', `data-${name}`);
  }

  sent(): Promise<MapRequest[]> {
    return this.page.evaluate(() => testHost.sent);
  }

  /** The first request of a kind, as soon as there is one. */
  async request<K extends MapRequest['kind']>(kind: K): Promise<Extract<MapRequest, { kind: K }>> {
    await this.page.waitForFunction(
      (wanted) => testHost.sent.some((request) => request.kind === wanted),
      kind,
    );
    const found = (await this.sent()).find((request) => request.kind === kind);
    return found as Extract<MapRequest, { kind: K }>;
  }

  async forgetSent(): Promise<void> {
    await this.page.evaluate(() => void testHost.sent.splice(0));
  }

  problems(): Promise<string[]> {
    return this.page.evaluate(() =>
      testHost.sent.flatMap((request) => (request.kind === 'problem' ? [request.message] : [])),
    );
  }

  /** What the page's policy stopped, and what went wrong in its scripts. */
  complaints(): Promise<string[]> {
    return this.page.evaluate(() => [...testHost.violations, ...testHost.failures]);
  }

  state(): Promise<MapState | null> {
    return this.page.evaluate(() => testHost.state());
  }

  /** Where the map rests, without waiting for the page to keep it. */
  async camera(): Promise<NonNullable<MapState['camera']>> {
    // It has taken the size that there is for it.
    await until('a map as large as its place', () =>
      this.page.evaluate<boolean>(`(() => {
        const { style, parentElement } = document.querySelector('canvas.maplibregl-canvas');
        const { clientWidth, clientHeight } = parentElement.parentElement;
        return style.width === clientWidth + 'px' && style.height === clientHeight + 'px';
      })()`),
    );
    // A page that goes away keeps what it has at once.
    await this.page.evaluate("window.dispatchEvent(new Event('pagehide'))");
    const camera = (await this.state())?.camera;
    if (!camera) throw new Error('The map has not come to rest anywhere.');
    return camera;
  }

  /** The pixel of the page where a place is, with a map that rests. */
  async pixelOf(longitude: number, latitude: number): Promise<{ x: number; y: number }> {
    const [camera, box] = [await this.camera(), await this.mapClip()];
    const world = 512 * 2 ** camera.zoom;
    const mercator = (degrees: number) =>
      Math.log(Math.tan(Math.PI / 4 + (degrees * Math.PI) / 360)) / (2 * Math.PI);
    return {
      x: box.x + box.width / 2 + (world * (longitude - camera.longitude)) / 360,
      y: box.y + box.height / 2 - world * (mercator(latitude) - mercator(camera.latitude)),
    };
  }

  async theme(name: ThemeName): Promise<void> {
    await this.page.evaluate((theme) => testHost.theme(theme), themes[name]);
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** How many pixels of the map have a colour, give or take a little. */
  pixels(color: string, clip?: Clip): Promise<number> {
    return this.#look<number>(
      color,
      clip,
      `let count = 0;
      for (let i = 0; i < width * height; i += 1) if (fits(i)) count += 1;
      return count;`,
    );
  }

  /** Runs code over a picture of the page: `fits(i)` says whether a pixel has the colour. */
  async #look<T>(color: string, clip: Clip | undefined, code: string): Promise<T> {
    const shot = await this.page.screenshot(clip ? { clip } : {});
    const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    // As text: these types know no browser.
    return this.page.evaluate<T>(`(async () => {
      const image = new Image();
      image.src = 'data:image/png;base64,${shot.toString('base64')}';
      await image.decode();
      const canvas = document.createElement('canvas');
      const { width, height } = Object.assign(canvas, { width: image.width, height: image.height });
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      const fits = (i) => ${JSON.stringify(wanted)}.every((value, part) => Math.abs(data[4 * i + part] - value) <= 10);
      ${code}
    })()`);
  }

  /** Resolves when so many pixels of the colour are there. */
  async showsColor(color: string, most?: { atMost: number }): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const count = await this.pixels(color, await this.mapClip());
      if (most ? count <= most.atMost : count > 0) return;
      if (Date.now() > until) throw new Error(`${count} pixels of the map are ${color}.`);
    }
  }

  async mapClip(): Promise<Clip> {
    const box = await this.page.locator('#map').boundingBox();
    if (!box) throw new Error('The map is not shown.');
    return box;
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }
}

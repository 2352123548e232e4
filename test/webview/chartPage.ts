import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Suite } from 'mocha';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chartPolicy } from '../../src/editor/charts/chartPolicy.ts';
import { pageHtml } from '../../src/editor/map/mapHtml.ts';
import type { ChartedVehicle, ChartMessage, ChartRequest, ChartState } from '../../src/protocol/chart.ts';
import { mapWords } from '../../src/protocol/mapWords.ts';
import { launchBrowser } from './mapPage.ts';
import { themes, type ThemeName } from './themes.ts';

const files = path.resolve(import.meta.dirname, '../../dist/chart');
const hostScript = path.join(import.meta.dirname, 'hostScript.js');
const NONCE = 'bm9uY2U';

/** There is one in the page only: for functions that run in it. */
declare const testHost: {
  sent: ChartRequest[];
  violations: string[];
  failures: string[];
  tell(message: unknown): void;
  state(): ChartState | null;
  theme(theme: unknown): void;
};

export interface ChartOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  forcedColors?: boolean;
  units?: 'metric' | 'us';
}

/** The page with charts, open in a browser, with the editor played at its border. */
export class ChartPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async tell(...messages: (ChartMessage | object)[]): Promise<void> {
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

  sent(): Promise<ChartRequest[]> {
    return this.page.evaluate(() => testHost.sent);
  }

  /** What the page wants to draw now. */
  async wanted(): Promise<Extract<ChartRequest, { kind: 'want' }> | undefined> {
    return (await this.sent()).findLast((request) => request.kind === 'want');
  }

  complaints(): Promise<string[]> {
    return this.page.evaluate(() => [
      ...testHost.violations,
      ...testHost.failures,
      ...testHost.sent.flatMap((request) => (request.kind === 'problem' ? [request.message] : [])),
    ]);
  }

  state(): Promise<ChartState | null> {
    return this.page.evaluate(() => testHost.state());
  }

  async theme(name: ThemeName): Promise<void> {
    await this.page.evaluate((theme) => testHost.theme(theme), themes[name]);
  }

  /** Gives what is wanted, as the panel would. */
  async answer(vehicles: readonly ChartedVehicle[]): Promise<void> {
    const { vehicles: ids = [], signals = [] } = (await this.wanted()) ?? {};
    const data = vehicles
      .filter(({ id }) => ids.includes(id))
      .map((vehicle) => ({
        ...vehicle,
        columns: Object.fromEntries(
          Object.entries(vehicle.columns).filter(([name]) => signals.includes(name)),
        ),
      }));
    await this.tell({ kind: 'data', vehicles: data });
  }

  /** The rows of the table with the values, cell by cell. */
  async values(): Promise<string[][]> {
    const rows = await this.page.locator('#values tr').all();
    return Promise.all(
      rows.map(async (row) => (await row.locator('th, td').allInnerTexts()).map((text) => text.trim())),
    );
  }
}

/** The page for the tests of a suite; each test has pages of its own. */
export function useChartPage(suite: Suite): { open(options?: ChartOptions): Promise<ChartPage> } {
  let units: 'metric' | 'us' = 'metric';
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/') {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(html());
      return;
    }
    const type = pathname.endsWith('.css') ? 'text/css' : 'text/javascript';
    readFile(path.join(files, path.basename(pathname))).then(
      (body) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const html = (): string =>
    pageHtml(
      {
        ...{ title: 'Charts', locale: 'en', nonce: NONCE },
        ...{ scriptUri: `${origin()}/chart.js`, styleUri: `${origin()}/chart.css` },
        settings: { words: { ...mapWords }, locale: 'en', units, restore: { kind: 'drive', id: 'run-1' } },
      },
      chartPolicy(origin(), NONCE),
    );
  suite.beforeAll('opens a browser', async () => {
    browser = await launchBrowser();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  suite.afterEach('closes its pages', async () => {
    for (const context of contexts) await context.close();
    contexts = [];
  });
  suite.afterAll('closes the browser', async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });
  return {
    async open(options = {}) {
      units = options.units ?? 'metric';
      const context = await browser.newContext({
        viewport: { width: options.width ?? 1000, height: options.height ?? 750 },
        forcedColors: options.forcedColors === true ? 'active' : 'none',
        timezoneId: 'UTC',
      });
      contexts.push(context);
      const page = await context.newPage();
      await page.addInitScript(`globalThis.testTheme = ${JSON.stringify(themes[options.theme ?? 'dark'])};`);
      await page.addInitScript({ path: hostScript });
      await page.goto(origin());
      await page.waitForFunction(() => testHost.sent.some(({ kind }) => kind === 'ready'));
      return new ChartPage(page);
    },
  };
}

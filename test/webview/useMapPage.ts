import type { Suite } from 'mocha';
import type { Browser } from 'playwright-core';
import { afterAllSuites } from '../support/rootHook.ts';
import { launchBrowser, MapPage } from './mapPage.ts';
import { MapServer } from './mapServer.ts';

export interface MapPages {
  readonly server: MapServer;
  /** A page of its own. It is closed after the test that opened it, or after the suite if a `before` hook did. */
  open(options?: Parameters<typeof MapPage.open>[2]): Promise<MapPage>;
}

/** One for all suites: they differ in their pages. */
let browser: Promise<Browser> | undefined;

/** The map's page for the tests of a suite, with a server that is the suite's alone. */
export function useMapPage(suite: Suite): MapPages {
  let server: MapServer | undefined;
  let ofTest: MapPage[] | undefined;
  const ofSuite: MapPage[] = [];
  suite.beforeAll('serves the page', async () => {
    if (browser === undefined) {
      const launched = launchBrowser();
      browser = launched;
      afterAllSuites(suite, 'closes the browser', async () => (await launched).close());
    }
    server = await MapServer.start();
  });
  suite.beforeEach('notes its pages', () => {
    ofTest = [];
  });
  suite.afterEach('closes its pages', async () => {
    for (const page of ofTest ?? []) await page.close();
    ofTest = undefined;
  });
  suite.afterAll('ends the server', async () => {
    for (const page of ofSuite) await page.close();
    await server?.stop();
  });
  const now = (): MapServer => {
    if (server === undefined) throw new Error('The page is served while the tests run only.');
    return server;
  };
  return {
    get server() {
      return now();
    },
    async open(options) {
      if (browser === undefined) throw new Error('The browser is launched while the tests run only.');
      const page = await MapPage.open(await browser, now(), options);
      (ofTest ?? ofSuite).push(page);
      return page;
    },
  };
}

import path from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { launchBrowser, MapPage } from '../webview/mapPage.ts';
import { MapServer } from '../webview/mapServer.ts';
import { fleet, frame, scene } from '../webview/scenes.ts';
import type { Figure } from './run.ts';

const SECONDS = 10;
const COUNTS = [1000, 10_000];
const RENDERERS = ['groups', 'symbols', 'circles', 'canvas'] as const;

interface Measured {
  /** Milliseconds between two frames of the page: the middle, 95 of 100, the longest. */
  p50: number;
  p95: number;
  most: number;
  /** Milliseconds the page works on one message before it returns. */
  message: number;
  /** Drawings of the fleet a second. */
  drawn: number;
}

/**
 * The fleet map as it is shipped, with every vehicle moving once a second (ten messages a second with a tenth of the
 * fleet each), 1000 by 750 pixels; then other ways to draw the same vehicles alone, as fast as they can.
 */
export async function map(): Promise<Figure[]> {
  const browser = await launchBrowser();
  const server = await MapServer.start();
  try {
    const figures: Figure[] = [await firstLand(browser, server)];
    for (const count of COUNTS) {
      for (const zoom of ['all', 'near'] as const)
        figures.push(...(await moving(browser, server, count, zoom)));
    }
    figures.push(...(await renderers(browser, server)));
    return figures;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function firstLand(browser: Browser, server: MapServer): Promise<Figure> {
  const started = performance.now();
  const page = await MapPage.open(browser, server);
  await page.tell(scene(), frame(fleet(10), { reset: true }));
  await page.showsColor('#303030');
  await page.close();
  return {
    what: 'Opening, until land is seen',
    value: performance.now() - started,
    unit: 'ms',
    note: 'a new page',
  };
}

async function moving(
  browser: Browser,
  server: MapServer,
  count: number,
  zoom: 'all' | 'near',
): Promise<Figure[]> {
  const page = await MapPage.open(browser, server, {
    reducedMotion: false,
    state: { camera: { longitude: -122.2, latitude: 37.72, zoom: zoom === 'all' ? 9.3 : 12.5 } },
  });
  await page.tell(scene({ title: 'Bench' }), frame(fleet(count), { reset: true }));
  await page.shows({ drawn: String(count) });
  const measured = await page.page.evaluate<Measured>(script(JSON.stringify(fleet(count)), SECONDS));
  await page.close();
  const what = `${count} vehicles, ${zoom === 'all' ? 'all in view' : 'street level'}`;
  const figure = (name: string, value: number, unit: string, note: string): Figure => ({
    what: `${what}: ${name}`,
    value,
    unit,
    note,
  });
  return [
    figure('frame', measured.p50, 'ms', 'median'),
    figure('frame, p95', measured.p95, 'ms', `longest ${measured.most.toFixed(0)} ms`),
    figure('message', measured.message, 'ms', `check and take over ${count / 10} vehicles`),
    figure('fleet drawn', measured.drawn, '1/s', 'of 10 messages/s'),
  ];
}

/** Runs in the page, so that nothing but the page is measured. */
function script(vehicles: string, seconds: number): string {
  return `(async () => {
    const vehicles = ${vehicles};
    const frames = [];
    const messages = [];
    let drawn = 0;
    new MutationObserver((all) => (drawn += all.length)).observe(document.getElementById('app'), {
      attributes: true,
      attributeFilter: ['data-drawn'],
    });
    let last = performance.now();
    let running = true;
    const onFrame = (now) => {
      frames.push(now - last);
      last = now;
      if (running) requestAnimationFrame(onFrame);
    };
    requestAnimationFrame(onFrame);
    const started = performance.now();
    for (let tick = 0; performance.now() - started < ${seconds * 1000}; tick++) {
      const changed = vehicles.filter((_, i) => i % 10 === tick % 10);
      for (const { place } of changed) {
        place.longitude += 0.0001 * Math.sin(place.heading / 57.3);
        place.latitude += 0.0001 * Math.cos(place.heading / 57.3);
        place.time += 1000;
      }
      const data = structuredClone({ kind: 'frame', vehicles: changed });
      const before = performance.now();
      dispatchEvent(new MessageEvent('message', { data }));
      messages.push(performance.now() - before);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + (tick + 1) * 100 - performance.now())));
    }
    running = false;
    const took = (performance.now() - started) / 1000;
    const sorted = (values) => values.toSorted((a, b) => a - b);
    const at = (values, part) => sorted(values)[Math.floor((values.length - 1) * part)];
    return {
      p50: at(frames, 0.5),
      p95: at(frames, 0.95),
      most: at(frames, 1),
      message: at(messages, 0.5),
      drawn: drawn / took,
    };
  })()`;
}

async function renderers(browser: Browser, server: MapServer): Promise<Figure[]> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'mapRenderers.js')],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
  });
  server.extra.set('/bench.js', { status: 200, type: 'text/javascript', body: outputFiles[0]?.text ?? '' });
  const body = '<div id="place" style="width:1000px;height:750px"></div><script src="/bench.js"></script>';
  server.extra.set('/bench', { status: 200, type: 'text/html', body });
  const figures: Figure[] = [];
  for (const count of COUNTS) {
    for (const kind of RENDERERS) {
      const page = await browser.newPage({ viewport: { width: 1000, height: 750 } });
      await page.goto(`${server.origin}/bench`);
      const value = await page.evaluate<number>(`measureRenderer('${kind}', ${count}, ${SECONDS / 2})`);
      await page.close();
      figures.push({
        what: `${count} vehicles alone, ${kind}`,
        value,
        unit: '1/s',
        note: 'all moved and seen, as often as it goes',
      });
    }
  }
  return figures;
}

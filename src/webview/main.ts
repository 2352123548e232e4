/**
 * The browser side of the fleet map: a page of the editor (a webview) that shows where vehicles are and steers their
 * simulation. It communicates with the editor only by messages (`src/protocol/map.ts`), and works offline.
 *
 * The page that loads it needs, in `<body>`:
 * - `<main id="app"></main>`, which this script fills;
 * - `<script type="application/json" id="settings">` with `MapSettings`: the URLs of the worker and the base map (which
 *   this page must be allowed to fetch), the texts in the editor's language (`src/protocol/mapWords.ts`), the locale,
 *   and optionally `restore`, which the page stores in its state for the panel's serializer;
 * - `map.css` as a link, and `map.js` as a classic script after those.
 * Files: `dist/map/map.js`, `map.css`, `maplibre-gl-worker.mjs`, `basemap.json` (built by esbuild.js).
 *
 * It works with this policy: `default-src 'none'; script-src 'nonce-…'; style-src <files>; img-src <files> data: blob:;
 * worker-src blob:; connect-src <files>`. Nothing is evaluated from strings, and nothing is styled by attributes.
 *
 * Attributes of `#app` describe the state of the page, also for tests: `data-map` (loading, ready, none), `data-view`,
 * `data-vehicles`, `data-drawn` (number of vehicles with a position that have been drawn), `data-selected`,
 * `data-chosen` (how many are selected together), `data-follow`, `data-stacked` (whether vehicles lie on each other in the picture).
 */
// Must be first, because its setting affects the schemas below.
import './strictZod.ts';
import { mapMessageSchema } from '../protocol/map.ts';
import { defined } from '../core/defined.ts';
import { App } from './app.ts';
import { Host } from './host.ts';
import { readSettings } from './settings.ts';

const settings = readSettings();
const host = new Host({
  follow: false,
  view: 'map',
  search: '',
  sort: { column: 'vin', descending: false },
  ...defined({ restore: settings.restore }),
});
const root = document.getElementById('app');
if (!root) throw new Error('The page has no element with the id "app".');
const app = new App(root, host, settings);

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = mapMessageSchema.safeParse(data);
  if (message.success) {
    if (message.data.kind === 'loaded') host.loaded(message.data);
    else app.receive(message.data);
    return;
  }
  const [issue] = message.error.issues;
  host.problem(`A message was refused: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
});
window.addEventListener('error', ({ message }) => host.problem(message));
window.addEventListener('unhandledrejection', ({ reason }) => host.problem(String(reason)));

void app.start().then(() => host.send({ kind: 'ready' }));

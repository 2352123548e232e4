/**
 * The browser side of the fleet map: a page of the editor (a webview) that shows where vehicles are and steers their
 * simulation. It knows nothing of the editor but messages (`src/protocol/map.ts`), and draws without the internet.
 *
 * The page that loads it has, in `<body>`:
 * - `<main id="app"></main>`, which this fills;
 * - `<script type="application/json" id="settings">` with `MapSettings`: where the worker and the basemap are (addresses
 *   that this page may fetch), the words in the editor's language (`src/protocol/mapWords.ts`), the locale, and
 *   optionally what the panel's serializer wants back as `restore` of the state;
 * - `map.css` as a link, and `map.js` as a classic script after those.
 * Files: `dist/map/map.js`, `map.css`, `maplibre-gl-worker.mjs`, `basemap.json` (esbuild.js makes them).
 *
 * Policy it works under: `default-src 'none'; script-src 'nonce-…'; style-src <files>; img-src <files> data: blob:;
 * worker-src blob:; connect-src <files>`. Nothing is evaluated from strings, and nothing is styled by attributes.
 *
 * On `#app` stands what is shown, for tests as well: `data-map` (loading, ready, none), `data-view`, `data-vehicles`,
 * `data-drawn` (vehicles with a place that have reached the map), `data-selected`, `data-follow`.
 */
// First: the schemas below are made under its setting.
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
    app.receive(message.data);
    return;
  }
  const [issue] = message.error.issues;
  host.problem(`A message was refused: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
});
window.addEventListener('error', ({ message }) => host.problem(message));
window.addEventListener('unhandledrejection', ({ reason }) => host.problem(String(reason)));

void app.start().then(() => host.send({ kind: 'ready' }));

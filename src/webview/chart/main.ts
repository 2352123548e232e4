/**
 * The browser side of the charts: a page of the editor (a webview) that draws signals of vehicles over time. It
 * communicates with the editor only by messages (`src/protocol/chart.ts`).
 *
 * The page that loads it needs `<main id="app"></main>`, `<script type="application/json" id="settings">` with
 * `ChartSettings`, `chart.css` as a link, and `chart.js` as a classic script after those. It works with
 * `default-src 'none'; script-src 'nonce-…'; style-src <files>`.
 */
// Must be first, because its setting affects the schemas below.
import '../strictZod.ts';
import { chartMessageSchema, chartSettingsSchema } from '../../protocol/chart.ts';
import { parseJson } from '../../core/json.ts';
import { ChartApp } from './app.ts';
import { ChartHost } from './host.ts';

const root = document.getElementById('app');
const text = document.getElementById('settings')?.textContent;
if (root === null || text === undefined) throw new Error('The page lacks #app or #settings.');
const settings = parseJson(chartSettingsSchema, text);
if (!settings.ok) throw new Error(`The settings of the page cannot be used: ${settings.problem}`);
const host = new ChartHost(settings.value.restore);
const app = new ChartApp(root, host, settings.value);

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = chartMessageSchema.safeParse(data);
  if (message.success) {
    app.receive(message.data);
    return;
  }
  const [issue] = message.error.issues;
  host.problem(`A message was refused: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
});
window.addEventListener('error', ({ message }) => host.problem(message));
window.addEventListener('unhandledrejection', ({ reason }) => host.problem(String(reason)));

host.send({ kind: 'ready' });

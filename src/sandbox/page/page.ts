import { createHash } from 'node:crypto';
import type { HttpResponse } from '../kernel/http.ts';
import type { Installed } from '../installations/contract.ts';
import { MOST_VEHICLES, type Overview } from '../installations/overview.ts';

export interface PageContent extends Overview {
  readonly endpoint: string;
  readonly mqttEndpoint: string;
  /** ISO 8601. */
  readonly now: string;
  readonly connections: number;
  readonly faults: number;
  readonly installations: readonly Installed[];
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
a:focus-visible, button:focus-visible, .wide:focus-visible { outline: 2px solid; outline-offset: 2px; }
button { font: inherit; padding: .2rem .8rem; }
`;

// Sections are replaced one by one, only when they differ, and not under a focus or a selection. The status
// is a live region, the sections are not: a fleet would never let a screen reader finish.
const SCRIPT = `
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');
let timer;
const isInUse = (section) => {
  const selection = getSelection();
  return section.contains(document.activeElement) || (!selection.isCollapsed && selection.containsNode(section, true));
};
const refresh = async () => {
  try {
    const answer = await fetch(location.pathname, { cache: 'no-store' });
    if (!answer.ok) throw new Error(answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const section of document.querySelectorAll('[data-live]')) {
      const other = next.getElementById(section.id);
      if (other && other.innerHTML !== section.innerHTML && !isInUse(section)) section.replaceChildren(...other.childNodes);
    }
    if (status.textContent !== '') status.textContent = '';
  } catch {
    if (status.textContent === '') status.textContent = 'The sandbox does not answer. This page shows what was last seen.';
  }
  if (timer !== undefined) timer = setTimeout(refresh, 2000);
};
const run = (on) => {
  clearTimeout(timer);
  timer = on ? setTimeout(refresh, 2000) : undefined;
  button.textContent = on ? 'Pause Updates' : 'Resume Updates';
};
button.hidden = false;
button.addEventListener('click', () => run(timer === undefined));
run(true);
`;

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The sandbox at a glance: what is installed, its vehicles and what they sent last. It changes nothing. */
export function pageOf(content: PageContent): HttpResponse {
  const { installations, vehicles, messages } = content;
  const state: [string, string][] = [
    ['Endpoint', content.endpoint],
    ['MQTT', content.mqttEndpoint],
    ['Open MQTT connections', String(content.connections)],
    ['Clock', content.now],
    ['Faults to come', String(content.faults)],
  ];
  const shown = vehicles.slice(0, MOST_VEHICLES);
  const more = vehicles.length - shown.length;
  const body = [
    section('state', 'State', list(state)),
    section(
      'installations',
      'Installed',
      table(
        'Installed',
        ['Installation', 'Stacks'],
        [],
        installations.map(({ id, stacks }) => [id, Object.values(stacks).join(', ')]),
      ),
    ),
    section(
      'vehicles',
      `Vehicles (${vehicles.length})`,
      shown.length === 0
        ? '<p>No vehicles yet.</p>'
        : table(
            'Vehicles',
            ['VIN', 'Messages accepted', 'Messages dropped'],
            [1, 2],
            shown.map((vehicle) => [
              vehicle.vin,
              String(vehicle.accepted),
              String(vehicle.received - vehicle.accepted),
            ]),
          ) + (more > 0 ? `<p>… and ${more} more</p>` : ''),
    ),
    section(
      'messages',
      'Latest messages',
      messages.length === 0
        ? '<p>No messages since the sandbox started.</p>'
        : table(
            'Latest messages',
            ['Received', 'VIN', 'Type', 'Result'],
            [],
            messages.map((message) => [
              message.receivedAt,
              message.vin,
              message.type,
              message.reason === undefined ? 'accepted' : `dropped: ${message.reason}`,
            ]),
          ),
    ),
  ];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Local sandbox - CMS Enablement</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Local sandbox</h1>
<p>This sandbox runs on this computer and stands in for AWS and CMS. It has no CMS web UI; this page shows what is in it.</p>
<p><button type="button" hidden>Pause Updates</button> <span role="status"></span></p>
${body.join('\n')}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
  return { status: 200, headers: HEADERS, body: html };
}

function section(id: string, title: string, content: string): string {
  return `<section id="${id}" data-live><h2>${escaped(title)}</h2>${content}</section>`;
}

function list(entries: readonly (readonly [string, string])[]): string {
  const rows = entries.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  return `<dl>${rows.join('')}</dl>`;
}

/** @param numbers columns that hold numbers */
function table(
  label: string,
  heads: readonly string[],
  numbers: readonly number[],
  rows: readonly (readonly string[])[],
): string {
  const look = (column: number): string => (numbers.includes(column) ? ' class="number"' : '');
  const head = heads.map((text, i) => `<th scope="col"${look(i)}>${escaped(text)}</th>`).join('');
  const body = rows.map(
    (cells) => `<tr>${cells.map((text, i) => `<td${look(i)}>${escaped(text)}</td>`).join('')}</tr>`,
  );
  // Wider than a narrow window: it scrolls, by the keyboard too.
  return `<div class="wide" role="region" tabindex="0" aria-label="${escaped(label)}"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** VINs, topics and reasons come from whoever publishes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

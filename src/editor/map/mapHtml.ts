import { inHtml, safeJson } from '../../core/foreignText.ts';
import type { MapSettings } from '../../protocol/map.ts';

/** Addresses as the webview knows them, and what its page begins with. */
export interface MapPage {
  title: string;
  locale: string;
  /** New for every page: what has it was written here. */
  nonce: string;
  /** The webview's own source of local files. */
  cspSource: string;
  /** From where tiles may come; empty unless the user has chosen some. */
  tileHosts: readonly string[];
  scriptUri: string;
  styleUri: string;
  /** Read by the map as JSON. */
  settings: MapSettings;
}

/** The page of a fleet map: everything it shows is made by its script, of messages. */
export function mapHtml(page: MapPage): string {
  return pageHtml(page, mapPolicy(page));
}

/** A page that a script of the extension fills, under a content security policy. */
export function pageHtml(
  page: Omit<MapPage, 'tileHosts' | 'cspSource' | 'settings'> & { settings: object },
  policy: string,
): string {
  const { nonce } = page;
  return `<!DOCTYPE html>
<html lang="${inHtml(page.locale)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${inHtml(policy)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${inHtml(page.title)}</title>
  <link rel="stylesheet" href="${inHtml(page.styleUri)}">
</head>
<body>
  <main id="app"></main>
  <script type="application/json" id="settings" nonce="${nonce}">${jsonInScript(page.settings)}</script>
  <script nonce="${nonce}" src="${inHtml(page.scriptUri)}"></script>
</body>
</html>
`;
}

/**
 * Nothing but the extension's own files; tiles' hosts when there are some. The worker of the map is started from a
 * blob, because a worker cannot be loaded from a webview's address.
 */
export function mapPolicy({
  cspSource,
  nonce,
  tileHosts,
}: Pick<MapPage, 'cspSource' | 'nonce' | 'tileHosts'>) {
  const local = [cspSource, ...tileHosts].join(' ');
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `worker-src blob:`,
    `connect-src ${local}`,
    `img-src ${local} data: blob:`,
    `font-src ${cspSource}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
}

/** In place of a map that cannot be opened again: why, and links to commands, drawn as buttons. */
export function messageHtml(page: {
  locale: string;
  title: string;
  cspSource: string;
  nonce: string;
  text: string;
  actions: readonly { title: string; command: string; arguments?: readonly unknown[] }[];
}): string {
  const policy = `default-src 'none'; style-src ${page.cspSource} 'nonce-${page.nonce}'`;
  const buttons = page.actions.map(({ title, command, arguments: given = [] }) => {
    const query = given.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(given))}`;
    return `<a href="${inHtml(`command:${command}${query}`)}">${inHtml(title)}</a>`;
  });
  return `<!DOCTYPE html>
<html lang="${inHtml(page.locale)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${inHtml(policy)}">
  <title>${inHtml(page.title)}</title>
  <style nonce="${page.nonce}">
    body { color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size);
      display: flex; justify-content: center; padding-top: 20vh; }
    main { max-width: 32em; text-align: center; line-height: 1.5; }
    a { display: inline-block; margin: 0.5em; padding: 0.4em 1em; text-decoration: none; border-radius: 2px;
      color: var(--vscode-button-foreground); background: var(--vscode-button-background);
      border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); }
    a:hover { background: var(--vscode-button-hoverBackground); }
    a:focus { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
  </style>
</head>
<body>
  <main>
    <p role="alert">${inHtml(page.text)}</p>
    <p>${buttons.join('\n')}</p>
  </main>
</body>
</html>
`;
}

/** Nothing in a text can end the script element. */
function jsonInScript(value: unknown): string {
  return safeJson(value).replaceAll('<', '\\u003c');
}

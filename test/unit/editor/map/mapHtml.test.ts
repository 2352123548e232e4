import assert from 'node:assert/strict';
import { mapHtml, mapPolicy, messageHtml, type MapPage } from '../../../../src/editor/map/mapHtml.ts';

const page: MapPage = {
  title: 'Fleet: <dev> & "us"',
  locale: 'en',
  nonce: 'abc123',
  cspSource: 'https://*.vscode-cdn.net',
  tileHosts: [],
  scriptUri: 'https://x.vscode-cdn.net/dist/map/map.js',
  styleUri: 'https://x.vscode-cdn.net/dist/map/map.css',
  settings: {
    workerUri: 'https://x.vscode-cdn.net/worker.js',
    basemapUri: 'https://x.vscode-cdn.net/basemap.json',
    words: { map: '</script><script>alert(1)</script>' },
    locale: 'en',
    units: 'metric',
  },
};

const directives = (policy: string) =>
  Object.fromEntries(
    policy.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );

describe('the page of the map', () => {
  it('runs only scripts that were written here, and loads only what the extension ships', () => {
    const policy = directives(mapPolicy(page));
    assert.deepEqual(policy['default-src'], ["'none'"]);
    assert.deepEqual(policy['script-src'], ["'nonce-abc123'"]);
    assert.deepEqual(policy['worker-src'], ['blob:']);
    assert.deepEqual(policy['connect-src'], [page.cspSource]);
    for (const sources of Object.values(policy)) {
      for (const source of sources) assert.doesNotMatch(source, /^(\*|https?:|'unsafe-.*')$/);
    }
  });

  it('lets tiles come from their hosts only when there are some', () => {
    const policy = directives(mapPolicy({ ...page, tileHosts: ['https://tiles.example.com'] }));
    assert.ok(policy['connect-src']?.includes('https://tiles.example.com'));
    assert.ok(policy['img-src']?.includes('https://tiles.example.com'));
    assert.ok(!policy['script-src']?.includes('https://tiles.example.com'));
  });

  it('gives every script the nonce', () => {
    const scripts = [...mapHtml(page).matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
    assert.equal(scripts.length, 2);
    for (const tag of scripts) assert.match(tag, /nonce="abc123"/);
  });

  it('carries the settings as JSON that no text in them can break out of', () => {
    const html = mapHtml(page);
    const [, json = ''] =
      /<script type="application\/json" id="settings"[^>]*>(.*?)<\/script>/s.exec(html) ?? [];
    assert.deepEqual(JSON.parse(json), page.settings);
  });

  it('takes titles for text', () => {
    assert.match(mapHtml(page), /<title>Fleet: &lt;dev&gt; &amp; &quot;us&quot;<\/title>/);
    assert.doesNotMatch(mapHtml(page), /<dev>/);
  });
});

describe('the page in place of a map', () => {
  const html = messageHtml({
    ...page,
    text: 'The simulation <b>ended</b>.',
    actions: [
      { title: 'Watch', command: 'cmsEnablement.watchFleet' },
      { title: 'Retry', command: 'cmsEnablement.previewRoute', arguments: ['a "b"'] },
    ],
  });

  it('runs no script at all', () => {
    assert.doesNotMatch(html, /<script/);
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html, /script-src/);
  });

  it('says why as text, and offers commands as buttons', () => {
    assert.match(html, /The simulation &lt;b&gt;ended&lt;\/b&gt;\./);
    assert.match(html, /<a href="command:cmsEnablement\.watchFleet">Watch<\/a>/);
    const [, query = ''] = /previewRoute\?([^"]+)"/.exec(html) ?? [];
    assert.deepEqual(JSON.parse(decodeURIComponent(query)), ['a "b"']);
  });
});

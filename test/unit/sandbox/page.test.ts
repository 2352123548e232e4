import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { pageOf, type PageContent } from '../../../src/sandbox/page/page.ts';

const content: PageContent = {
  endpoint: 'http://127.0.0.1:4566',
  mqttEndpoint: 'localhost:8883',
  now: '2026-01-02T03:04:05.000Z',
  connections: 3,
  faults: 0,
  installations: [
    { id: 'cdf:dev1', kind: 'cdf', name: 'dev1', stacks: { cms: 'cms-dev1', cdf: 'cdf-core' } },
  ],
  vehicles: [{ vin: 'LSH14J4C4LA046511', received: 12, accepted: 10 }],
  messages: [
    {
      receivedAt: '2026-01-02T03:04:04.000Z',
      vin: 'LSH14J4C4LA046511',
      type: 'cardata',
      reason: 'no position',
    },
    { receivedAt: '2026-01-02T03:04:03.000Z', vin: 'LSH14J4C4LA046511', type: 'trip' },
  ],
};

function htmlOf(more: Partial<PageContent> = {}): string {
  return String(pageOf({ ...content, ...more }).body);
}

describe('the page of the sandbox', () => {
  it('says what is installed, its vehicles, and what became of their messages', () => {
    const html = htmlOf();
    for (const cell of [
      'cdf:dev1',
      'cms-dev1, cdf-core',
      'LSH14J4C4LA046511',
      'dropped: no position',
      'accepted',
    ])
      assert.ok(html.includes(`<td>${cell}</td>`), cell);
    assert.match(html, /<td class="number">10<\/td><td class="number">2<\/td>/);
  });

  it('says so when there is nothing yet', () => {
    const html = htmlOf({ vehicles: [], messages: [] });
    assert.match(html, /No vehicles yet\./);
    assert.match(html, /No messages since the sandbox started\./);
  });

  it('shows a fleet in part, and how many there are', () => {
    const vehicles = Array.from({ length: 1000 }, (_, i) => ({ vin: `V${i}`, received: 0, accepted: 0 }));
    const html = htmlOf({ vehicles });
    assert.match(html, /Vehicles \(1000\)/);
    assert.match(html, /… and 800 more/);
  });

  it('takes what devices say as text', () => {
    const evil = `<img src=x onerror="alert('1')">&amp;`;
    const message = { receivedAt: 'now', vin: evil, type: evil, reason: evil };
    const html = htmlOf({ vehicles: [{ vin: evil, received: 1, accepted: 0 }], messages: [message] });
    assert.ok(!html.includes('<img'));
    assert.ok(html.includes('&#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38;amp;'));
  });

  it('may load nothing, run its own script only, and not be framed', () => {
    const { headers = {} } = pageOf(content);
    const html = htmlOf();
    const policy = headers['content-security-policy'] ?? '';
    const hash = (tag: string): string => {
      const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)?.[1] ?? '';
      assert.notEqual(text, '');
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      `style-src ${hash('style')}`,
      `script-src ${hash('script')}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.ok(!/\s(style|on\w+)=/.test(html), 'attributes that the policy forbids');
    assert.ok(!/(src|href)=/.test(html), 'what would be loaded');
  });
});

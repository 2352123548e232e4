import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { sendToSandboxPage } = createRequire(import.meta.filename)(
  '../../../tools/editor/sandboxPage.cjs',
) as {
  sendToSandboxPage: (
    request: { method: string; url: string; headers: Record<string, string> },
    response: { writeHead: (status: number, headers: Record<string, string>) => void; end: () => void },
  ) => boolean;
};

describe('The editor’s server, asked for a port of this computer,', () => {
  function ask(url: string, more: { method?: string; dest?: string } = {}) {
    const answer: { status?: number; location?: string } = {};
    const taken = sendToSandboxPage(
      { method: more.method ?? 'GET', url, headers: { 'sec-fetch-dest': more.dest ?? 'document' } },
      {
        writeHead(status: number, headers: Record<string, string>) {
          answer.status = status;
          answer.location = headers.location ?? '';
        },
        end: () => undefined,
      },
    );
    return { taken, ...answer };
  }

  it('sends the browser to the page of the sandbox there', () => {
    for (const url of ['/proxy/4566/', '/stable-1/proxy/4566/'])
      assert.deepEqual(ask(url), { taken: true, status: 302, location: 'http://127.0.0.1:4566/_sandbox/ui' });
  });

  it('sends nothing else anywhere', () => {
    for (const url of [
      '/',
      '/proxy/',
      '/proxy/x/',
      '/proxy/4566/more',
      '/proxy/4566@evil.example/',
      '/?/proxy/1/',
      '//evil/proxy/123456/',
    ])
      assert.deepEqual(ask(url), { taken: false }, url);
    assert.deepEqual(ask('/proxy/4566/', { method: 'POST' }), { taken: false });
    assert.deepEqual(ask('/proxy/4566/', { dest: 'image' }), { taken: false });
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { freePort } from '../../tools/editor/ports.ts';
import { interrupt, startedIn, type Started } from './started.ts';

interface Asked {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
}

describe('npm start, attacked', () => {
  let folder: string;
  let started: Started;
  let url: URL;
  let token: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-start-'));
    // What an earlier start left that was killed.
    await writeFile(path.join(folder, 'running.json'), '{}', { mode: 0o644 });
    started = await startedIn(folder, await freePort());
    url = new URL(started.url);
    token = url.searchParams.get('tkn') ?? '';
  });
  after(async () => {
    await interrupt(started.process);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** The status of the answer, and what it says; headers may be what no browser would send. */
  async function ask({ method = 'GET', path: at = '/', headers = {} }: Asked): Promise<[number, string]> {
    const request = http.request({ host: url.hostname, port: url.port, method, path: at, headers });
    request.end();
    // An upgrade that is refused is answered like everything else.
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part as string;
    return [response.statusCode ?? 0, text];
  }
  const cookie = (): Record<string, string> => ({ cookie: `vscode-tkn=${token}` });
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };

  const strangers: Record<string, Asked> = {
    'the workbench': {},
    'a static file': { path: '/static/out/vs/code/browser/workbench/workbench.js' },
    'a file of the computer': { path: '/vscode-remote-resource?path=/etc/passwd' },
    'the version': { path: '/version' },
    'to stay awake': { path: '/delay-shutdown' },
    'the key of the secrets': { method: 'POST', path: '/mint-key' },
    'another method': { method: 'PUT', path: '/' },
    'the first of two slashes': { path: '//' },
    'a WebSocket': { headers: upgrade },
    'a WebSocket to resume': { path: '/?reconnectionToken=a&reconnection=true', headers: upgrade },
    'with a wrong token': { path: '/?tkn=00', headers: { cookie: 'vscode-tkn=00' } },
  };
  for (const [what, asked] of Object.entries(strangers))
    it(`answers a stranger nothing: ${what}`, async () => {
      const [status, text] = await ask(asked);
      assert.equal(status, 403);
      assert.ok(text.length < 100, text);
    });

  it('answers who has the token, in the address or as a cookie', async () => {
    const [entered] = await ask({ path: `/?tkn=${token}` });
    assert.equal(entered, 302);
    const [page, html] = await ask({ headers: cookie() });
    assert.equal(page, 200);
    assert.match(html, /workbench/);
    const request = http.get({ host: url.hostname, port: url.port, headers: { ...cookie(), ...upgrade } });
    const [response] = (await once(request, 'upgrade')) as [http.IncomingMessage];
    assert.equal(response.statusCode, 101);
    response.socket.destroy();
  });

  const pages: Record<string, () => Record<string, string>> = {
    'that made its name point here': () => ({ host: `attacker.example:${url.port}` }),
    'of another origin': () => ({ origin: 'https://attacker.example' }),
    'of another port of this computer': () => ({ origin: 'http://127.0.0.1:1' }),
    'without an origin of its own': () => ({ origin: 'null' }),
    'that shows it as an image': () => ({ 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'image' }),
    'that shows it in a frame': () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }),
  };
  for (const [what, headers] of Object.entries(pages))
    it(`refuses a page ${what}, although the browser sends the cookie`, async () => {
      const [asked] = await ask({ headers: { ...cookie(), ...headers() } });
      const [upgraded] = await ask({ headers: { ...cookie(), ...upgrade, ...headers() } });
      assert.deepEqual([asked, upgraded], [403, 403]);
    });

  it('listens on 127.0.0.1 only', async () => {
    const others = Object.values(os.networkInterfaces())
      .flat()
      .filter((address) => address !== undefined && !address.internal && address.family === 'IPv4');
    for (const { address } of others as os.NetworkInterfaceInfo[])
      await assert.rejects(fetch(`http://${address}:${url.port}/version`), address);
    assert.equal(url.hostname, '127.0.0.1');
  });

  it('keeps the token off the command lines, in a file for its owner only', async () => {
    const lines = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' });
    assert.ok(lines.includes(folder));
    assert.ok(!lines.includes(token));
    const file = path.join(folder, 'editor/token');
    assert.equal(await readFile(file, 'utf8'), token);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(path.join(folder, 'running.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(path.join(folder, 'editor'))).mode & 0o777, 0o700);
    assert.match(token, /^[0-9a-f]{64}$/);
  });

  it('says the token once', () => {
    assert.equal(started.said.split(token).length, 2);
  });

  describe('from a page in the browser of the person', () => {
    let browser: Browser;
    let page: string;
    const server = http.createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>another</title>');
    });
    before(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      page = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox'],
      });
    });
    after(async () => {
      await browser.close();
      server.close();
    });

    it('on another port, whose requests carry the cookie, gets nothing', async () => {
      const context = await browser.newContext();
      await context.addCookies([{ name: 'vscode-tkn', value: token, url: url.origin }]);
      const tab = await context.newPage();
      await tab.goto(page);
      const statuses: number[] = [];
      tab.on('response', (response) => {
        if (response.url().startsWith(url.origin)) statuses.push(response.status());
      });
      // As text: these types know no browser.
      const opened = await tab.evaluate<string>(`(async () => {
        const editor = ${JSON.stringify(url.origin)};
        await fetch(editor + '/', { mode: 'no-cors', credentials: 'include' });
        await new Promise((done) => { const image = new Image(); image.onload = image.onerror = done; image.src = editor + '/?a'; document.body.append(image); });
        await new Promise((done) => { const frame = document.createElement('iframe'); frame.onload = done; frame.src = editor + '/?b'; document.body.append(frame); });
        return new Promise((done) => {
          const socket = new WebSocket(editor.replace('http', 'ws') + '/');
          socket.onopen = () => done('open');
          socket.onerror = () => done('refused');
        });
      })()`);
      assert.equal(opened, 'refused');
      assert.deepEqual([...new Set(statuses)], [403]);
      assert.ok(statuses.length >= 3);
      await context.close();
    });

    it('with a link to the whole address, leads the person into the editor', async () => {
      const tab = await browser.newPage();
      await tab.goto(page);
      await tab.evaluate(`location.href = ${JSON.stringify(started.url)}`);
      await tab.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
      assert.ok(!tab.url().includes(token));
      await tab.close();
    });
  });
});

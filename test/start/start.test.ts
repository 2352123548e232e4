import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { startedSandbox } from '../../tools/editor/server.ts';
import { freePort } from '../../tools/editor/ports.ts';
import { startFromWelcome, trustFolder } from '../support/editor/steps.ts';
import { Workbench } from '../support/editor/workbench.ts';
import { until } from '../support/until.ts';
import { interrupt, startedIn, type Started } from './started.ts';

describe('npm start', () => {
  let folder: string;
  const running: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-start-'));
  });
  afterEach(async () => {
    for (const child of running.splice(0)) await interrupt(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start(port: number): Promise<Started> {
    const started = await startedIn(folder, port);
    running.push(started.process);
    return started;
  }

  it('serves the workbench to those who have the whole address, and to nobody else', async () => {
    const { url } = await start(await freePort());
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.getSetCookie().join('; ');
    const page = await fetch(new URL(entered.headers.get('location') ?? '', url), { headers: { cookie } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /workbench/);
    const stranger = await fetch(new URL('/', url));
    assert.equal(stranger.status, 403);
  });

  it('trusts no folder by itself, also not where an earlier start did', async () => {
    const settingsFile = path.join(folder, 'editor/data/User/settings.json');
    const first = await start(await freePort());
    const fresh = await readFile(settingsFile, 'utf8');
    assert.doesNotMatch(fresh, /workspace\.trust/);
    await interrupt(first.process);
    const trusting = '{\n  "security.workspace.trust.enabled": false,\n  "mine": 1\n}\n';
    await writeFile(settingsFile, trusting);
    await start(await freePort());
    assert.deepEqual(JSON.parse(await readFile(settingsFile, 'utf8')), { mine: 1 });
  });

  it('opens a workspace with a README, a fleet and the routes, and keeps what is changed in it', async () => {
    const first = await start(await freePort());
    const workspace = new URL(first.url).searchParams.get('folder') ?? '';
    assert.equal(path.dirname(workspace), folder);
    const files = await readdir(workspace, { recursive: true });
    for (const name of ['README.md', 'fleet.csv', 'sample.cms-fleet.json', 'routes/atlanta.csv'])
      assert.ok(files.includes(path.normalize(name)), name);
    await writeFile(path.join(workspace, 'README.md'), 'mine');
    await interrupt(first.process);
    await start(await freePort());
    assert.equal(await readFile(path.join(workspace, 'README.md'), 'utf8'), 'mine');
  });

  it('takes another port when the wanted one is in use, and says so', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    try {
      const { said, url } = await start(port);
      assert.match(said, new RegExp(`Port ${port} is in use`));
      assert.notEqual(new URL(url).port, String(port));
    } finally {
      other.close();
    }
  });

  it('starts no second editor beside a running one, and says where that is', async () => {
    const first = await start(await freePort());
    const second = await start(await freePort());
    assert.match(second.said, /runs already/);
    assert.equal(second.url, first.url);
  });

  it('starts although an earlier one was killed', async () => {
    await mkdir(folder, { recursive: true });
    const dead = { pid: 2 ** 22 - 1, url: 'http://127.0.0.1:1/' };
    await writeFile(path.join(folder, 'running.json'), JSON.stringify(dead));
    const { said } = await start(await freePort());
    assert.match(said, /runs at/);
  });

  it('ends the editor and the sandbox that its window started with Ctrl-C', async () => {
    const started = await start(await freePort());
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
      await page.goto(started.url);
      const workbench = new Workbench(page);
      await trustFolder(workbench);
      await startFromWelcome(workbench);
    } finally {
      await browser.close();
    }
    const sandbox = await startedSandbox(path.join(folder, 'editor'));
    assert.ok(sandbox);
    assert.ok((await fetch(`${sandbox.endpoint}/_sandbox/health`)).ok);
    assert.notDeepEqual(processesOf(folder), []);

    await interrupt(started.process);
    // What it waited for may need a moment to leave the list of processes.
    const left = () => processesOf(folder);
    await until('the end of all processes', () => left().length === 0, { withinMs: 5000, seen: left });
    await assert.rejects(fetch(`${sandbox.endpoint}/_sandbox/health`));
    await assert.rejects(fetch(started.url));
  });
});

/** Command lines of running processes that name a folder. */
function processesOf(folder: string): string[] {
  const all = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(folder));
}

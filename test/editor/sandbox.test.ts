import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { createConnection } from '../../src/aws/createConnection.ts';
import { systemClock } from '../../src/core/work.ts';
import type { CmsError } from '../../src/core/errors.ts';
import { SandboxNode } from '../../src/editor/sandbox/sandboxNode.ts';
import { SandboxController } from '../../src/editor/sandbox/sandboxController.ts';
import { until } from '../support/until.ts';

const CANCELLED = { code: 'CANCELLED' };
const dist = path.resolve(__dirname, '../../dist');

describe('the local sandbox of several windows', function () {
  this.timeout(120_000);
  let storage: string;
  const windows: SandboxController[] = [];
  const { signal } = new AbortController();

  beforeEach(() => {
    storage = mkdtempSync(path.join(os.tmpdir(), 'windows-'));
  });
  afterEach(async () => {
    for (const window of windows) {
      await window.attach();
      await window.stop(signal);
      window.dispose();
    }
    windows.length = 0;
    rmSync(storage, { recursive: true, force: true });
  });

  function open(): SandboxController {
    const window = new SandboxController(storage, dist);
    windows.push(window);
    return window;
  }
  const readyFile = (): string => path.join(storage, 'sandbox/ready.json');
  /** Ends it without a word. */
  async function kill(): Promise<void> {
    const lock = readFileSync(path.join(storage, 'sandbox/state/lock'), 'utf8');
    const { pid } = JSON.parse(lock) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await until('the end of the sandbox', () => {
      try {
        return !process.kill(pid, 0);
      } catch {
        return true;
      }
    });
  }

  it('is shared by its ready file, which only this user can read', async () => {
    const first = open();
    const { secret } = await first.start(signal);
    assert.equal(statSync(readyFile()).mode & 0o777, 0o600);
    const second = open();
    assert.ok(await second.attach());
    assert.equal(second.connectionOptions().endpointSecret, secret);
    await second.reset(signal);
    await second.stop(signal);
    await first.check();
    assert.equal(first.status, 'stopped');
  });

  it('counts as running when nobody waits for its end or its reset', async () => {
    const window = open();
    await window.start(signal);
    await assert.rejects(window.reset(AbortSignal.abort()), CANCELLED);
    await assert.rejects(window.stop(AbortSignal.abort()), CANCELLED);
    assert.equal(window.status, 'running');
    assert.ok(await open().attach());
  });

  it('is not what else listens on its port: nothing secret goes there, and the next start takes another', async () => {
    const window = open();
    const before = await window.start(signal);
    const connection = await createConnection(window.connectionOptions(), {
      clock: systemClock,
      random: Math.random,
    });
    await kill();
    const heard: string[] = [];
    const impostor = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        heard.push(data.toString());
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}');
      });
    });
    impostor.listen(Number(new URL(before.endpoint).port), '127.0.0.1');
    await once(impostor, 'listening');
    try {
      await assert.rejects(connection.identity(), { code: 'SANDBOX_NOT_OURS' });
      // Another window, and this one after a reload.
      assert.equal(await open().attach(), false);
      await window.check();
      assert.equal(window.status, 'stopped');
      const after = await window.start(signal);
      assert.notEqual(after.endpoint, before.endpoint);
      assert.notEqual(after.secret, before.secret);
      assert.ok(heard.length > 0);
      for (const text of heard) assert.match(text, /^GET \/_sandbox\/proof\?nonce=/);
      assert.doesNotMatch(heard.join(''), /secret:|authorization|AWS4/i);
    } finally {
      connection.dispose();
      impostor.close();
    }
  });

  describe('gets what the setting installs', () => {
    const settings = () => vscode.workspace.getConfiguration('cmsEnablement.sandbox');
    const set = async (name: string, value: string[] | undefined) =>
      settings().update(name, value, vscode.ConfigurationTarget.Global);
    const ids = (window: SandboxController) => window.ready?.installations.map(({ id }) => id);
    const description = (window: SandboxController) =>
      new SandboxNode(window, () => Promise.resolve([])).item().description;
    afterEach(async () => {
      await set('installations', undefined);
      await set('stacks', undefined);
    });

    it('while it runs, and every window learns of it', async () => {
      const [first, second] = [open(), open()];
      await first.start(signal);
      await second.attach();
      assert.deepEqual(ids(first), ['cdf:dev1']);
      assert.match(String(description(first)), /^running · cdf:dev1 · 127\.0\.0\.1:\d+$/);
      assert.deepEqual(await first.installMissing(signal), []);
      await set('installations', ['cdf:dev1', 'cdf:dev2,core=cdf-core-dev2']);
      assert.deepEqual(await first.installMissing(signal), ['cdf:dev2,core=cdf-core-dev2']);
      assert.deepEqual(ids(first), ['cdf:dev1', 'cdf:dev2']);
      assert.match(String(description(first)), /^running · cdf:dev1 and 1 more · /);
      await second.check();
      assert.deepEqual(ids(second), ['cdf:dev1', 'cdf:dev2']);
      await set('installations', ['cdf:dev2']);
      assert.deepEqual(await second.installMissing(signal), []);
    });

    it('at its start, or says why it cannot', async () => {
      const window = open();
      await set('installations', ['cdf:one', 'cdf:two']);
      await window.start(signal);
      assert.deepEqual(ids(window), ['cdf:one', 'cdf:two']);
      await set('installations', ['cdf:one', 'lego:x']);
      await assert.rejects(window.installMissing(signal), (error: CmsError) => {
        assert.equal(error.code, 'REQUEST_INVALID');
        assert.match(
          error.message,
          /cannot install lego:x\. There is no kind of CMS named "lego"\. Known: cdf, cms-on-aws, cm-guidance\./,
        );
        return true;
      });
      await window.stop(signal);
      await assert.rejects(window.start(signal), {
        code: 'SANDBOX_START_FAILED',
        message: /There is no kind of CMS named "lego"/,
      });
    });

    it('by the setting before it, as long as only that one is set', async () => {
      const window = open();
      await set('stacks', ['cms-old', 'mine']);
      await window.start(signal);
      assert.deepEqual(window.ready?.stacks.cms, ['cms-old', 'mine']);
      assert.deepEqual(await window.installMissing(signal), []);
      await set('installations', ['cdf:dev1']);
      assert.deepEqual(await window.installMissing(signal), ['cdf:dev1']);
    });
  });

  it('is not started in a folder, or taken from a file, that others can open', async () => {
    mkdirSync(path.join(storage, 'sandbox'));
    chmodSync(path.join(storage, 'sandbox'), 0o777);
    const window = open();
    await assert.rejects(window.start(signal), { code: 'PATH_UNSAFE' });
    chmodSync(path.join(storage, 'sandbox'), 0o700);
    const ready = await window.start(signal);
    chmodSync(readyFile(), 0o644);
    assert.equal(await open().attach(), false);
    writeFileSync(readyFile(), JSON.stringify(ready), { mode: 0o600 });
    chmodSync(readyFile(), 0o600);
    assert.equal(await open().attach(), true);
  });
});

describe('a sandbox that is being started', () => {
  let folder: string;
  let controller: SandboxController;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'cms-starting-'));
    // Never ready; leaves a line for every process.
    const program = `
      require('node:fs').appendFileSync(${JSON.stringify(path.join(folder, 'started'))}, 'one\\n');
      setInterval(() => undefined, 1000);`;
    await writeFile(path.join(folder, 'sandbox.js'), program);
    controller = new SandboxController(folder, folder);
  });
  afterEach(async () => {
    await controller.stop(new AbortController().signal);
    controller.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const started = async (): Promise<number> =>
    (await readFile(path.join(folder, 'started'), 'utf8').catch(() => '')).split('\n').length - 1;
  const begun = (count: number) => until(`process ${count}`, async () => (await started()) === count);

  it('is one process for all who ask, and goes on when one of them leaves', async () => {
    const leaving = new AbortController();
    const first = controller.start(leaving.signal);
    const second = controller.start(new AbortController().signal);
    await begun(1);
    leaving.abort();
    await assert.rejects(first, CANCELLED);
    assert.equal(controller.status, 'starting');
    const stopped = assert.rejects(second, CANCELLED);
    await controller.stop(new AbortController().signal);
    await stopped;
    assert.equal(controller.status, 'stopped');
    assert.equal(await started(), 1);
  });

  it('ends when nobody waits for it, and the next start is another one', async () => {
    const leaving = new AbortController();
    const first = controller.start(leaving.signal);
    await begun(1);
    leaving.abort();
    await assert.rejects(first, CANCELLED);
    const second = assert.rejects(controller.start(new AbortController().signal), CANCELLED);
    await begun(2);
    await controller.stop(new AbortController().signal);
    await second;
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createConnection } from '../../src/aws/createConnection.ts';
import { systemClock } from '../../src/core/work.ts';
import { SandboxController } from '../../src/editor/sandbox/sandboxController.ts';
import { until } from '../support/until.ts';

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
      await window.stop();
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
    await second.reset();
    await second.stop();
    await first.check();
    assert.equal(first.status, 'stopped');
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

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lockState } from '../../../src/sandbox/kernel/lock.ts';
import { StartError } from '../../../src/sandbox/kernel/startError.ts';

describe('the lock of a state folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lock-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const locked = (error: unknown): boolean => error instanceof StartError && error.problem === 'state-locked';
  const leave = (content: string): string => {
    const file = path.join(folder, 'lock');
    writeFileSync(file, content);
    return file;
  };

  const takesOver = async (file: string): Promise<void> => {
    const lock = await lockState(folder);
    const owner = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; id: string };
    assert.equal(owner.pid, process.pid);
    assert.notEqual(owner.id, 'x');
    await lock.release();
    assert.deepEqual(readdirSync(folder), []);
  };

  it('keeps a second one out until it is released', async () => {
    const first = await lockState(folder);
    await assert.rejects(lockState(folder), locked);
    await first.release();
    await (await lockState(folder)).release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is taken over from a process that is gone', async () => {
    const file = leave(JSON.stringify({ pid: 2 ** 22 + 1, host: os.hostname(), id: 'x' }));
    await takesOver(file);
  });

  it('is taken over when nobody has touched it, though its process number is in use again', async () => {
    const file = leave(JSON.stringify({ pid: process.pid, host: os.hostname(), id: 'x' }));
    const old = new Date(Date.now() - 60_000);
    utimesSync(file, old, old);
    await takesOver(file);
  });

  it('is respected when another machine holds it', async () => {
    leave(JSON.stringify({ pid: 2 ** 22 + 1, host: 'another-machine', id: 'x' }));
    await assert.rejects(lockState(folder), locked);
  });

  it('is respected while it is being written', async () => {
    leave('');
    await assert.rejects(lockState(folder), locked);
  });

  it('is not removed by one that lost it', async () => {
    const first = await lockState(folder);
    leave(JSON.stringify({ pid: process.pid, host: os.hostname(), id: 'of another' }));
    await first.release();
    assert.ok(existsSync(path.join(folder, 'lock')));
  });
});

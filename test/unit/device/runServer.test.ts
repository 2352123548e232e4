import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startRunServer } from '../../../src/device/process/background/runServer.ts';

describe('A run that cannot listen for windows @slow', () => {
  const { TMPDIR } = process.env;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), `${'long-'.repeat(20)}-`));
    process.env.TMPDIR = folder;
  });
  afterEach(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(folder, { recursive: true, force: true });
  });

  it('says where and what to do, and leaves no folder', async () => {
    const starting = startRunServer({
      soFar: () => assert.fail('nobody attaches'),
      told: () => undefined,
      left: () => undefined,
    });
    await assert.rejects(starting, {
      code: 'DEVICE_PROCESS_FAILED',
      message: /^Couldn't listen on .*run\.sock/,
    });
    assert.deepEqual(await readdir(folder), []);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlan } from '../../../src/scale/plan.ts';
import { folderStore } from '../../../src/scale/stores/folder.ts';

describe('The plan of a run in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cms-plan-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is out of reach in a folder that isn’t mounted, which is missing or empty: the run may still drive', async () => {
    for (const where of [folder, join(folder, 'none')])
      await assert.rejects(readPlan(folderStore(where), 'run-1'), { code: 'STORE_FAILED' });
  });

  it('is not there in a folder that has other runs', async () => {
    const store = folderStore(folder);
    await store.put('runs/run-2/plan.json', '{}');
    await assert.rejects(readPlan(store, 'run-1'), { code: 'REQUEST_INVALID' });
  });
});

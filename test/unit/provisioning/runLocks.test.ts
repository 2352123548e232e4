import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/core/work.ts';
import type { ProvisionDeps } from '../../../src/provisioning/contract.ts';
import { withRunLocks } from '../../../src/provisioning/runLocks.ts';
import { testWork } from '../../support/works.ts';

const vehicle = { vin: 'LSH14J4C4LA046511', id: 'LSH14J4C4LA046511', thingName: 'Vehicle_LSH14J4C4LA046511' };

describe('Runs in two workspaces', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'run-locks-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** How many of two runs in folders of their own work on the vehicle together, at most. */
  async function together(
    oldEnds: 'before' | 'after',
    locks: string,
    names = ['cms', 'cms'],
  ): Promise<number> {
    let inside = 0;
    let most = 0;
    await Promise.all(
      names.map(async (name) => {
        const certificates = await mkdtemp(path.join(folder, 'certs-'));
        const deps = {
          certificates: { folder: certificates },
          connection: { endpoint: undefined, region: 'us-west-2' },
          provisioner: { renewal: { oldEnds }, deployment: { generation: 'cms-on-aws', name } },
        } as unknown as ProvisionDeps;
        const task = async () => {
          most = Math.max(most, ++inside);
          await systemClock.sleep(30);
          inside--;
        };
        await withRunLocks(vehicle, deps, { ...testWork(), clock: systemClock }, task, locks);
        assert.deepEqual(await readdir(certificates), []);
      }),
    );
    return most;
  }

  it('do not work on one vehicle at once where its CMS ends the old certificate first @slow', async () => {
    const locks = path.join(folder, 'locks');
    assert.equal(await together('before', locks), 1);
    assert.deepEqual(await readdir(locks), []);
  });

  it('work on vehicles of two deployments, and where the old certificate works on @slow', async () => {
    const locks = path.join(folder, 'locks');
    assert.equal(await together('before', locks, ['cms', 'fleet-b']), 2);
    assert.equal(await together('after', locks), 2);
  });

  it('do without a folder that somebody else could have made @slow', async () => {
    const locks = path.join(folder, 'link');
    await symlink(await mkdtemp(path.join(folder, 'theirs-')), locks);
    assert.equal(await together('before', locks), 2);
  });
});

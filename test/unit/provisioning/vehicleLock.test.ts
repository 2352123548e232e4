import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemClock, type Progress, type Work } from '../../../src/core/work.ts';
import { withVehicleLock } from '../../../src/provisioning/vehicleLock.ts';
import { english } from '../../../src/core/wording.ts';

const VIN = 'LSH14J4C4LA046511';

describe('the lock of a vehicle', () => {
  let folder: string;
  let told: Progress[];
  let controller: AbortController;
  let work: Work;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lock-test-'));
    told = [];
    controller = new AbortController();
    work = {
      signal: controller.signal,
      clock: systemClock,
      random: Math.random,
      progress: (event) => told.push(event),
    };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one run after the other work on a vehicle, and says that one waits @slow', async () => {
    let inside = 0;
    let most = 0;
    const run = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await systemClock.sleep(20);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withVehicleLock(folder, VIN, work, run)));
    assert.equal(most, 1);
    assert.ok(told.some(({ message }) => english(message).includes('Waiting for another run')));
    assert.deepEqual(await readdir(folder), []);
  });

  it('lets other vehicles be worked on meanwhile', async () => {
    await withVehicleLock(folder, VIN, work, () =>
      withVehicleLock(folder, 'OTHER', work, () => Promise.resolve()),
    );
    assert.deepEqual(told, []);
  });

  it('is given back when the work fails, and hands its error on', async () => {
    await assert.rejects(
      withVehicleLock(folder, VIN, work, () => Promise.reject(new Error('no luck'))),
      /no luck/,
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('is taken over from a process that was killed', async () => {
    // No system gives a process so high a number.
    await writeFile(path.join(folder, `.lock-${VIN}`), `${os.hostname()} 99999999 1`);
    assert.equal(await withVehicleLock(folder, VIN, work, () => Promise.resolve(7)), 7);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is not taken from a process that lives; waiting for it can be cancelled', async () => {
    const lock = path.join(folder, `.lock-${VIN}`);
    await writeFile(lock, `${os.hostname()} ${process.ppid} 1`);
    work.progress = () => controller.abort();
    await assert.rejects(
      withVehicleLock(folder, VIN, work, () => Promise.resolve()),
      { code: 'CANCELLED' },
    );
    assert.deepEqual(await readdir(folder), [path.basename(lock)]);
  });

  it('cannot leave the folder, whatever the vehicle is called', async () => {
    await withVehicleLock(folder, '../x/y', work, async () => {
      assert.deepEqual(await readdir(folder), ['.lock-___x_y']);
    });
  });

  it('says so when it cannot be taken', async () => {
    await assert.rejects(
      withVehicleLock(path.join(folder, 'none'), VIN, work, () => Promise.resolve()),
      { code: 'CERTIFICATE_STORE_FAILED' },
    );
  });
});

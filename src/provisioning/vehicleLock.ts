import { link, lstat, rename, unlink, utimes } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { CmsError, isCmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { createFile, readFileOfOurs } from '../core/safeFiles.ts';
import type { Work } from '../core/work.ts';
import { onDisk } from './diskErrors.ts';
import { errnoOf } from './fileOperations.ts';

/** How often a run shows that it is alive, by touching its lock. */
const BEAT_MS = 2_000;
/** A run whose lock did not change for so long has ended. The waiting run measures it: clocks of file servers differ. */
const SILENT_MS = 15_000;
const POLL_MS = 250;
/** Two provisionings at their slowest. */
const WAIT_MS = 180_000;
/** Of the text in a lock. */
const LONGEST = 4096;

let serial = 0;

/**
 * Runs `task` while no other run, of this or another process, works on the certificates of the same vehicle in the
 * same folder: two that claim for one vehicle at once would take each other's certificates for leftovers. The lock of
 * a killed run is taken over. `task` gets the work with its lines of progress named after the vehicle.
 * @param name of the lock; the vehicle's where its folder has those of one CMS only
 * @throws CmsError CERTIFICATE_STORE_FAILED if the other run does not end, CANCELLED, or what the task throws
 */
export async function withVehicleLock<T>(
  folder: string,
  vin: string,
  work: Work,
  task: (own: Work) => Promise<T>,
  name = vin.replace(/[^\w-]/g, '_'),
): Promise<T> {
  const own: Work = { ...work, progress: (event) => work.progress({ vin, ...event }) };
  const path = join(folder, `.lock-${name}`);
  const owner = `${os.hostname()} ${process.pid} ${++serial}`;
  await acquire(path, owner, vin, own);
  const beat = setInterval(() => {
    const now = new Date(work.clock.now());
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  try {
    return await task(own);
  } finally {
    clearInterval(beat);
    if ((await read(path).catch(() => undefined)) === owner) await unlink(path).catch(() => undefined);
  }
}

async function acquire(path: string, owner: string, vin: string, work: Work): Promise<void> {
  const { clock } = work;
  const until = clock.now() + WAIT_MS;
  let seen: { sign: string; at: number } | undefined;
  while (!(await onDisk(path, () => take(path, owner)))) {
    const holder = await read(path);
    if (holder === undefined) continue;
    const sign = `${holder} ${await touched(path)}`;
    if (seen?.sign !== sign) {
      if (seen === undefined) {
        const message = l10n.t('Waiting for another run that works on the certificate of {vin}', { vin });
        work.progress({ step: 'wait', level: 'info', message });
      }
      seen = { sign, at: clock.now() };
    }
    if (hasEnded(holder) || clock.now() - seen.at > SILENT_MS) {
      await takeAway(path, holder, owner);
      continue;
    }
    if (clock.now() > until) {
      throw new CmsError(
        'CERTIFICATE_STORE_FAILED',
        l10n.t('Another run works on the certificate of {vin}.', { vin }),
        { remedy: l10n.t('Wait until it ends, then run it again.') },
      );
    }
    await clock.sleep(POLL_MS, work.signal);
  }
}

async function take(path: string, owner: string): Promise<boolean> {
  try {
    await createFile(path, owner, 0o600);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Only the lock that was looked at goes; a newer one that stands there meanwhile is put back. */
async function takeAway(path: string, holder: string, owner: string): Promise<void> {
  const away = `${path}.${owner.replace(/[^\w-]/g, '_')}`;
  try {
    await rename(path, away);
  } catch {
    return; // Somebody else was faster.
  }
  if ((await read(away).catch(() => undefined)) !== holder) await link(away, path).catch(() => undefined);
  await unlink(away).catch(() => undefined);
}

/** Undefined if it is gone. @throws CERTIFICATE_STORE_FAILED if what is there is no lock of this user */
async function read(path: string): Promise<string | undefined> {
  try {
    return await onDisk(path, () => readFileOfOurs(path, LONGEST));
  } catch (error) {
    if (isCmsError(error) && error.details.errno === 'ENOENT') return undefined;
    throw error;
  }
}

async function touched(path: string): Promise<number> {
  return lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Whether the holder is a process of this machine that no longer exists. */
function hasEnded(holder: string): boolean {
  const [host, pid] = holder.split(' ');
  if (host !== os.hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errnoOf(error) === 'ESRCH';
  }
}

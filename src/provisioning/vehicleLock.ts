import { link, open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { CmsError } from '../core/errors.ts';
import type { Work } from '../core/work.ts';
import { onDisk } from './certificateStore.ts';
import { errnoOf } from './fileOperations.ts';

/** A run that works says so this often, in milliseconds. */
const BEAT_MS = 2_000;
/** One that has said nothing for so long has ended, by the waiting run's own clock: clocks of file servers differ. */
const SILENT_MS = 15_000;
const POLL_MS = 250;
/** Two provisionings at their slowest. */
const WAIT_MS = 180_000;

let serial = 0;

/**
 * Runs work on the certificates of a vehicle while no other run does, of this or another process on the same folder:
 * two that claim for one vehicle at once would take each other's certificates for leftovers. What a killed run
 * left is taken over.
 * @throws CmsError CERTIFICATE_STORE_FAILED if the other run does not end, CANCELLED, or what the work throws
 */
export async function alone<T>(folder: string, vin: string, work: Work, run: () => Promise<T>): Promise<T> {
  const path = join(folder, `.lock-${vin.replace(/[^\w-]/g, '_')}`);
  const owner = `${os.hostname()} ${process.pid} ${++serial}`;
  await acquire(path, owner, vin, work);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  try {
    return await run();
  } finally {
    clearInterval(beat);
    if ((await read(path)) === owner) await unlink(path).catch(() => undefined);
  }
}

async function acquire(path: string, owner: string, vin: string, work: Work): Promise<void> {
  const until = Date.now() + WAIT_MS;
  let heard: { sign: string; at: number } | undefined;
  while (!(await onDisk(path, () => take(path, owner)))) {
    const holder = await read(path);
    if (holder === undefined) continue;
    const sign = `${holder} ${await touched(path)}`;
    if (heard?.sign !== sign) {
      if (heard === undefined) {
        const message = `Waiting for another run that works on the certificate of ${vin}`;
        work.progress({ step: 'wait', level: 'info', message, vin });
      }
      heard = { sign, at: Date.now() };
    }
    if (hasEnded(holder) || Date.now() - heard.at > SILENT_MS) {
      await takeAway(path, holder, owner);
      continue;
    }
    if (Date.now() > until) {
      throw new CmsError('CERTIFICATE_STORE_FAILED', `Another run works on the certificate of ${vin}.`, {
        remedy: 'Wait for its end, then run it again.',
      });
    }
    await work.clock.sleep(POLL_MS, work.signal);
  }
}

async function take(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(owner).finally(() => file.close());
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
  if ((await read(away)) !== holder) await link(away, path).catch(() => undefined);
  await unlink(away).catch(() => undefined);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function touched(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Known at once of a process of this machine. */
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

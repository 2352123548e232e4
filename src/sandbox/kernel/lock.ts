import { open, lstat, rename, rm, utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../kit/json.ts';
import { NotOurs, readOwnFile } from '../kit/ownFiles.ts';
import { StartError, systemCode } from './startError.ts';

const BEAT_MS = 5000;
/** A lock not refreshed for this long is stale, even if its process id is in use again. */
const STALE_MS = 30_000;

const owner = z.object({ pid: z.int().positive(), host: z.string(), id: z.string() });

export interface StateLock {
  release(): Promise<void>;
}

/**
 * Makes sure that only one sandbox uses a state folder. A lock left by a killed process is taken over.
 * Throws StartError `state-locked`, or the file system's error.
 */
export async function lockState(folder: string): Promise<StateLock> {
  const file = path.join(folder, 'lock');
  const mine = { pid: process.pid, host: os.hostname(), id: randomUUID() };
  if (!(await create(file, mine))) {
    const holder = await holderOf(file);
    if (holder !== undefined) {
      throw new StartError(
        'state-locked',
        `The state folder ${folder} is in use by another sandbox (process ${holder}).`,
      );
    }
    // Renamed, not removed: of two sandboxes that start at once, only one can succeed.
    const stale = `${file}.${mine.id}`;
    await rename(file, stale).catch(() => undefined);
    await rm(stale, { force: true });
    if (!(await create(file, mine))) {
      throw new StartError('state-locked', `The state folder ${folder} is in use by another sandbox.`);
    }
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    async release() {
      clearInterval(beat);
      if (isMine(file, mine.id)) await rm(file, { force: true });
    },
  };
}

async function create(file: string, content: z.infer<typeof owner>): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(content));
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Process id of a living holder, or 0 if not known yet; undefined if the lock is stale. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    const text = readOwnFile(file);
    const { mtimeMs } = await lstat(file);
    if (Date.now() - mtimeMs > STALE_MS) return undefined;
    const parsed = owner.safeParse(parseJson(text));
    // Another sandbox has just created the file and not written to it yet.
    if (!parsed.success) return 0;
    const { pid, host } = parsed.data;
    return host === os.hostname() && !isAlive(pid) ? undefined : pid;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    if (error instanceof NotOurs) throw new StartError('state-locked', error.message, error);
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function isMine(file: string, id: string): boolean {
  try {
    return owner.safeParse(parseJson(readOwnFile(file))).data?.id === id;
  } catch {
    return false;
  }
}

import { lstatSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { folderProblem, wayProblem } from '../kit/ownFiles.ts';
import { lockState } from './lock.ts';
import { StartError, systemCode } from './startError.ts';

export interface StateFolder {
  readonly path: string;
  /** Releases the lock, or removes the folder if it is temporary. */
  dispose(): Promise<void>;
}

/**
 * Opens a state folder for this process only. Undefined means a temporary folder.
 * Throws StartError `state-not-writable` or `state-locked`.
 */
export async function openStateFolder(folder: string | undefined): Promise<StateFolder> {
  if (folder === undefined) {
    const temporary = await mkdtemp(path.join(os.tmpdir(), 'cms-sandbox-'));
    return {
      path: temporary,
      dispose: () => rm(temporary, { recursive: true, force: true, maxRetries: 10 }),
    };
  }
  const full = path.resolve(folder);
  try {
    const found = lstatSync(full, { throwIfNoEntry: false });
    if (found !== undefined) refuseUnsafe(full);
    const made = await mkdir(full, { recursive: true, mode: 0o700 });
    // An existing folder keeps its mode, because it may contain other files. Our files are 0600 either way.
    if (made !== undefined) await chmod(full, 0o700);
    refuseUnsafe(full);
    const lock = await lockState(full);
    return { path: full, dispose: () => lock.release() };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw notWritable(full, error);
  }
}

function refuseUnsafe(folder: string): void {
  const problem = folderProblem(folder) ?? wayProblem(folder);
  if (problem === undefined) return;
  throw new StartError(
    'state-not-writable',
    `The state folder ${folder} is not used: ${problem}. Choose a folder of your own that only you can write to.`,
  );
}

/** For any reason: read-only, disk full, or a file of that name. */
export function notWritable(folder: string, cause: unknown): StartError {
  const why = systemCode(cause);
  const reason = why === undefined ? '' : ` (${why})`;
  return new StartError(
    'state-not-writable',
    `The state folder ${folder} cannot be written${reason}.`,
    cause,
  );
}

import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { checkFile, checkFolder } from '../core/safeFiles.ts';
import { errnoOf, type FileOperations } from './fileOperations.ts';
import { INCOMING } from './folderNames.ts';

/** What is done with the names below one vehicle's folder. Links, and what belongs to others, are refused. */
export interface FolderAccess {
  readonly files: FileOperations;
  at: (...names: string[]) => string;
  isFolder: (...names: string[]) => Promise<boolean>;
  isFile: (...names: string[]) => Promise<boolean>;
  ensureFolder: (...names: string[]) => Promise<void>;
  read: (...names: string[]) => Promise<string>;
}

export function openFolderAccess(files: FileOperations, path: string): FolderAccess {
  const at = (...names: string[]) => join(path, ...names);

  async function isFolder(...names: string[]): Promise<boolean> {
    const kind = await files.kind(at(...names));
    if (kind === 'other') throw linkRefused(at(...names));
    return kind === 'folder' && checkFolder(at(...names));
  }

  return {
    files,
    at,
    isFolder,
    async isFile(...names) {
      const kind = await files.kind(at(...names));
      if (kind === 'other' || kind === 'folder') throw linkRefused(at(...names));
      return kind === 'file' && checkFile(at(...names));
    },
    async ensureFolder(...names) {
      if (await isFolder(...names)) return;
      await files.makeFolder(at(...names), 0o700);
      await files.syncFolder(at(...names, '..'));
    },
    read: (...names) => files.read(at(...names)),
  };
}

/** Writes a temporary sibling, then renames it over the file. */
export async function replaceFile(
  files: FileOperations,
  folder: string,
  name: string,
  content: string,
  mode: number,
): Promise<void> {
  const temporary = join(folder, incomingName());
  try {
    await files.create(temporary, content, mode);
    await files.rename(temporary, join(folder, name));
  } catch (error) {
    await removeAll(files, temporary).catch(() => undefined);
    throw error;
  }
  await files.syncFolder(folder);
}

/**
 * Removes a file, a link itself (never what it points to) or a folder with all in it. Another process may be removing
 * the same.
 */
export async function removeAll(files: FileOperations, path: string): Promise<void> {
  const kind = await files.kind(path);
  if (kind === undefined) return;
  try {
    if (kind !== 'folder') {
      await files.removeFile(path);
      return;
    }
    for (const name of await files.list(path)) await removeAll(files, join(path, name));
    await files.removeFolder(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

let serial = 0;
/** A process that crashed may have had the number of this one. */
const RUN = randomBytes(4).toString('hex');
/** Shards of a fleet on several machines may share a folder, and only its own machine knows whether a process lives. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

export function incomingName(): string {
  return `${INCOMING}${process.pid}-${RUN}-${++serial}-${HOST}`;
}

/**
 * What another process that crashed began and never decided for.
 * @param ownToo where only one is under way at a time: also what an earlier call of this process began, and what other
 * machines did
 */
export async function removeUndecided(
  files: FileOperations,
  path: string,
  { ownToo }: { ownToo: boolean },
): Promise<void> {
  for (const name of await files.list(path)) {
    if (!name.startsWith(INCOMING)) continue;
    const [owner, run, , host = HOST] = name.slice(INCOMING.length).split('-');
    const isElsewhere = host !== HOST;
    const isOwn = run === RUN && !isElsewhere;
    const isGone = !isElsewhere && (Number(owner) === process.pid || !isAlive(Number(owner)));
    if (isOwn || isElsewhere ? !ownToo : !isGone) continue;
    await removeAll(files, join(path, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function linkRefused(path: string): CmsError {
  return new CmsError(
    'CERTIFICATE_STORE_FAILED',
    l10n.t('{path} is a link or not what it should be; it was not touched.', { path }),
    { remedy: l10n.t('Remove it, or choose another certificate folder.') },
  );
}

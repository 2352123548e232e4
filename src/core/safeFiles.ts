import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CmsError } from './errors.ts';
import { l10n, type Message } from './message.ts';

/**
 * The one way in which the product writes to a disk, and reads what must be its own. A name that stands there already
 * may have been put there by somebody else: no link is followed, nothing but a regular file is opened, and what
 * belongs to or is open to others is said, not used. All functions throw PATH_UNSAFE for that, or Node's own errors.
 */

const isWindows = process.platform === 'win32';
/** Windows has no such flags: there, the look before tells a link (a junction, too) and what is no file. */
const NO_FOLLOW = isWindows ? 0 : constants.O_NOFOLLOW;
/** Opening a pipe must not wait for whoever is at its other end. */
const NO_WAIT = isWindows ? 0 : constants.O_NONBLOCK;

/** The status of what is at a path, links not followed; undefined = nothing. */
async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Makes sure that a folder, if it is there, is a real one that others cannot change. False if it is not there.
 * @throws PATH_UNSAFE
 */
export async function checkFolder(path: string): Promise<boolean> {
  const found = await look(path);
  if (found === undefined) return false;
  if (!found.isDirectory()) throw found.isSymbolicLink() ? link(path) : noFolder(path);
  if (isForeign(found)) throw foreign(path);
  if (isOpenToWrite(found)) {
    throw unsafe(
      l10n.t('Others can write to the folder {path}, so it is not used.', { path }),
      l10n.t('Restrict access to it: chmod 700 {path}', { path }),
    );
  }
  return true;
}

/**
 * Closes a folder of ours that its group may write to, as folders made under umask 002 are. False if there was no need,
 * or if it is not ours to close.
 */
export async function closeFolder(path: string): Promise<boolean> {
  const found = await look(path);
  if (found === undefined || isWindows || !found.isDirectory() || isForeign(found)) return false;
  if ((found.mode & 0o022) !== 0o020) return false;
  const folder = await opened(path, constants.O_RDONLY | constants.O_DIRECTORY | NO_FOLLOW);
  try {
    await folder.chmod(0o700);
  } finally {
    await folder.close();
  }
  return true;
}

/**
 * Makes sure that no folder between `root` and `path` is a link or open to everybody. The root itself was chosen by
 * the person and may lie behind links; modes of a workspace are its owner's business. What is not there is fine.
 * @throws PATH_UNSAFE
 */
export async function checkWay(root: string, path: string): Promise<void> {
  const owner = (await stat(root).catch(() => undefined))?.uid;
  if (owner !== undefined) owners.add(owner);
  const folders = foldersBetween(root, path);
  for (const folder of folders.slice(0, -1)) {
    const found = await look(folder);
    if (found === undefined) return;
    if (!found.isDirectory()) throw found.isSymbolicLink() ? link(folder) : noFolder(folder);
    if (isForeign(found) && found.uid !== owner) throw foreign(folder);
    // In a sticky folder nobody can take away what is not theirs.
    if (!isWindows && (found.mode & 0o1002) === 0o002) {
      throw unsafe(
        l10n.t('Everyone can write to the folder {path}, so nothing in it is used.', { path: folder }),
        l10n.t('Restrict access to it: chmod o-w {path}', { path: folder }),
      );
    }
  }
  const last = folders.at(-1);
  if (last !== undefined && (await look(last))?.isSymbolicLink() === true) throw link(last);
}

/** Makes the folders between `root` and `path` that are missing, and `path`; then the same as `checkWay`. */
export async function makeFolder(root: string, path: string, mode = 0o700): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const folder of foldersBetween(root, path)) {
    try {
      await mkdir(folder, { mode });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      const found = await look(folder);
      if (found?.isDirectory() !== true)
        throw found?.isSymbolicLink() === true ? link(folder) : noFolder(folder);
    }
  }
  await checkWay(root, path);
}

/** A new folder for temporary things, which nobody else may enter. */
export async function makePrivateFolder(prefix: string): Promise<string> {
  // Made with mode 0700, and with a name that was not there.
  return mkdtemp(join(tmpdir(), prefix));
}

/** @returns false if it was not there */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

export async function removePrivateFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function foldersBetween(root: string, path: string): string[] {
  const way = relative(root, path);
  if (way === '' || way.split(sep)[0] === '..' || isAbsolute(way)) {
    if (way === '') return [];
    throw unsafe(
      l10n.t('{path} is outside of {root}, so it is not used.', { path, root }),
      l10n.t('Choose a folder inside.'),
    );
  }
  const folders: string[] = [];
  for (const name of way.split(sep)) folders.push(join(folders.at(-1) ?? root, name));
  return folders;
}

/**
 * Makes sure that a file, if it is there, is a regular one and nobody else's. False if it is not there.
 * @throws PATH_UNSAFE
 */
export async function checkFile(path: string): Promise<boolean> {
  const found = await look(path);
  if (found === undefined) return false;
  checkStatus(path, found);
  return true;
}

/** Whether others can read a file of ours, which must not be so for a key. */
export async function isOpenToRead(path: string): Promise<boolean> {
  const found = await look(path);
  return found !== undefined && !isWindows && (found.mode & 0o077) !== 0;
}

/** The text of a regular file of ours. */
export async function readFileOfOurs(path: string, longest: number): Promise<string> {
  const found = await look(path);
  if (found !== undefined) checkStatus(path, found);
  const file = await opened(path, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  try {
    const status = await file.stat();
    checkStatus(path, status);
    if (status.size > longest) {
      throw unsafe(
        l10n.t('{path} is too large to be what it should be, so it is not used.', { path }),
        l10n.t('Move it elsewhere.'),
      );
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** No ready file is longer. */
const LONGEST_SECRET_FILE = 64 * 1024;

/**
 * The text of a file with a secret in it: of ours, readable by nobody else, in a folder that others cannot change.
 * Undefined if it is not there.
 */
export async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    if (!(await checkFolder(dirname(path))) || !(await checkFile(path))) return undefined;
    if (await isOpenToRead(path)) {
      throw unsafe(
        l10n.t('Others can read {path}, so the secret in it is not used.', { path }),
        l10n.t('Remove the file. The sandbox writes a new one when it starts.'),
      );
    }
    return await readFileOfOurs(path, LONGEST_SECRET_FILE);
  } catch (error) {
    // It was removed meanwhile.
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Makes a file that did not exist, with this mode from its first byte, and brings its content to the disk. */
export async function createFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await openNew(path, mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a file in the place of an older one in one step: a temporary sibling, then a rename. */
export async function writeFileSafely(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  await checkFile(path);
  const sibling = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await createFile(sibling, content, mode);
    await rename(sibling, path);
  } catch (error) {
    await unlink(sibling).catch(() => undefined);
    throw error;
  }
}

/**
 * A new file to write to bit by bit. An older one gives way, and keeps its content wherever else it has a name.
 * `orDevice` is for a path that the person typed, such as `/dev/null`.
 */
export async function openFresh(path: string, { orDevice = false } = {}): Promise<FileHandle> {
  if (orDevice && (await look(path))?.isCharacterDevice() === true) {
    return opened(path, constants.O_WRONLY | NO_FOLLOW | NO_WAIT);
  }
  if (await checkFile(path)) await unlink(path);
  return openNew(path, 0o600);
}

function openNew(path: string, mode: number): Promise<FileHandle> {
  return opened(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, mode);
}

async function opened(path: string, flags: number, mode?: number): Promise<FileHandle> {
  try {
    return await open(path, flags, mode);
  } catch (error) {
    throw hasCode(error, 'ELOOP') ? link(path) : error;
  }
}

function checkStatus(path: string, found: Stats): void {
  if (found.isSymbolicLink()) throw link(path);
  if (found.isDirectory()) {
    throw unsafe(
      l10n.t('{path} is a folder, not a file.', { path }),
      l10n.t('Move it elsewhere, or choose another file.'),
    );
  }
  if (!found.isFile()) {
    throw unsafe(
      l10n.t('{path} is not a regular file, so it is not used.', { path }),
      l10n.t('Move it elsewhere, or choose another file.'),
    );
  }
  if (isForeign(found)) throw foreign(path);
  if (!isWindows && (found.mode & 0o002) !== 0) {
    throw unsafe(
      l10n.t('Everyone can write to the file {path}, so it is not used.', { path }),
      l10n.t('Restrict access to it: chmod o-w {path}', { path }),
    );
  }
}

function isOpenToWrite({ mode }: Stats): boolean {
  return !isWindows && (mode & 0o022) !== 0;
}

/** To whom the folders belong that the person chose. */
const owners = new Set<number>();

/**
 * Root can do anything anyway. Whoever runs this by sudo means their own files; and in a container, where everybody is
 * root, those of the owner of the folder that was chosen.
 */
function isForeign({ uid }: Stats): boolean {
  const own = process.getuid?.();
  if (own === undefined || uid === own || uid === 0) return false;
  return !(own === 0 && (process.env.SUDO_UID === String(uid) || owners.has(uid)));
}

function link(path: string): CmsError {
  return unsafe(
    l10n.t('{path} is a link, and links are not followed here.', { path }),
    l10n.t('Put the real one in its place, or choose another.'),
  );
}

function noFolder(path: string): CmsError {
  return unsafe(
    l10n.t('{path} is not a folder, so it is not used.', { path }),
    l10n.t('Move it elsewhere, or choose another folder.'),
  );
}

function foreign(path: string): CmsError {
  return unsafe(
    l10n.t('{path} belongs to another user, so it is not used.', { path }),
    l10n.t('Take ownership (chown), or choose another.'),
  );
}

function unsafe(sentence: Message, remedy: Message): CmsError {
  return new CmsError('PATH_UNSAFE', sentence, { remedy });
}

/** Whether the system says this, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

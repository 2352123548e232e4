import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';

/**
 * Looks at what stands on the disk before it is used: the keys of the sandbox's CA are kept there. No link is followed,
 * and nothing is opened that is not a regular file or belongs to somebody else. The product has the same in its own core.
 */

const isWindows = process.platform === 'win32';
/** Windows has no such flags. There, the look before tells a link. */
const FLAGS = isWindows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Why a folder is not one to keep state in; undefined if it is. */
export function folderProblem(folder: string): string | undefined {
  const status = lstatSync(folder);
  if (status.isSymbolicLink()) return 'it is a link, and links are not followed';
  if (!status.isDirectory()) return 'it is no folder';
  // Also where it is sticky: its owner may still take away and replace what is in it.
  if (isForeign(status)) return 'it belongs to another user';
  if (!isWindows && (status.mode & openBits(status)) !== 0 && !isSticky(status))
    return 'others may write to it';
  return undefined;
}

/**
 * Why somebody could put another folder in the place of this one: a folder above it is somebody else's, or everybody
 * may write to it. Links on the way are followed, for `/tmp` is one on some systems, and so is many a home; what is
 * above the home is the business of whoever runs this computer.
 */
export function wayProblem(folder: string): string | undefined {
  const home = realPath(homedir());
  let above = realpathSync(folder);
  while (above !== home && above !== dirname(above)) {
    above = dirname(above);
    const status = lstatSync(above);
    if (isForeign(status)) return `${above} above it belongs to another user`;
    if (!isWindows && (status.mode & 0o002) !== 0 && !isSticky(status))
      return `everybody may write to ${above} above it`;
  }
  return undefined;
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Why a file must not be read or replaced; undefined if it may, or is not there. */
export function fileProblem(file: string): string | undefined {
  const status = lstatSync(file, { throwIfNoEntry: false });
  return status === undefined ? undefined : problemOf(status);
}

/** The text of a regular file of this user. Throws the system's errors, and one that says why it is not read. */
export function readOwnFile(file: string): string {
  const problem = fileProblem(file);
  if (problem !== undefined) throw new NotOurs(`${file} is not used: ${problem}.`);
  const descriptor = openSync(file, constants.O_RDONLY | FLAGS);
  try {
    const opened = problemOf(fstatSync(descriptor));
    if (opened !== undefined) throw new NotOurs(`${file} is not used: ${opened}.`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

export class NotOurs extends Error {}

function problemOf(status: Stats): string | undefined {
  if (status.isSymbolicLink()) return 'it is a link, and links are not followed';
  if (!status.isFile()) return 'it is not a regular file';
  if (isForeign(status)) return 'it belongs to another user';
  if (!isWindows && (status.mode & 0o002) !== 0) return 'everybody may write to it';
  return undefined;
}

/**
 * The bits by which others may write. The group of a user's own (not of root), which has the user's number and no other member, is
 * that user: where each user has one, folders are made under umask 002.
 */
function openBits({ uid, gid }: Stats): number {
  const isOwn = uid !== 0 && gid === uid && uid === process.getuid?.() && gid === process.getgid?.();
  return isOwn ? 0o002 : 0o022;
}

/** Nobody can take away or replace in it what is not theirs. */
function isSticky({ mode }: Stats): boolean {
  return (mode & 0o1000) !== 0;
}

/** Root can do anything anyway; and whoever runs this by sudo means their own files. */
function isForeign({ uid }: Stats): boolean {
  const own = process.getuid?.();
  if (own === undefined || uid === own || uid === 0) return false;
  return !(own === 0 && process.env.SUDO_UID === String(uid));
}

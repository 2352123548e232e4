import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { createFile, readFileOfOurs } from '../core/safeFiles.ts';

/**
 * All the certificate store does to a disk, so that a test can stop it after any one of them.
 * Errors are Node's own, with their `code`.
 */
export interface FileOperations {
  /** What is there, without following a link; undefined = nothing. */
  kind: (path: string) => Promise<'file' | 'folder' | 'other' | undefined>;
  list: (folder: string) => Promise<string[]>;
  /** Text of a regular file of this user; anything else is refused. */
  read: (path: string) => Promise<string>;
  /** Parents are made too; an existing folder is left as it is. */
  makeFolder: (path: string, mode: number) => Promise<void>;
  /** Makes a file that did not exist, with this mode from its first byte, and brings its content to the disk. */
  create: (path: string, content: string, mode: number) => Promise<void>;
  rename: (from: string, to: string) => Promise<void>;
  removeFile: (path: string) => Promise<void>;
  /** The folder must be empty. */
  removeFolder: (path: string) => Promise<void>;
  /** Brings names made, changed or removed in the folder to the disk. */
  syncFolder: (path: string) => Promise<void>;
}

/** PEM files and small JSON: more is not ours. */
const MAX_BYTES = 1024 * 1024;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export const nodeFiles: FileOperations = {
  async kind(path) {
    try {
      const stat = await lstat(path);
      return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  },
  list: (folder) => readdir(folder),
  read: (path) => readFileOfOurs(path, MAX_BYTES),
  async makeFolder(path, mode) {
    await mkdir(path, { recursive: true, mode });
  },
  create: createFile,
  rename,
  removeFile: unlink,
  removeFolder: rmdir,
  async syncFolder(path) {
    if (process.platform === 'win32') return; // Windows cannot open a folder for this.
    const folder = await open(path, FOLDER);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

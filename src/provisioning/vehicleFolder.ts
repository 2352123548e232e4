import { dirname, join } from 'node:path';
import type { DeviceIdentity } from '../protocol/device.ts';
import type { FileOperations } from './fileOperations.ts';
import { incomingName, openFolderAccess, removeAll, removeUndecided, replaceFile } from './folderAccess.ts';
import * as names from './folderNames.ts';
import { openPrevious } from './previous.ts';
import { openSets, type Place } from './unfinished.ts';

/**
 * The files of one vehicle, changed so that a crash at any point leaves the old set or the new one.
 * A set is written to a folder of its own and synced, renamed to `.commit-…`, and its files are then moved to their
 * places. `settle` does the rest of that after a crash; until then looks find the pair in use wherever it stands.
 * A vehicle that has no folder yet gets it in one step, with the set in it.
 */
export interface VehicleFolder {
  readonly path: string;
  exists(): Promise<boolean>;
  /** Finishes what a crash interrupted. Called before anything is changed, never for a look. */
  settle(): Promise<void>;
  has(name: string): Promise<boolean>;
  read(name: string): Promise<string>;
  inUse(kind: names.SetKind): Promise<Place>;
  /** The pair that is meant to become the production pair. */
  candidate(): Promise<Place | undefined>;
  replace(kind: names.SetKind, contents: Record<string, string>): Promise<void>;
  /** Writes the pair to `next/`, which must be free. */
  stageCandidate(contents: Record<string, string>): Promise<void>;
  /** Makes the candidate the production pair; the old one goes to `previous/`. */
  promoteCandidate(): Promise<void>;
  /** Moves the candidate to `previous/`. */
  dropCandidate(): Promise<void>;
  /** The complete pairs in `previous/`. */
  previous(): Promise<readonly DeviceIdentity[]>;
  /** Moves the production files to `previous/<certificate id>/`; returns that folder, undefined if there are none. */
  setAside(): Promise<string | undefined>;
  /** The same for the bootstrap files. */
  setBootstrapAside(): Promise<void>;
  /** Replaces one small file in one step. */
  writeFile(name: string, content: string): Promise<void>;
  removeFiles(names: readonly string[]): Promise<void>;
}

/** @param syncPlace brings the name of a new folder to the disk */
export function openVehicleFolder(
  files: FileOperations,
  path: string,
  syncPlace: () => Promise<void>,
): VehicleFolder {
  const access = openFolderAccess(files, path);
  const { at, isFile, isFolder, ensureFolder } = access;
  const previous = openPrevious(access);
  const sets = openSets(access, previous);

  async function write(contents: Record<string, string>, target: string): Promise<void> {
    const existed = await isFolder();
    await ensureFolder();
    const incoming = at(incomingName());
    try {
      await removeUndecided(files, path, { ownToo: true });
      await files.makeFolder(incoming, 0o700);
      for (const [name, content] of Object.entries(contents)) {
        await files.create(join(incoming, name), content, 0o600);
      }
      await files.syncFolder(incoming);
      await files.rename(incoming, target);
    } catch (error) {
      await removeAll(files, incoming).catch(() => undefined);
      if (!existed) await files.removeFolder(path).catch(() => undefined);
      throw error;
    }
    await files.syncFolder(path);
  }

  /** The first files of a vehicle: its folder is written beside its place, and renamed when all is in it. */
  async function begin(contents: Record<string, string>): Promise<void> {
    const incoming = join(dirname(path), incomingName());
    try {
      await files.makeFolder(incoming, 0o700);
      for (const [name, content] of Object.entries(contents)) {
        await files.create(join(incoming, name), content, 0o600);
      }
      await files.syncFolder(incoming);
      await files.rename(incoming, path);
    } catch (error) {
      await removeAll(files, incoming).catch(() => undefined);
      throw error;
    }
    await syncPlace();
  }

  async function parkWaiting(): Promise<void> {
    if ((await sets.waiting()) !== undefined) await sets.park('production');
  }

  return {
    path,
    exists: () => isFolder(),
    async settle() {
      if (await isFolder()) await sets.settle();
    },
    has: (name) => isFile(...name.split('/')),
    read: (name) => access.read(...name.split('/')),
    inUse: sets.inUse,
    async candidate() {
      if (!(await isFolder(names.CANDIDATE_FOLDER))) return sets.waiting();
      const place = async (name: string) =>
        (await isFile(names.CANDIDATE_FOLDER, name)) ? `${names.CANDIDATE_FOLDER}/${name}` : undefined;
      return {
        certificate: await place(names.PRODUCTION_CERTIFICATE),
        key: await place(names.PRODUCTION_KEY),
      };
    },
    async replace(kind, contents) {
      if (!(await isFolder())) return begin(contents);
      await write(contents, at(names.COMMIT[kind]));
      await sets.takeOver(kind);
    },
    stageCandidate: (contents) => write(contents, at(names.CANDIDATE_FOLDER)),
    async promoteCandidate() {
      if ((await isFolder(names.CANDIDATE_FOLDER)) || (await sets.waiting()) === undefined) {
        await parkWaiting();
        await files.rename(at(names.CANDIDATE_FOLDER), at(names.COMMIT.production));
        await files.syncFolder(path);
      }
      await sets.takeOver('production');
    },
    async dropCandidate() {
      await parkWaiting();
      if (!(await isFolder(names.CANDIDATE_FOLDER))) return;
      await previous.park(names.CANDIDATE_FOLDER, names.PRODUCTION_CERTIFICATE);
    },
    async setAside() {
      // Else it would be taken for the pair in use as soon as that one is gone.
      await parkWaiting();
      return previous.setAside();
    },
    previous: previous.pairs,
    setBootstrapAside: previous.setBootstrapAside,
    async writeFile(name, content) {
      await ensureFolder();
      await replaceFile(files, path, name, content, 0o600);
    },
    async removeFiles(gone) {
      if (!(await isFolder())) return;
      for (const name of gone) if (await isFile(name)) await files.removeFile(at(name));
      await files.syncFolder(path);
    },
  };
}

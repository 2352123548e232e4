import type { FolderAccess } from './folderAccess.ts';
import { removeAll } from './folderAccess.ts';
import { CERTIFICATE, COMMIT, KEY, ORDER, type SetKind } from './folderNames.ts';
import { belongTogether } from './pair.ts';
import type { Previous } from './previous.ts';

/** Where the files of a pair stand below the vehicle's folder; undefined for one that is missing. */
export interface Place {
  certificate: string | undefined;
  key: string | undefined;
}

/**
 * What a `.commit-…` folder is. Anybody can put one there, so it never takes the place of a whole pair by being there:
 * - `moving`: its files are on their way to a place where no whole pair is, and were this far when the run ended;
 * - `waiting`: a whole pair is in use, so this one is nothing but a candidate;
 * - `moved`: nothing of a pair is left in it;
 * - `stray`: no run of ours leaves this.
 */
type Commit = 'none' | 'moving' | 'waiting' | 'moved' | 'stray';

/** The sets of a vehicle's files, and what a run that ended early left of them. */
export interface Sets {
  /** Looks through an unfinished move at the pair that is in use now. Changes nothing. */
  inUse: (kind: SetKind) => Promise<Place>;
  /** The production pair that waits in its commit folder while another one is in use. */
  waiting: () => Promise<Place | undefined>;
  /** Finishes what is `moving`, and moves to `previous/` what is not to be used. Only before a change. */
  settle: () => Promise<void>;
  /** Moves the set of a commit folder to its place; a production pair that is there goes to `previous/`. */
  takeOver: (kind: SetKind) => Promise<void>;
  /** Moves a commit folder to `previous/`. */
  park: (kind: SetKind) => Promise<void>;
}

export function openSets(access: FolderAccess, previous: Previous): Sets {
  const { files, at, isFile, isFolder, read } = access;

  async function commitOf(kind: SetKind): Promise<Commit> {
    const commit = COMMIT[kind];
    if (!(await isFolder(commit))) return 'none';
    const [key, certificate] = [await isFile(commit, KEY[kind]), await isFile(commit, CERTIFICATE[kind])];
    if (!key && !certificate) return 'moved';
    if (!certificate) return 'stray';
    const [hasKey, hasCertificate] = [await isFile(KEY[kind]), await isFile(CERTIFICATE[kind])];
    if (key) {
      if (hasKey && hasCertificate) return 'waiting';
      if (!(await isPair([commit, KEY[kind]], [commit, CERTIFICATE[kind]]))) return 'stray';
      // A lone certificate is one that is just being set aside; a lone key is somebody's treasure.
      if (kind === 'production' && hasKey) return 'stray';
      if (kind === 'production' && hasCertificate && !(await previous.isLeaving())) return 'stray';
      return 'moving';
    }
    // The key has arrived. An older certificate beside it is replaced only in the bootstrap set.
    if (!hasKey || (hasCertificate && kind === 'production')) return 'stray';
    return (await isPair([KEY[kind]], [commit, CERTIFICATE[kind]])) ? 'moving' : 'stray';
  }

  async function isPair(key: string[], certificate: string[]): Promise<boolean> {
    return belongTogether({
      privateKeyPem: await read(...key),
      certificatePem: await read(...certificate),
    });
  }

  const sets: Sets = {
    async inUse(kind) {
      if ((await commitOf(kind)) === 'moving') {
        const commit = COMMIT[kind];
        const key = (await isFile(commit, KEY[kind])) ? `${commit}/${KEY[kind]}` : KEY[kind];
        return { key, certificate: `${commit}/${CERTIFICATE[kind]}` };
      }
      // The rest of a pair that is being set aside is in nobody's use.
      if (kind === 'production' && (await previous.isLeaving()))
        return { key: undefined, certificate: undefined };
      return {
        key: (await isFile(KEY[kind])) ? KEY[kind] : undefined,
        certificate: (await isFile(CERTIFICATE[kind])) ? CERTIFICATE[kind] : undefined,
      };
    },
    async waiting() {
      if ((await commitOf('production')) !== 'waiting') return undefined;
      const { production: commit } = COMMIT;
      return { key: `${commit}/${KEY.production}`, certificate: `${commit}/${CERTIFICATE.production}` };
    },
    async settle() {
      for (const kind of ['bootstrap', 'production'] as const) {
        const commit = await commitOf(kind);
        if (commit === 'moving') await sets.takeOver(kind);
        else if (commit === 'moved') await removeAll(files, at(COMMIT[kind]));
        else if (commit === 'stray' || (commit === 'waiting' && kind === 'bootstrap')) await sets.park(kind);
      }
      if (await previous.isLeaving()) await previous.setAside();
    },
    async takeOver(kind) {
      const commit = COMMIT[kind];
      if (kind === 'production' && (await isFile(commit, KEY.production))) await previous.setAside();
      for (const name of ORDER[kind]) {
        if (await isFile(commit, name)) await files.rename(at(commit, name), at(name));
      }
      await files.syncFolder(at());
      await removeAll(files, at(commit));
    },
    park: (kind) => previous.park(COMMIT[kind], CERTIFICATE[kind]),
  };
  return sets;
}

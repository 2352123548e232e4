import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readTextFile, whyUnread } from '../../core/bounded.ts';
import { CmsError, isCmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { makeFolder, writeFileSafely } from '../../core/safeFiles.ts';
import type { Store } from '../store.ts';

/** A plan has routes of a million points at most, a result ten thousand vehicles. */
const MOST_BYTES = 128 * 2 ** 20;

/** A folder that all machines of a run see in one place, such as one on NFS. */
export function folderStore(root: string): Store {
  const store: Store = {
    label: root,
    isEmpty: async () => (await store.list('runs/')).length === 0,
    async put(key, text) {
      const file = join(root, key);
      try {
        await makeFolder(root, dirname(file));
        await writeFileSafely(file, text);
      } catch (error) {
        if (isCmsError(error)) throw error;
        const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
        throw new CmsError(
          'STORE_FAILED',
          full
            ? l10n.t('{file} cannot be written: the disk is full.', { file })
            : l10n.t('{file} cannot be written: {reason}.', { file, reason: whyUnread(error) }),
          { remedy: l10n.t('Make room, or choose another place with --store.'), cause: error },
        );
      }
    },
    async get(key) {
      const file = join(root, key);
      try {
        return await readTextFile(file, { mostBytes: MOST_BYTES });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw new CmsError(
          'STORE_FAILED',
          l10n.t('{file} cannot be read: {reason}.', { file, reason: whyUnread(error) }),
          { remedy: l10n.t('Check that every machine of the run sees the folder.'), cause: error },
        );
      }
    },
    async list(prefix) {
      try {
        const names = await readdir(join(root, prefix));
        // Files that are being written begin with a dot.
        return names
          .filter((name) => !name.startsWith('.'))
          .sort()
          .map((name) => `${prefix}${name}`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw new CmsError(
          'STORE_FAILED',
          l10n.t('{file} cannot be read: {reason}.', { file: join(root, prefix), reason: whyUnread(error) }),
          { remedy: l10n.t('Check that every machine of the run sees the folder.'), cause: error },
        );
      }
    },
  };
  return store;
}

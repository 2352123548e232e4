import { join } from 'node:path';
import { inGroups } from '../core/inGroups.ts';
import { l10n, type Message } from '../core/message.ts';
import { checkFolder, checkWay, closeFolder } from '../core/safeFiles.ts';
import type { FileOperations } from './fileOperations.ts';
import { incomingName, removeAll, removeUndecided, replaceFile } from './folderAccess.ts';

const IGNORED = ['*.key', '*.crt', '*.pem', '.lock-*'];
/**
 * What a vehicle's files take at most while a new set stands beside an old one: a dozen files and folders, in blocks of
 * four kilobytes. A certificate that cannot be saved must not be asked for.
 */
const ROOM = 64 * 1024;

/** The folder of all vehicles. Vehicles that are worked on at the same time share its looks and its syncs. */
export interface StorePlace {
  /** Throws if it is there and not one to keep keys in. */
  check: () => Promise<void>;
  /** Makes it, with its `.gitignore`, if it is missing. */
  ensure: () => Promise<void>;
  /** `ensure`; removes what crashed runs left, and tries whether there is room. */
  makeReady: (tell: (message: Message) => void) => Promise<void>;
  /** Brings names of vehicles that were made or removed to the disk. */
  sync: () => Promise<void>;
}

/** @param root from there down no link is followed */
export function openStorePlace(files: FileOperations, root: string, folder: string): StorePlace {
  async function look(): Promise<void> {
    await checkWay(root, folder);
    await checkFolder(folder);
  }

  async function make(): Promise<void> {
    await checkWay(root, folder);
    await files.makeFolder(folder, 0o700);
    await look();
    const ignore =
      (await files.kind(join(folder, '.gitignore'))) === undefined
        ? ''
        : await files.read(join(folder, '.gitignore'));
    const missing = IGNORED.filter((rule) => !ignore.split(/\r?\n/).includes(rule));
    if (missing.length === 0) return;
    const head =
      ignore === ''
        ? '# Keys and certificates of vehicles never belong in version control.'
        : ignore.trimEnd();
    await replaceFile(files, folder, '.gitignore', `${[head, ...missing].join('\n')}\n`, 0o644);
  }

  const ensure = inGroups(make);
  return {
    check: inGroups(look),
    ensure,
    sync: inGroups(() => files.syncFolder(folder)),
    async makeReady(tell) {
      await checkWay(root, folder);
      if (await closeFolder(folder)) {
        tell(
          l10n.t('The folder {folder} was open to a group of users; it is closed to others now.', { folder }),
        );
      }
      await ensure();
      await removeUndecided(files, folder, { ownToo: false });
      const probe = incomingName();
      try {
        await files.create(join(folder, probe), ' '.repeat(ROOM), 0o600);
      } finally {
        await removeAll(files, join(folder, probe));
      }
    },
  };
}

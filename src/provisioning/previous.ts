import type { DeviceIdentity } from '../protocol/device.ts';
import type { FolderAccess } from './folderAccess.ts';
import {
  BOOTSTRAP_CERTIFICATE,
  FACTS,
  ORDER,
  PREVIOUS_FOLDER,
  PRODUCTION_CERTIFICATE,
  PRODUCTION_KEY,
} from './folderNames.ts';
import { certificateIdOfPem, privateKeyIn } from './pair.ts';

/** `previous/`: what was in use or never came into use. Nothing in it is ever overwritten. */
export interface Previous {
  /** Moves the production files to `previous/<certificate id>/`; returns that folder, undefined if there are none. */
  setAside: () => Promise<string | undefined>;
  /** What has a certificate and a key: production pairs, and others that were to become one. */
  pairs: () => Promise<readonly DeviceIdentity[]>;
  /** Whether a run ended while the production files were being moved: the certificate is left, the key is there. */
  isLeaving: () => Promise<boolean>;
  /** The same for the bootstrap files. */
  setBootstrapAside: () => Promise<void>;
  /** Moves a folder here, named after the certificate in it. */
  park: (folder: string, certificate: string) => Promise<void>;
}

export function openPrevious({ files, at, isFile, isFolder, ensureFolder, read }: FolderAccess): Previous {
  async function nameOf(...certificate: string[]): Promise<string> {
    return certificateIdOfPem(await read(...certificate)) ?? 'unreadable';
  }

  async function namesLike(base: string): Promise<string[]> {
    if (!(await isFolder(PREVIOUS_FOLDER))) return [];
    const names = await files.list(at(PREVIOUS_FOLDER));
    return names.filter((name) => name === base || name.startsWith(`${base}.`));
  }

  async function interruptedMove(base: string): Promise<string | undefined> {
    for (const name of await namesLike(base)) {
      const key = await isFile(PREVIOUS_FOLDER, name, PRODUCTION_KEY);
      if (key && !(await isFile(PREVIOUS_FOLDER, name, PRODUCTION_CERTIFICATE))) return name;
    }
    return undefined;
  }

  /** A name under `previous/` that overwrites nothing. An empty folder is one that a crash left: it is used. */
  async function freeName(base: string): Promise<string> {
    const taken = new Set<string>();
    for (const name of await namesLike(base)) {
      if ((await files.list(at(PREVIOUS_FOLDER, name))).length > 0) taken.add(name);
    }
    let name = base;
    for (let i = 1; taken.has(name); i++) name = `${base}.${i}`;
    return name;
  }

  return {
    /** Key first, certificate last: an interrupted move is recognised by the certificate left behind. */
    async setAside() {
      const certificate = await isFile(PRODUCTION_CERTIFICATE);
      const key = await isFile(PRODUCTION_KEY);
      if (!certificate && !key) return undefined;
      const base = certificate ? await nameOf(PRODUCTION_CERTIFICATE) : 'without-certificate';
      const begun = certificate && !key ? await interruptedMove(base) : undefined;
      const target = begun ?? (await freeName(base));
      await ensureFolder(PREVIOUS_FOLDER);
      await ensureFolder(PREVIOUS_FOLDER, target);
      for (const name of [PRODUCTION_KEY, FACTS, PRODUCTION_CERTIFICATE]) {
        if (await isFile(name)) await files.rename(at(name), at(PREVIOUS_FOLDER, target, name));
      }
      await files.syncFolder(at(PREVIOUS_FOLDER, target));
      await files.syncFolder(at());
      return at(PREVIOUS_FOLDER, target);
    },
    async setBootstrapAside() {
      if (!(await isFile(BOOTSTRAP_CERTIFICATE))) return;
      const target = await freeName(await nameOf(BOOTSTRAP_CERTIFICATE));
      await ensureFolder(PREVIOUS_FOLDER);
      await ensureFolder(PREVIOUS_FOLDER, target);
      for (const name of ORDER.bootstrap) {
        if (await isFile(name)) await files.rename(at(name), at(PREVIOUS_FOLDER, target, name));
      }
      await files.syncFolder(at(PREVIOUS_FOLDER, target));
      await files.syncFolder(at());
    },
    async pairs() {
      if (!(await isFolder(PREVIOUS_FOLDER))) return [];
      const found: DeviceIdentity[] = [];
      for (const name of await files.list(at(PREVIOUS_FOLDER))) {
        if (!(await isFolder(PREVIOUS_FOLDER, name))) continue;
        const of = (file: string): string[] => [PREVIOUS_FOLDER, name, file];
        const [certificate, key] = [of(PRODUCTION_CERTIFICATE), of(PRODUCTION_KEY)];
        if (!(await isFile(...certificate)) || !(await isFile(...key))) continue;
        const privateKeyPem = privateKeyIn(await read(...key));
        found.push({ certificatePem: await read(...certificate), privateKeyPem });
      }
      return found;
    },
    async isLeaving() {
      if (!(await isFile(PRODUCTION_CERTIFICATE)) || (await isFile(PRODUCTION_KEY))) return false;
      return (await interruptedMove(await nameOf(PRODUCTION_CERTIFICATE))) !== undefined;
    },
    async park(folder, certificate) {
      const base = (await isFile(folder, certificate))
        ? await nameOf(folder, certificate)
        : 'without-certificate';
      await ensureFolder(PREVIOUS_FOLDER);
      await files.rename(at(folder), at(PREVIOUS_FOLDER, await freeName(base)));
      await files.syncFolder(at());
    },
  };
}

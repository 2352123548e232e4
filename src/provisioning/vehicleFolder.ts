import { join } from 'node:path';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { errnoOf, type FileOperations } from './fileOperations.ts';
import { certificateIdOfPem } from './pair.ts';

export const BOOTSTRAP_KEY = 'bootstrap-private.pem.key';
export const BOOTSTRAP_PUBLIC_KEY = 'bootstrap-public.pem.key';
export const BOOTSTRAP_CERTIFICATE = 'bootstrap-certificate.pem.crt';
export const PRODUCTION_KEY = 'production-private.pem.key';
export const PRODUCTION_CERTIFICATE = 'production-certificate.pem.crt';
export const FACTS = 'provisioning.json';
/** A new pair that waits to be verified before it becomes the production pair. */
export const CANDIDATE_FOLDER = 'next';
export const PREVIOUS_FOLDER = 'previous';

const INCOMING = '.incoming-';
const COMMIT = { bootstrap: '.commit-bootstrap', production: '.commit-production' } as const;
/** The certificate goes last: while it is missing, nothing reads the key beside it as a pair. */
const ORDER = {
  bootstrap: [BOOTSTRAP_KEY, BOOTSTRAP_PUBLIC_KEY, BOOTSTRAP_CERTIFICATE],
  production: [PRODUCTION_KEY, PRODUCTION_CERTIFICATE],
} as const;

/**
 * The files of one vehicle, changed so that a crash at any point leaves the old set or the new one.
 * A set is written to a folder of its own and synced; renaming that folder to `.commit-…` decides; `settle`
 * then moves the files to their places, and does so again after a crash.
 */
export interface VehicleFolder {
  readonly path: string;
  exists(): Promise<boolean>;
  /** Finishes what a crash interrupted. Called before anything is read. */
  settle(): Promise<void>;
  has(name: string): Promise<boolean>;
  read(name: string): Promise<string>;
  replace(kind: 'bootstrap' | 'production', contents: Record<string, string>): Promise<void>;
  /** Writes the pair to `next/`, which must be free. */
  stageCandidate(contents: Record<string, string>): Promise<void>;
  /** Makes the candidate the production pair; the old one goes to `previous/`. */
  promoteCandidate(): Promise<void>;
  /** Moves the candidate to `previous/`. */
  dropCandidate(): Promise<void>;
  /** Moves the production files to `previous/<certificate id>/`; returns that folder, undefined if there are none. */
  setAside(): Promise<string | undefined>;
  /** Replaces one small file in one step. */
  writeFile(name: string, content: string): Promise<void>;
  removeFiles(names: readonly string[]): Promise<void>;
}

let serial = 0;

export function openVehicleFolder(files: FileOperations, path: string): VehicleFolder {
  const at = (...names: string[]) => join(path, ...names);

  async function isFolder(...names: string[]): Promise<boolean> {
    const kind = await files.kind(at(...names));
    if (kind === 'other') throw linkRefused(at(...names));
    return kind === 'folder';
  }

  async function isFile(...names: string[]): Promise<boolean> {
    const kind = await files.kind(at(...names));
    if (kind === 'other' || kind === 'folder') throw linkRefused(at(...names));
    return kind === 'file';
  }

  async function ensureFolder(...names: string[]): Promise<void> {
    if (await isFolder(...names)) return;
    await files.makeFolder(at(...names), 0o700);
    await files.syncFolder(at(...names, '..'));
  }

  /** What another process that crashed, or an earlier call of this one, began and never decided for. */
  async function removeUndecided(): Promise<void> {
    for (const name of await files.list(path)) {
      if (!name.startsWith(INCOMING)) continue;
      const owner = Number(name.slice(INCOMING.length).split('-')[0]);
      if (owner !== process.pid && isAlive(owner)) continue;
      await removeAll(files, at(name));
    }
  }

  async function write(contents: Record<string, string>, target: string): Promise<void> {
    const existed = await isFolder();
    await ensureFolder();
    const incoming = at(incomingName());
    try {
      await removeUndecided();
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

  async function moveSet(kind: 'bootstrap' | 'production'): Promise<void> {
    const commit = COMMIT[kind];
    if (!(await isFolder(commit))) return;
    if (kind === 'production' && (await isFile(commit, PRODUCTION_KEY))) await moveAside();
    for (const name of ORDER[kind]) {
      if (!(await isFile(commit, name))) continue;
      await files.rename(at(commit, name), at(name));
    }
    await files.syncFolder(path);
    await removeAll(files, at(commit));
  }

  /** Key first, certificate last: an interrupted move is recognised by the certificate left behind. */
  async function moveAside(): Promise<string | undefined> {
    const certificate = await isFile(PRODUCTION_CERTIFICATE);
    const key = await isFile(PRODUCTION_KEY);
    if (!certificate && !key) return undefined;
    const base = certificate ? await nameOf(at(PRODUCTION_CERTIFICATE)) : 'without-certificate';
    const target = (certificate && !key ? await interruptedMove(base) : undefined) ?? (await freeName(base));
    await ensureFolder(PREVIOUS_FOLDER);
    await ensureFolder(PREVIOUS_FOLDER, target);
    for (const name of [PRODUCTION_KEY, FACTS, PRODUCTION_CERTIFICATE]) {
      if (await isFile(name)) await files.rename(at(name), at(PREVIOUS_FOLDER, target, name));
    }
    await files.syncFolder(at(PREVIOUS_FOLDER, target));
    await files.syncFolder(path);
    return at(PREVIOUS_FOLDER, target);
  }

  async function nameOf(certificateFile: string): Promise<string> {
    return certificateIdOfPem(await files.read(certificateFile)) ?? 'unreadable';
  }

  async function previousNames(base: string): Promise<string[]> {
    if (!(await isFolder(PREVIOUS_FOLDER))) return [];
    const names = await files.list(at(PREVIOUS_FOLDER));
    return names.filter((name) => name === base || name.startsWith(`${base}.`));
  }

  async function interruptedMove(base: string): Promise<string | undefined> {
    for (const name of await previousNames(base)) {
      const key = await isFile(PREVIOUS_FOLDER, name, PRODUCTION_KEY);
      if (key && !(await isFile(PREVIOUS_FOLDER, name, PRODUCTION_CERTIFICATE))) return name;
    }
    return undefined;
  }

  /** A name under `previous/` that overwrites nothing. An empty folder is one that a crash left: it is used. */
  async function freeName(base: string): Promise<string> {
    const taken = new Set<string>();
    for (const name of await previousNames(base)) {
      if ((await files.list(at(PREVIOUS_FOLDER, name))).length > 0) taken.add(name);
    }
    let name = base;
    for (let i = 1; taken.has(name); i++) name = `${base}.${i}`;
    return name;
  }

  const folder: VehicleFolder = {
    path,
    exists: () => isFolder(),
    async settle() {
      if (!(await isFolder())) return;
      await moveSet('bootstrap');
      await moveSet('production');
      if ((await isFile(PRODUCTION_CERTIFICATE)) && !(await isFile(PRODUCTION_KEY))) {
        const base = await nameOf(at(PRODUCTION_CERTIFICATE));
        if ((await interruptedMove(base)) !== undefined) await moveAside();
      }
    },
    has: (name) => isFile(...name.split('/')),
    read: (name) => files.read(at(...name.split('/'))),
    async replace(kind, contents) {
      await write(contents, at(COMMIT[kind]));
      await moveSet(kind);
    },
    stageCandidate: (contents) => write(contents, at(CANDIDATE_FOLDER)),
    async promoteCandidate() {
      await files.rename(at(CANDIDATE_FOLDER), at(COMMIT.production));
      await files.syncFolder(path);
      await moveSet('production');
    },
    async dropCandidate() {
      if (!(await isFolder(CANDIDATE_FOLDER))) return;
      await ensureFolder(PREVIOUS_FOLDER);
      const target = await freeName(await nameOf(at(CANDIDATE_FOLDER, PRODUCTION_CERTIFICATE)));
      await files.rename(at(CANDIDATE_FOLDER), at(PREVIOUS_FOLDER, target));
      await files.syncFolder(path);
    },
    setAside: moveAside,
    async writeFile(name, content) {
      await ensureFolder();
      await replaceFile(files, path, name, content, 0o600);
    },
    async removeFiles(names) {
      if (!(await isFolder())) return;
      for (const name of names) if (await isFile(name)) await files.removeFile(at(name));
      await files.syncFolder(path);
    },
  };
  return folder;
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

/** Removes a file, a link itself (never what it points to) or a folder with all in it. */
export async function removeAll(files: FileOperations, path: string): Promise<void> {
  const kind = await files.kind(path);
  if (kind === undefined) return;
  if (kind !== 'folder') {
    await files.removeFile(path);
    return;
  }
  for (const name of await files.list(path)) await removeAll(files, join(path, name));
  await files.removeFolder(path);
}

function incomingName(): string {
  return `${INCOMING}${process.pid}-${++serial}`;
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

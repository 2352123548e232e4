import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { CertificateStore } from '../../provisioning/certificates.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { VehicleName } from '../base/stackRef.ts';

const CHOSEN_KEY = 'certificatesWorkspaceFolder';
const DEFAULT_FOLDER = 'certs';

/**
 * Where in the workspace the certificates live: the setting's folder in the only workspace folder,
 * or in the one chosen once when there are several. Watches it, so that views stay true.
 */
export class CertificateFolders implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #backend: LoadBackend<'createCertificateStore'>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** One store a folder: it makes sure that nobody reads what is half written. */
  readonly #stores = new Map<string, CertificateStore>();
  readonly #emptyFolder: string;
  #watcher: vscode.FileSystemWatcher | undefined;
  #watched: string | undefined;
  #pending: NodeJS.Timeout | undefined;

  /** @param emptyFolder a folder that is never made, for looking at vehicles while no workspace is open */
  constructor(state: vscode.Memento, emptyFolder: string, backend: LoadBackend<'createCertificateStore'>) {
    this.#state = state;
    this.#emptyFolder = emptyFolder;
    this.#backend = backend;
    this.#watch();
  }

  /** The store to show, if there is a workspace and no choice is open; never asks. */
  peek(): CertificateStore | undefined {
    const folder = this.#known();
    return folder === undefined ? undefined : this.#storeIn(folder);
  }

  /**
   * The store to work with what is in it; an empty one if no folder is open, or its files are not trusted: what they
   * name is not asked of AWS. Never asks the person.
   */
  forReading(): CertificateStore {
    return (vscode.workspace.isTrusted ? this.peek() : undefined) ?? this.#store(this.#emptyFolder);
  }

  /**
   * The store to write to, or to act as a vehicle from. Asks which workspace folder, once.
   * Throws WORKSPACE_UNTRUSTED, WORKSPACE_MISSING, or CancellationError.
   */
  async forWriting(): Promise<CertificateStore> {
    this.requireTrust();
    let folder = this.#known();
    if (folder === undefined) {
      const folders = vscode.workspace.workspaceFolders ?? [];
      if (folders.length === 0) {
        throw new CmsError(
          'WORKSPACE_MISSING',
          l10n.t('Certificates are written into the workspace, and no folder is open.'),
          { remedy: l10n.t('Open a folder.') },
        );
      }
      const picked = await vscode.window.showWorkspaceFolderPick({
        placeHolder: vscode.l10n.t('Workspace folder for the vehicle certificates'),
        ignoreFocusOut: true,
      });
      if (picked === undefined) throw new vscode.CancellationError();
      await this.#state.update(CHOSEN_KEY, picked.uri.toString());
      folder = picked;
      this.#watch();
    }
    return this.#storeIn(folder);
  }

  /** The workspace folder in which they are, asked for as `forWriting` does; a CA is looked for beside them. */
  async workspaceRoot(): Promise<string> {
    await this.forWriting();
    const folder = this.#known();
    if (folder === undefined) throw new vscode.CancellationError();
    return folder.uri.fsPath;
  }

  requireTrust(): void {
    if (vscode.workspace.isTrusted) return;
    throw new CmsError(
      'WORKSPACE_UNTRUSTED',
      l10n.t('In Restricted Mode certificates are neither written nor used.'),
      { remedy: l10n.t('Trust this workspace first.') },
    );
  }

  /** The name of the folder of a vehicle that is known by its VIN only; the VIN itself if there is none. */
  async idOf(vin: string): Promise<string> {
    const store = this.peek();
    const ids = (await store?.ids()) ?? [];
    if (ids.includes(vin)) return vin;
    for (const id of ids) if ((await store?.facts(id))?.vin === vin) return id;
    return vin;
  }

  /** Absolute path of a vehicle's folder, whether or not it exists. */
  folderOf(id: string): vscode.Uri | undefined {
    const store = this.peek();
    return store === undefined ? undefined : vscode.Uri.file(path.join(store.folder, id));
  }

  /** The vehicle whose folder this is, if it is one; its files are read only where they are trusted. */
  async vehicleOf(uri: vscode.Uri): Promise<VehicleName | undefined> {
    const id = path.basename(uri.fsPath);
    const store = this.peek();
    if (store?.folder !== path.dirname(uri.fsPath)) return undefined;
    if (!(await store.ids()).includes(id)) return undefined;
    const facts = vscode.workspace.isTrusted ? await store.facts(id) : undefined;
    return { vin: facts?.vin ?? id, id };
  }

  /** The folders that are there, one a vehicle, without what is heavy: for menus. */
  async vehicleFolders(): Promise<vscode.Uri[]> {
    const workspace = this.#known();
    if (workspace === undefined) return [];
    const folder = path.join(workspace.uri.fsPath, settingOf(workspace));
    try {
      // The editor's own reading complains in its log of a folder that is made with the first certificate only.
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.flatMap((entry) =>
        entry.isDirectory() && !entry.name.startsWith('.')
          ? [vscode.Uri.file(path.join(folder, entry.name))]
          : [],
      );
    } catch {
      return [];
    }
  }

  #known(): vscode.WorkspaceFolder | undefined {
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.length <= 1) return folders[0];
    const chosen = this.#state.get<string>(CHOSEN_KEY);
    return folders.find((f) => f.uri.toString() === chosen);
  }

  #storeIn(folder: vscode.WorkspaceFolder): CertificateStore {
    const root = folder.uri.fsPath;
    return this.#store(path.join(root, settingOf(folder)), root);
  }

  #store(folder: string, root = path.dirname(folder)): CertificateStore {
    let store = this.#stores.get(folder);
    if (store === undefined) {
      store = this.#backend().createCertificateStore(folder, { root });
      this.#stores.set(folder, store);
    }
    return store;
  }

  #watch(): void {
    const folder = this.#known();
    const pattern = folder === undefined ? undefined : `${settingOf(folder)}/**`;
    const key = folder === undefined ? undefined : `${folder.uri.toString()} ${pattern}`;
    if (key === this.#watched) return;
    this.#watched = key;
    this.#watcher?.dispose();
    this.#watcher = undefined;
    if (folder === undefined || pattern === undefined) return;
    this.#watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
    // One event for all the files of a vehicle.
    const fire = (): void => {
      clearTimeout(this.#pending);
      this.#pending = setTimeout(() => this.#changed.fire(), 200);
    };
    this.#watcher.onDidCreate(fire);
    this.#watcher.onDidDelete(fire);
    this.#watcher.onDidChange(fire);
  }

  /** To be called when workspace folders or the setting change. */
  refresh(): void {
    this.#watch();
    this.#changed.fire();
  }

  dispose(): void {
    clearTimeout(this.#pending);
    this.#watcher?.dispose();
    this.#changed.dispose();
  }
}

/** The setting, kept inside the workspace folder whatever is written there. */
function settingOf(folder: vscode.WorkspaceFolder): string {
  const value: unknown = vscode.workspace
    .getConfiguration('cmsEnablement', folder.uri)
    .get('certificatesFolder');
  // The editor marks what is wrong in settings.json, and hands it out all the same.
  if (typeof value !== 'string' || /[\0:]/.test(value)) return DEFAULT_FOLDER;
  const normal = path.posix.normalize(value.replaceAll('\\', '/'));
  return normal.startsWith('..') || path.isAbsolute(normal) || normal === '.' ? DEFAULT_FOLDER : normal;
}

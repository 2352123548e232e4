import path from 'node:path';
import * as vscode from 'vscode';
import type { ProvisionWay } from '../../cms/contract/provisioner.ts';
import { keepSecret } from '../../core/secrets.ts';
import type { CaOfFolder } from '../../provisioning/ca/caFolder.ts';
import type { OwnCa } from '../../provisioning/ca/ownCa.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { CertificateFolders } from './certificateFolders.ts';

type Backend = LoadBackend<'caIn' | 'openCaFolder' | 'readCaFolder'>;

/** The CA of the workspace, which signs certificates for the provisioners `jitp` and `jitr`. */
export class OwnCas {
  readonly #backend: Backend;
  readonly #certificates: Pick<CertificateFolders, 'workspaceRoot'>;
  /** By folder: asked once a window, kept nowhere else. */
  readonly #passphrases = new Map<string, string>();

  constructor(backend: Backend, certificates: Pick<CertificateFolders, 'workspaceRoot'>) {
    this.#backend = backend;
    this.#certificates = certificates;
  }

  /** How certificates are to come, by the setting; undefined: the way the CMS has for it. */
  static way(): ProvisionWay | undefined {
    const value: unknown = vscode.workspace.getConfiguration('cmsEnablement').get('provisioner');
    return value === 'jitp' || value === 'jitr' ? value : undefined;
  }

  /** Absolute path. Asks which workspace folder, if that is not known. */
  async folder(): Promise<string> {
    const root = await this.#certificates.workspaceRoot();
    const value: unknown = vscode.workspace.getConfiguration('cmsEnablement').get('caFolder');
    return path.resolve(root, typeof value === 'string' && value.trim() !== '' ? value.trim() : 'ca');
  }

  /** The id of the CA, for work that needs neither its key nor its passphrase. */
  async id(): Promise<string> {
    return (await this.#backend().readCaFolder(await this.folder())).id;
  }

  /** Reads the CA; asks for the passphrase of an encrypted key once a window, and again after one that was wrong. */
  async read(): Promise<CaOfFolder> {
    const { openCaFolder } = this.#backend();
    const folder = await this.folder();
    try {
      return await openCaFolder(folder, { now: Date.now(), passphrase: () => this.askFor(folder) });
    } catch (error) {
      // It may have been the passphrase: the next piece of work asks for it again.
      this.#passphrases.delete(folder);
      throw error;
    }
  }

  /** The passphrase of an encrypted key, which is asked for once a window. @throws CancellationError */
  async askFor(folder: string): Promise<string> {
    const known = this.#passphrases.get(folder);
    return known ?? this.askAgain(folder);
  }

  /** The same for a CA that takes the place of another in this folder. @throws CancellationError */
  async askAgain(folder: string): Promise<string> {
    const typed = await askPassphrase(vscode.l10n.t('Passphrase of the CA in {0}', folder));
    this.#passphrases.set(folder, typed);
    return typed;
  }

  /** For work on vehicles with certificates of it; without its key it signs nothing. Made once for each piece of work. */
  opener(): () => Promise<OwnCa> {
    let opened: Promise<OwnCa> | undefined;
    return () => (opened ??= this.read().then((found) => this.#backend().caIn(found)));
  }

  remember(folder: string, passphrase: string): void {
    this.#passphrases.set(folder, passphrase);
  }
}

/** @throws CancellationError */
export async function askPassphrase(
  title: string,
  check: (text: string) => string | undefined = () => undefined,
): Promise<string> {
  const typed = await vscode.window.showInputBox({
    title,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? vscode.l10n.t('Type the passphrase.') : check(text)),
  });
  if (typed === undefined) throw new vscode.CancellationError();
  keepSecret(typed);
  return typed;
}

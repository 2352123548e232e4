import { basename } from 'node:path';
import * as vscode from 'vscode';
import { vinOfTarget } from '../base/vinTarget.ts';
import type { CertificateFolders } from './certificateFolders.ts';

const CONTEXT = 'cmsEnablement.certificateFolders';

/**
 * Tells the Explorer which folders are those of vehicles (`package.json`), whatever their CMS knows these by; a VIN it
 * knows from its form.
 */
export function keepFolderMenu(
  folders: Pick<CertificateFolders, 'vehicleFolders' | 'onDidChange'>,
  setContext: (key: string, value: readonly string[]) => void = (key, value) =>
    void vscode.commands.executeCommand('setContext', key, value),
): vscode.Disposable {
  let told = '';
  let isClosed = false;
  const tell = async (): Promise<void> => {
    const all = await folders.vehicleFolders();
    const found = all.filter(({ fsPath }) => vinOfTarget({ vin: basename(fsPath) }) === undefined);
    // How the window writes a place depends on whether it is on this machine.
    const places = [...new Set(found.flatMap(({ fsPath, path }) => [fsPath, path]))].sort();
    const now = JSON.stringify(places);
    if (isClosed || now === told) return;
    told = now;
    setContext(CONTEXT, places);
  };
  void tell();
  return vscode.Disposable.from(
    folders.onDidChange(() => void tell()),
    { dispose: () => (isClosed = true) },
  );
}

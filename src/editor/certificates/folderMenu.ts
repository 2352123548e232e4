import * as vscode from 'vscode';
import type { CertificateFolders } from './certificateFolders.ts';

const CONTEXT = 'cmsEnablement.certificateFolders';

/**
 * Tells the Explorer which folders are those of vehicles (`package.json`), whatever their CMS knows these by. Until it is
 * told, it knows those that are named by a VIN.
 */
export function keepFolderMenu(
  folders: Pick<CertificateFolders, 'vehicleFolders' | 'onDidChange'>,
  setContext: (key: string, value: readonly string[]) => void = (key, value) =>
    void vscode.commands.executeCommand('setContext', key, value),
): vscode.Disposable {
  let told = '';
  let isClosed = false;
  const tell = async (): Promise<void> => {
    const found = await folders.vehicleFolders();
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

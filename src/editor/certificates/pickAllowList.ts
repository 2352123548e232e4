import * as vscode from 'vscode';

/** A list of those that may come in, as a factory's batch writes it; undefined if the person left. */
export async function pickAllowList(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('List of the vehicles that may come in'),
    openLabel: vscode.l10n.t('Let These In'),
    filters: { CSV: ['csv'] },
  });
  return picked?.[0];
}

import * as vscode from 'vscode';
import { pickOne } from '../base/shown.ts';

/** A list of those that may come in, as a factory's batch writes it; undefined if the person left. */
export async function pickAllowList(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('List of the vehicles that may come in'),
    openLabel: vscode.l10n.t('Let These In'),
    filters: { CSV: ['csv'] },
  });
  return picked?.[0];
}

/** Whether the certificates of others are revoked; undefined if the person left. */
export async function askAboutOthers(): Promise<boolean | undefined> {
  const picked = await pickOne(
    [
      {
        label: vscode.l10n.t('Leave them pending'),
        detail: vscode.l10n.t('They can be let in later by another list.'),
        revoke: false,
      },
      {
        label: vscode.l10n.t('Revoke them'),
        detail: vscode.l10n.t('They never come in, even when a later list allows them.'),
        revoke: true,
      },
    ],
    {
      title: vscode.l10n.t('What happens to certificates that are not on the list?'),
      ignoreFocusOut: true,
    },
  );
  return picked?.revoke;
}

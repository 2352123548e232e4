import * as vscode from 'vscode';
import type { ProfileSummary } from '../../aws/profiles.ts';

/** Where the keys of a profile come from, in a few words. */
export function kindOf({ source, role, mfa }: ProfileSummary): string {
  const from: Record<NonNullable<ProfileSummary['source']>, string> = {
    keys: vscode.l10n.t('access keys'),
    sso: vscode.l10n.t('single sign-on'),
    login: vscode.l10n.t('AWS sign-in'),
    process: vscode.l10n.t('credential process'),
    'web-identity': vscode.l10n.t('web identity'),
    metadata: vscode.l10n.t('instance or container role'),
    environment: vscode.l10n.t('environment'),
    none: vscode.l10n.t('no credentials'),
  };
  const words = source === undefined ? vscode.l10n.t('incomplete') : from[source];
  if (!role || source === undefined) return words;
  return mfa ? vscode.l10n.t('role with MFA via {0}', words) : vscode.l10n.t('role via {0}', words);
}

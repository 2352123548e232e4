import path from 'node:path';
import * as vscode from 'vscode';
import { l10n, type Message } from '../../core/message.ts';
import type { PickItem } from '../base/wizard.ts';

interface Names {
  title: Message;
  go: (count: number) => Message;
  doing: (count: number) => Message;
}

/** How each kind of factory's work is called. */
export const NAMES: Readonly<Record<'issue' | 'request' | 'import', Names>> = {
  issue: {
    title: l10n.t('Issue Certificates for a Fleet'),
    go: (count) =>
      l10n.plural(count, l10n.t('Issue 1 certificate'), l10n.t('Issue {count} certificates', { count })),
    doing: (count) =>
      l10n.plural(count, l10n.t('Issuing 1 certificate'), l10n.t('Issuing {count} certificates', { count })),
  },
  request: {
    title: l10n.t('Request Certificates from Your PKI'),
    go: (count) =>
      l10n.plural(
        count,
        l10n.t('Make a key and a signing request for 1 vehicle'),
        l10n.t('Make keys and signing requests for {count} vehicles', { count }),
      ),
    doing: (count) =>
      l10n.plural(
        count,
        l10n.t('Making 1 signing request'),
        l10n.t('Making {count} signing requests', { count }),
      ),
  },
  import: {
    title: l10n.t('Import Certificates from Your PKI'),
    go: (count) =>
      l10n.plural(count, l10n.t('Import 1 certificate'), l10n.t('Import {count} certificates', { count })),
    doing: (count) =>
      l10n.plural(
        count,
        l10n.t('Importing 1 certificate'),
        l10n.t('Importing {count} certificates', { count }),
      ),
  },
};

/** The file that was chosen, and a way to choose one: its value is empty. */
export function pickSigned(chosen: string | undefined): PickItem[] {
  const choose = { label: `$(folder-opened) ${vscode.l10n.t('Choose a File…')}`, value: '' };
  return chosen === undefined
    ? [choose]
    : [{ label: path.basename(chosen), detail: chosen, value: chosen }, choose];
}

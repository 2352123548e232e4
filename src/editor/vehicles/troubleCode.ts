import * as vscode from 'vscode';
import { pickOrType } from '../base/pickOrType.ts';

/** A trouble code to report: one of the usual ones, or typed. Undefined when the person leaves. */
export function askTroubleCode(who: string): Promise<string | undefined> {
  return pickOrType(
    {
      title: vscode.l10n.t('DTC of {0}', who),
      placeholder: vscode.l10n.t('Pick a trouble code or type one, for example P0217'),
    },
    () => [commonCodes()],
    {
      typedAs: (text) => text.toUpperCase(),
      problem: (code) =>
        /^[PCBU][0-3][0-9A-F]{3}$/.test(code)
          ? undefined
          : vscode.l10n.t('{0} is not an OBD-II trouble code such as P0217', code),
    },
  );
}

/** Codes worth offering; any other OBD-II code can be typed. */
function commonCodes(): vscode.QuickPickItem[] {
  return [
    { label: 'P0217', description: vscode.l10n.t('Engine over temperature') },
    { label: 'P0300', description: vscode.l10n.t('Random misfire detected') },
    { label: 'P0420', description: vscode.l10n.t('Catalyst efficiency below threshold') },
    { label: 'P0562', description: vscode.l10n.t('System voltage low') },
    { label: 'P1734', description: vscode.l10n.t('Transmission: sixth gear') },
    { label: 'U0100', description: vscode.l10n.t('Lost communication with the engine control module') },
  ];
}

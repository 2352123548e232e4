import * as vscode from 'vscode';
import { commonTroubleCodes } from '../../protocol/mapWords.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { sayMapWord } from '../base/say.ts';

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

/** Codes worth offering, the same as on the map; any other OBD-II code can be typed. */
function commonCodes(): vscode.QuickPickItem[] {
  return commonTroubleCodes.map((code) => ({
    label: code,
    description: sayMapWord(`code${code}`),
  }));
}

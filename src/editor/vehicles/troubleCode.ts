import * as vscode from 'vscode';

/** Codes worth offering; any other OBD-II code can be typed. */
const COMMON_CODES: Readonly<Record<string, string>> = {
  P0217: 'Engine over temperature',
  P0300: 'Random misfire detected',
  P0420: 'Catalyst efficiency below threshold',
  P0562: 'System voltage low',
  P1734: 'Transmission: sixth gear',
  U0100: 'Lost communication with the engine control module',
};

/** A trouble code to report: one of the usual ones, or typed. Undefined when the person leaves. */
export function askTroubleCode(who: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pick = vscode.window.createQuickPick();
    const known = Object.entries(COMMON_CODES).map(([label, description]) => ({ label, description }));
    let answer: string | undefined;
    pick.title = vscode.l10n.t('DTC of {0}', who);
    pick.placeholder = vscode.l10n.t('Pick a trouble code or type one, for example P0217');
    pick.matchOnDescription = true;
    pick.items = known;
    pick.onDidChangeValue((value) => {
      const typed = value.trim().toUpperCase();
      const valid = /^[PCBU][0-3][0-9A-F]{3}$/.test(typed) && !(typed in COMMON_CODES);
      pick.items = valid
        ? [{ label: typed, description: vscode.l10n.t('as typed'), alwaysShow: true }, ...known]
        : known;
    });
    pick.onDidAccept(() => {
      answer = pick.selectedItems[0]?.label;
      if (answer !== undefined) pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(answer);
    });
    pick.show();
  });
}

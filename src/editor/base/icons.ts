import * as vscode from 'vscode';

/** Something that is well and under way. */
export function activeIcon(icon: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor('charts.green'));
}

/** Something that works, but not as it should. */
export function warningIcon(icon: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor('list.warningForeground'));
}

/** Something that does not work. */
export function errorIcon(icon: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor('list.errorForeground'));
}

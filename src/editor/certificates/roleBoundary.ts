import * as vscode from 'vscode';

/** What the setting says of the permissions boundary for an IAM role that is made here. */
export function roleBoundary(): { roleBoundary?: string } {
  const text: unknown = vscode.workspace.getConfiguration('cmsEnablement').get('roleBoundary');
  return typeof text === 'string' && text.trim() !== '' ? { roleBoundary: text.trim() } : {};
}

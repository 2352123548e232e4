import * as vscode from 'vscode';
import { ERROR_CODES } from '../../core/errorCodes.ts';
import { showErrorHelp } from '../base/errorHelp.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { pickOne } from '../base/shown.ts';
import type { Tour } from './tour.ts';

/** The pages that come with the extension, and its walkthrough. */
export function registerHelp(
  tasks: Tasks,
  extension: vscode.Extension<unknown>,
  tour: Tour,
): vscode.Disposable {
  const { extensionUri, id } = extension;
  return vscode.Disposable.from(
    // The walkthrough is never opened unasked.
    registerCommand(tasks, 'getStarted', async () => {
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${id}#start`, false);
      tour.show();
    }),
    registerCommand(tasks, 'explainError', async ({ target }) => {
      const code = ERROR_CODES.find((known) => known === target) ?? (await askCode());
      if (code !== undefined) await showErrorHelp(extensionUri, code);
    }),
    registerCommand(tasks, 'showIamPolicies', async () => {
      const page = vscode.Uri.joinPath(extensionUri, 'docs', 'iam', 'README.md');
      await vscode.commands.executeCommand('markdown.showPreview', page);
    }),
  );
}

function askCode(): Thenable<string | undefined> {
  return pickOne([...ERROR_CODES], {
    title: vscode.l10n.t('Explain Error Code'),
    placeHolder: vscode.l10n.t('The code, as it appears in the log or on the command line'),
  });
}

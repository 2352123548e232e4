import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { createRecordingSource } from './recordingSource.ts';
import { showMap } from './showMap.ts';
import { registerCommand } from '../base/registerCommand.ts';

/** Plays a recorded simulation on the map. */
export function registerReplayRecording(app: App): vscode.Disposable {
  return registerCommand(app, 'replayRecording', async (target) => {
    const uri = target instanceof vscode.Uri ? target : await pickRecording();
    if (uri !== undefined) showMap(app, createRecordingSource(app, uri));
  });
}

async function pickRecording(): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t('Replay Recording');
  const files = await vscode.workspace.findFiles('**/*.jsonl', '**/node_modules/**', 200);
  const other = vscode.l10n.t('Other File…');
  const picked =
    files.length === 0
      ? { uri: undefined }
      : await vscode.window.showQuickPick(
          [
            ...files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri })),
            { label: other, uri: undefined },
          ],
          { title, placeHolder: vscode.l10n.t('Recording: a .jsonl file that a simulation has written') },
        );
  if (picked === undefined || picked.uri !== undefined) return picked?.uri;
  const [uri] =
    (await vscode.window.showOpenDialog({ title, filters: { [vscode.l10n.t('Recordings')]: ['jsonl'] } })) ??
    [];
  return uri;
}

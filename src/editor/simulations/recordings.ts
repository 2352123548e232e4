import * as vscode from 'vscode';
import type { Recording } from '../../device/client/recording.ts';
import type { LoadBackend } from '../base/loadBackend.ts';

/** Where a recording goes unless somebody says otherwise; undefined while no folder is open. */
export function defaultRecordingFile(id: string): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder === undefined ? undefined : vscode.Uri.joinPath(folder.uri, 'recordings', `${id}.jsonl`);
}

/** The same, of a name that no file has yet. */
export async function freshRecordingFile(id: string): Promise<vscode.Uri | undefined> {
  for (let count = 1; ; count++) {
    const file = defaultRecordingFile(count === 1 ? id : `${id}-${count}`);
    if (file === undefined || !(await exists(file))) return file;
  }
}

function exists(file: vscode.Uri): Promise<boolean> {
  return Promise.resolve(
    vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    ),
  );
}

/** Where to, if anywhere, and whose messages. */
interface Recorded {
  file: vscode.Uri | undefined;
  generation: string;
}

/**
 * Starts something that writes into a recording; the recording is closed when nothing was started after all.
 * Throws CmsError RECORDING_FAILED, or what `start` throws.
 */
export async function startRecorded<Started>(
  backend: LoadBackend<'openRecording'>,
  { file, generation }: Recorded,
  start: (recording: Recording | undefined) => Started | undefined,
): Promise<Started | undefined> {
  const recording = await openRecordingFor(backend, { file, generation });
  let started: Started | undefined;
  try {
    started = start(recording);
  } finally {
    if (started === undefined) await recording?.close();
  }
  return started;
}

/** Throws CmsError RECORDING_FAILED. */
async function openRecordingFor(
  backend: LoadBackend<'openRecording'>,
  { file, generation }: Recorded,
): Promise<Recording | undefined> {
  if (file === undefined) return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const below = folder === undefined ? {} : { below: folder.uri.fsPath };
  return backend().openRecording(file.fsPath, { generation, ...below });
}

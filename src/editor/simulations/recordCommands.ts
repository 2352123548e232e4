import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { defaultRecordingFile, openRecordingFor } from './recordings.ts';
import type { SimulationRun } from './run.ts';
import { onRows } from './steering.ts';
import type { RunTargets } from './targets.ts';
import type { TelemetryLog } from './telemetryLog.ts';

interface Sources {
  runTargets: RunTargets;
  backend: LoadBackend<'openRecording'>;
  telemetryLog: TelemetryLog;
}

/** Begin and end the recording of a simulation that runs. */
export function registerRecording(tasks: Tasks, sources: Sources): vscode.Disposable {
  const { runTargets, telemetryLog } = sources;
  return vscode.Disposable.from(
    registerCommand(
      tasks,
      'simulationRecord',
      onRows(async (rows) => {
        const [found] = await runTargets.find(rows, {
          fits: (run) => !run.isOver && run.recording === undefined,
          none: vscode.l10n.t('No simulation is running.'),
          prompt: vscode.l10n.t('Simulation to record'),
        });
        if (found !== undefined) await record(sources, found.run);
      }),
    ),
    registerCommand(
      tasks,
      'simulationStopRecording',
      onRows(async (rows) => {
        const [found] = await runTargets.find(rows, {
          fits: (run) => !run.isOver && run.recording !== undefined,
          none: vscode.l10n.t('No simulation is being recorded.'),
          prompt: vscode.l10n.t('Simulation whose recording ends'),
        });
        if (found !== undefined) await stopRecording(found.run, telemetryLog);
      }),
    ),
  );
}

async function record({ backend, telemetryLog }: Sources, run: SimulationRun): Promise<void> {
  const proposed = defaultRecordingFile(run.id);
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Record to…'),
    filters: { [vscode.l10n.t('Recordings')]: ['jsonl'] },
    ...defined({ defaultUri: proposed }),
  });
  const recording = await openRecordingFor(backend, file);
  if (recording === undefined) return;
  run.record(recording);
  telemetryLog.note(run, `recording to ${recording.file}`);
}

async function stopRecording(run: SimulationRun, telemetryLog: TelemetryLog): Promise<void> {
  const recording = await run.stopRecording();
  if (recording === undefined) return;
  telemetryLog.note(run, `${recording.written} messages recorded in ${recording.file}`);
  const open = vscode.l10n.t('Open Recording');
  const file = vscode.workspace.asRelativePath(recording.file);
  const { written, missed } = recording;
  const recorded =
    written === 1
      ? vscode.l10n.t('1 message is recorded in {0}.', file)
      : vscode.l10n.t('{0} messages are recorded in {1}.', written, file);
  const missing =
    missed === 0
      ? []
      : [missed === 1 ? vscode.l10n.t('1 is missing.') : vscode.l10n.t('{0} are missing.', missed)];
  const picked = await vscode.window.showInformationMessage([recorded, ...missing].join(' '), open);
  if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(recording.file));
}

import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { sayPlural } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import { freshRecordingFile, startRecorded } from './recordings.ts';
import type { SimulationRun } from './run.ts';
import { onRow } from './steering.ts';
import type { RunTargets } from './targets.ts';
import type { TelemetryChannel } from './telemetryChannel.ts';

const SAID_FOR_MS = 6_000;

interface Sources {
  runTargets: RunTargets;
  backend: LoadBackend<'openRecording'>;
  telemetry: Pick<TelemetryChannel, 'log'>;
}

/** Begin and end the recording of a simulation that runs. */
export function registerRecording(tasks: Tasks, sources: Sources): vscode.Disposable {
  const { runTargets, telemetry } = sources;
  return vscode.Disposable.from(
    registerCommand(
      tasks,
      'simulationRecord',
      onRow(async (row) => {
        const [found] = await runTargets.find(row, {
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
      onRow(async (row) => {
        const [found] = await runTargets.find(row, {
          fits: (run) => !run.isOver && run.recording !== undefined,
          none: vscode.l10n.t('No simulation is being recorded.'),
          prompt: vscode.l10n.t('Simulation to stop recording'),
        });
        if (found !== undefined) await stopRecording(found.run, telemetry);
      }),
    ),
  );
}

async function record(sources: Sources, run: SimulationRun): Promise<void> {
  if (beginning.has(run)) return;
  beginning.add(run);
  try {
    await recordTo(sources, run);
  } finally {
    beginning.delete(run);
  }
}

/** A second click finds the same name free, and would take the file from the first one. */
const beginning = new WeakSet<SimulationRun>();

async function recordTo({ backend, telemetry }: Sources, run: SimulationRun): Promise<void> {
  // At once: the vehicles drive on while somebody looks for a folder.
  const file =
    (await freshRecordingFile(run.id)) ??
    (await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Record to…'),
      filters: { [vscode.l10n.t('Recordings')]: ['jsonl'] },
    }));
  if (file === undefined) return;
  // The person may have taken their time: nothing is written over for a run that cannot be recorded any more.
  const canRecord = !run.isOver && run.recording === undefined;
  const recording = canRecord
    ? await startRecorded(backend, { file, generation: run.request.generation }, (opened) =>
        opened && run.record(opened) ? opened : undefined,
      )
    : undefined;
  if (recording !== undefined) {
    telemetry.log.note(run, `recording to ${recording.file}`);
    const name = vscode.workspace.asRelativePath(recording.file);
    notify.status('record', vscode.l10n.t('Recording to {0}', name), SAID_FOR_MS);
  } else {
    void notify.info(
      run.isOver
        ? vscode.l10n.t('The simulation has ended. Nothing was recorded.')
        : vscode.l10n.t('This simulation is already being recorded.'),
    );
  }
}

async function stopRecording(run: SimulationRun, telemetry: Sources['telemetry']): Promise<void> {
  const recording = await run.stopRecording();
  if (recording === undefined) return;
  telemetry.log.note(run, `Messages recorded in ${recording.file}: ${recording.written}`);
  const open = vscode.l10n.t('Open Recording');
  const file = vscode.workspace.asRelativePath(recording.file);
  const { written, missed } = recording;
  const recorded = sayPlural(
    written,
    l10n.t('1 message is recorded in {file}.', { file }),
    l10n.t('{written} messages are recorded in {file}.', { written, file }),
  );
  const missing =
    missed === 0
      ? []
      : [sayPlural(missed, l10n.t('1 is missing.'), l10n.t('{missed} are missing.', { missed }))];
  const picked = await notify.info([recorded, ...missing].join(' '), open);
  if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(recording.file));
}

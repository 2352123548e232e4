import * as vscode from 'vscode';
import type { WindowDevice } from '../base/deviceProcess.ts';
import type { JsonDocuments } from '../base/jsonDocuments.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import type { ChartCommands } from './chartCommands.ts';
import type { BackgroundRuns } from './backgroundRuns.ts';
import type { CloudRuns } from './cloudRuns.ts';
import type { Drives } from './drives.ts';
import type { PastDrives } from './pastDrives.ts';
import { ResultActions } from './resultCommands.ts';
import { registerMessages } from './messages.ts';
import { registerRecording } from './recordCommands.ts';
import { defaultRecordingFile, startRecorded } from './recordings.ts';
import type { SimulationRun } from './run.ts';
import type { RunMaps } from './runMaps.ts';
import { type NewsActions, RunNews } from './runNews.ts';
import { tellScaleRun } from './scaleNews.ts';
import type { ScaleRun } from './scaleRun.ts';
import type { ScaleRuns } from './scaleRuns.ts';
import type { Simulations } from './simulations.ts';
import { createSimulationsStatus } from './simulationsStatus.ts';
import { createSimulationsView } from './simulationsView.ts';
import { onRows, registerSteering } from './steering.ts';
import { RunTargets } from './targets.ts';
import type { TelemetryChannel } from './telemetryChannel.ts';

interface Sources {
  drives: Drives;
  maps: RunMaps;
  past: PastDrives;
  charts: ChartCommands;
  cloudRuns: CloudRuns;
  background: BackgroundRuns;
  scaleRuns: ScaleRuns;
  showScaleRun: (run: ScaleRun) => void;
  /** Where pages are written. */
  storage: vscode.Uri;
  telemetry: TelemetryChannel;
  documents: JsonDocuments;
  backend: LoadBackend<'CODECS' | 'codecOf' | 'messageTemplates' | 'openRecording'>;
  device: WindowDevice;
  /** Whether the tree of stacks is seen: then a simulation that starts is shown beside it. */
  isTreeVisible: () => boolean;
  onDidShowTree: vscode.Event<{ visible: boolean }>;
  /** Keeps what drives, for the window that comes after this one. */
  workspaceState: vscode.Memento;
  news: Pick<NewsActions, 'provision' | 'diagnose' | 'startSandbox'>;
}

/** Everything a person sees of simulations: commands, view, status, output and notifications. */
export function registerSimulations(
  tasks: Tasks,
  simulations: Simulations,
  sources: Sources,
): vscode.Disposable {
  const { drives, maps, past, cloudRuns, scaleRuns, showScaleRun, background } = sources;
  const { telemetry, documents, backend, device } = sources;
  const results = new ResultActions(tasks, past, sources.storage);
  const runTargets = new RunTargets(simulations, () => drives.simulate());
  const resume = async (run: SimulationRun): Promise<void> => {
    const process = await device.get();
    if (!run.isResumable) return;
    // Each recording is the story of one run.
    const left = run.recording === undefined ? undefined : run.resumption();
    const file = left === undefined ? undefined : defaultRecordingFile(left.simulationId);
    const next = await startRecorded(backend, { file, generation: run.request.generation }, (recording) =>
      simulations.resume(run, process, recording),
    );
    if (next !== undefined) maps.follow(run, next);
  };
  const showTelemetry = (): void => telemetry.show();
  return vscode.Disposable.from(
    new RunNews(tasks, simulations, background, sources.workspaceState, {
      ...sources.news,
      resume,
      showTelemetry,
      exportDrive: (run) => results.exportRun(run),
      compareDrive: (run) => results.compareRun(run),
      hasEarlier: (run) => results.hasEarlier(run),
      simulateAgain: (vehicles = []) => drives.simulateAgain({ target: vehicles[0], targets: vehicles }),
    }),
    createSimulationsView(tasks, simulations, {
      ...{ past, cloudRuns, scaleRuns },
      isTreeVisible: sources.isTreeVisible,
      onDidShowTree: sources.onDidShowTree,
    }),
    results.register(),
    sources.charts.register(),
    createSimulationsStatus(tasks, simulations, {
      show: (run) => maps.show(run),
      showTelemetry,
      simulate: () => drives.simulate(),
      runTargets,
    }),
    registerCommand(tasks, 'simulateDrive', (call) => drives.simulate(call)),
    registerCommand(tasks, 'simulateRoute', (call) => drives.simulateRoute(call)),
    registerCommand(tasks, 'simulateFleet', (call) => drives.simulateFleet(call)),
    registerCommand(
      tasks,
      'simulateAgain',
      onRows((_targets, call) => drives.simulateAgain(call)),
    ),
    registerCommand(tasks, 'showTelemetry', showTelemetry),
    scaleRuns.onDidEnd((run) => void tellScaleRun(tasks, run)),
    scaleRuns.onDidNotSteer((problem) => void tasks.showError(problem)),
    registerSteering(tasks, {
      ...{ simulations, runTargets, maps, past, cloudRuns, scaleRuns, showScaleRun, background, resume },
    }),
    registerRecording(tasks, { runTargets, backend, telemetry }),
    registerMessages(tasks, { runTargets, documents, backend }),
  );
}

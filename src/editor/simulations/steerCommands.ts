import * as vscode from 'vscode';
import type { SimulationControl } from '../../protocol/simulation.ts';
import type { App } from '../app.ts';
import type { SimulationRun } from './run.ts';
import type { RunMaps } from './runMaps.ts';
import type { TelemetryChannel } from './telemetryChannel.ts';
import { SPEEDS, speedItem } from './driveFields.ts';
import { openRecordingFor, defaultRecordingFile } from './startDrive.ts';
import { askTroubleCode } from '../vehicles/troubleCode.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { simulationTargets, type SimulationTarget } from './targets.ts';

/** What can be done with a simulation that runs or has run. */
export function registerSimulationCommands(
  app: App,
  { maps, telemetry }: { maps: RunMaps; telemetry: TelemetryChannel },
): vscode.Disposable {
  const { simulations } = app;
  const active = {
    fits: (run: SimulationRun) => !run.isOver,
    none: vscode.l10n.t('No simulation is running.'),
  };
  /** An action on rows: one that is being drawn anew never becomes another one, or all of a run. */
  const onRows =
    (action: (target: unknown, others: unknown) => Promise<void>) =>
    async (target: unknown, others: unknown, gone: boolean): Promise<void> => {
      if (!gone) return action(target, others);
      void vscode.window.showInformationMessage(vscode.l10n.t('The row was just drawn anew. Choose again.'));
    };
  /** Steers what was meant, once it is known how. */
  const steer = (
    prompt: string,
    ask: (targets: SimulationTarget[]) => Promise<SimulationControl | undefined> | SimulationControl,
  ) =>
    onRows(async (target, others) => {
      const targets = await simulationTargets(app, target, others, { ...active, prompt });
      const control = targets.length === 0 ? undefined : await ask(targets);
      if (control === undefined) return;
      for (const { run, vins } of targets) run.control(vins === undefined ? control : { ...control, vins });
    });
  const all = (control: SimulationControl): void => {
    for (const run of simulations.active) run.control(control);
  };
  return vscode.Disposable.from(
    registerCommand(
      app,
      'simulationPause',
      steer(vscode.l10n.t('Simulation to pause'), () => ({ do: 'pause' })),
    ),
    registerCommand(
      app,
      'simulationResume',
      steer(vscode.l10n.t('Simulation to resume'), () => ({ do: 'resume' })),
    ),
    registerCommand(
      app,
      'simulationStop',
      steer(vscode.l10n.t('Simulation to stop'), () => ({ do: 'stop' })),
    ),
    registerCommand(app, 'simulationPauseAll', () => all({ do: 'pause' })),
    registerCommand(app, 'simulationResumeAll', () => all({ do: 'resume' })),
    registerCommand(app, 'simulationStopAll', () => all({ do: 'stop' })),
    registerCommand(
      app,
      'simulationSetSpeed',
      steer(vscode.l10n.t('Simulation to make faster or slower'), askSpeed),
    ),
    registerCommand(app, 'simulationJump', steer(vscode.l10n.t('Simulation to jump in'), askPlace)),
    registerCommand(
      app,
      'simulationReportTrouble',
      steer(vscode.l10n.t('Simulation whose vehicles report trouble'), async (targets) => {
        const vins = targets.flatMap(({ run, vins: named = run.vins }) => named);
        const code = await askTroubleCode(
          vins.length === 1 ? (vins[0] ?? '') : vscode.l10n.t('{0} vehicles', vins.length),
        );
        return code === undefined ? undefined : { do: 'dtc', code };
      }),
    ),
    registerCommand(
      app,
      'simulationShowMap',
      onRows(async (target, others) => {
        const wanted = { prompt: vscode.l10n.t('Simulation to show'), fits: () => true, none: active.none };
        const [found] = await simulationTargets(app, target, others, wanted);
        if (found !== undefined) maps.show(found.run, found.vins?.[0]);
      }),
    ),
    registerCommand(
      app,
      'simulationRecord',
      onRows(async (target, others) => {
        const wanted = {
          ...active,
          fits: (run: SimulationRun) => !run.isOver && run.recording === undefined,
          prompt: vscode.l10n.t('Simulation to record'),
        };
        const [found] = await simulationTargets(app, target, others, wanted);
        if (found !== undefined) await record(app, found.run, telemetry);
      }),
    ),
    registerCommand(
      app,
      'simulationStopRecording',
      onRows(async (target, others) => {
        const wanted = {
          fits: (run: SimulationRun) => !run.isOver && run.recording !== undefined,
          none: vscode.l10n.t('No simulation is being recorded.'),
          prompt: vscode.l10n.t('Simulation whose recording ends'),
        };
        const [found] = await simulationTargets(app, target, others, wanted);
        if (found !== undefined) await stopRecording(found.run, telemetry);
      }),
    ),
    registerCommand(
      app,
      'simulationResumeCrashed',
      onRows(async (target, others) => {
        const wanted = {
          fits: (run: SimulationRun) => run.isResumable,
          none: vscode.l10n.t('No simulation has crashed.'),
          prompt: vscode.l10n.t('Simulation to go on with'),
        };
        for (const { run } of await simulationTargets(app, target, others, wanted)) {
          // Each recording is the story of one run.
          const left = run.recording === undefined ? undefined : run.resumption();
          const recording =
            left === undefined
              ? undefined
              : await openRecordingFor(app, defaultRecordingFile(left.simulationId));
          const next = simulations.resume(run, await app.device(), recording);
          if (next !== undefined) maps.follow(run, next);
        }
      }),
    ),
    registerCommand(app, 'simulationClearEnded', async (target, others) => {
      const wanted = {
        fits: (run: SimulationRun) => run.isOver,
        none: vscode.l10n.t('Nothing has ended.'),
        prompt: '',
      };
      if (target === undefined) simulations.clearEnded();
      else
        for (const { run } of await simulationTargets(app, target, others, wanted))
          simulations.clearEnded(run);
    }),
    registerCommand(app, 'showTelemetry', () => telemetry.show()),
  );
}

async function askSpeed(targets: SimulationTarget[]): Promise<SimulationControl | undefined> {
  const now = targets[0]?.run.speed;
  const other = vscode.l10n.t('Other…');
  const picked = await vscode.window.showQuickPick(
    [
      ...SPEEDS.map((speed) => ({
        label: speedItem(speed).label,
        ...(speed === now ? { description: vscode.l10n.t('now') } : {}),
        speed,
      })),
      { label: other, speed: undefined },
    ],
    {
      title: vscode.l10n.t('Speed'),
      placeHolder: vscode.l10n.t('Simulated time against the clock on the wall'),
    },
  );
  if (picked === undefined) return undefined;
  if (picked.speed !== undefined) return { do: 'speed', factor: picked.speed };
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Speed'),
    prompt: vscode.l10n.t('From 0.1 to 20'),
    value: String(now ?? 1),
    validateInput: (value) =>
      speedOf(value) === undefined ? vscode.l10n.t('A number from 0.1 to 20') : undefined,
  });
  const factor = typed === undefined ? undefined : speedOf(typed);
  return factor === undefined ? undefined : { do: 'speed', factor };
}

function speedOf(text: string): number | undefined {
  const value = Number(text.replace(/^[×x]/, ''));
  return text.trim() !== '' && value >= 0.1 && value <= 20 ? value : undefined;
}

async function askPlace(targets: SimulationTarget[]): Promise<SimulationControl | undefined> {
  const [first] = targets;
  const state = first?.run.vehicles.get(first.vins?.[0] ?? first.run.vins[0] ?? '');
  const points = state?.points ?? 0;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Jump to…'),
    prompt:
      points > 1
        ? vscode.l10n.t('Percent of the route, such as 50%, or one of its points, from 1 to {0}', points)
        : vscode.l10n.t('Percent of the route, such as 50%'),
    value: `${Math.round((state?.fraction ?? 0) * 100)}%`,
    validateInput: (value) =>
      fractionOf(value, points) === undefined
        ? vscode.l10n.t('A percentage from 0% to 100%, or a point')
        : undefined,
  });
  const to = typed === undefined ? undefined : fractionOf(typed, points);
  return to === undefined ? undefined : { do: 'jump', to };
}

/** `50%` → 0.5; `3` of 5 points → 0.5. */
export function fractionOf(text: string, points: number): number | undefined {
  const [, number, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number);
  const fraction = percent === '%' ? value / 100 : points > 1 ? (value - 1) / (points - 1) : Number.NaN;
  return fraction >= 0 && fraction <= 1 ? fraction : undefined;
}

async function record(app: App, run: SimulationRun, telemetry: TelemetryChannel): Promise<void> {
  const proposed = defaultRecordingFile(run.id);
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Record to…'),
    filters: { [vscode.l10n.t('Recordings')]: ['jsonl'] },
    ...(proposed === undefined ? {} : { defaultUri: proposed }),
  });
  if (file === undefined) return;
  const recording = await openRecordingFor(app, file);
  if (recording === undefined) return;
  run.record(recording);
  telemetry.log.note(run, `recording to ${recording.file}`);
}

async function stopRecording(run: SimulationRun, telemetry: TelemetryChannel): Promise<void> {
  const recording = await run.stopRecording();
  if (recording === undefined) return;
  telemetry.log.note(run, `${recording.written} messages recorded in ${recording.file}`);
  const open = vscode.l10n.t('Open Recording');
  const picked = await vscode.window.showInformationMessage(
    recording.missed === 0
      ? vscode.l10n.t(
          '{0} messages are recorded in {1}.',
          recording.written,
          vscode.workspace.asRelativePath(recording.file),
        )
      : vscode.l10n.t(
          '{0} messages are recorded in {1}; {2} are missing.',
          recording.written,
          vscode.workspace.asRelativePath(recording.file),
          recording.missed,
        ),
    open,
  );
  if (picked === open) await vscode.window.showTextDocument(vscode.Uri.file(recording.file));
}

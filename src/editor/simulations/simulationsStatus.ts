import * as vscode from 'vscode';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { forTooltip, pickOne } from '../base/shown.ts';
import type { SimulationRun } from './run.ts';
import { offlineOf, runProgress, runState, simulationsWords } from './runWords.ts';
import type { Simulations } from './simulations.ts';
import type { RunTargets } from './targets.ts';

/** What a click on the status offers. */
interface StatusActions {
  show: (run: SimulationRun) => void;
  showTelemetry: () => void;
  simulate: () => Promise<void>;
  runTargets: RunTargets;
}

/** Says in the status bar how many simulations run; a click opens what one may want of them. */
export function createSimulationsStatus(
  tasks: Tasks,
  simulations: Simulations,
  actions: StatusActions,
): vscode.Disposable {
  const item = vscode.window.createStatusBarItem(
    'cmsEnablement.simulations',
    vscode.StatusBarAlignment.Left,
    9,
  );
  item.name = vscode.l10n.t('Connected Mobility Simulations');
  item.command = 'cmsEnablement.simulationsMenu';
  const draw = (): void => {
    const { active } = simulations;
    if (active.length === 0) {
      item.hide();
      return;
    }
    const offline = active.filter((run) => offlineOf(run) > 0 && run.state !== 'starting').length;
    const paused = active.filter((run) => run.state === 'paused').length;
    const notes = [
      ...(paused > 0 ? [vscode.l10n.t('{0} paused', paused)] : []),
      ...(offline > 0 ? [vscode.l10n.t('{0} offline', offline)] : []),
    ];
    const count = simulationsWords(active.length);
    const words = notes.length === 0 ? count : `${count} (${notes.join(', ')})`;
    const icon = offline > 0 ? 'debug-disconnect' : paused === active.length ? 'debug-pause' : 'play-circle';
    item.text = `$(${icon}) ${words}`;
    const runs = active
      .slice(0, 10)
      .map((run) => `${run.title}: ${runState(run).words}, ${runProgress(run)}`)
      .join('\n');
    item.tooltip = forTooltip(runs);
    item.accessibilityInformation = { label: words, role: 'button' };
    item.show();
  };
  draw();
  return vscode.Disposable.from(
    item,
    simulations.onDidChange(draw),
    simulations.onDidProgress(draw),
    registerCommand(tasks, 'simulationsMenu', () => menu(simulations, actions)),
  );
}

async function menu(simulations: Simulations, actions: StatusActions): Promise<void> {
  const { active } = simulations;
  const items: (vscode.QuickPickItem & { act?: () => void | Promise<void> })[] = [
    ...(active.length > 0
      ? [{ label: vscode.l10n.t('$(map) Show on Map'), act: () => showOne(actions) }]
      : []),
    ...(active.some((run) => run.canPause)
      ? [
          {
            label: vscode.l10n.t('$(debug-pause) Pause All'),
            act: () => simulations.controlAll({ do: 'pause' }),
          },
        ]
      : []),
    ...(active.some((run) => run.canResume)
      ? [
          {
            label: vscode.l10n.t('$(debug-continue) Resume All'),
            act: () => simulations.controlAll({ do: 'resume' }),
          },
        ]
      : []),
    ...(active.length > 0
      ? [
          {
            label: vscode.l10n.t('$(debug-stop) Stop All'),
            act: () => simulations.controlAll({ do: 'stop' }),
          },
        ]
      : []),
    { label: vscode.l10n.t('$(play) Simulate a Drive…'), act: actions.simulate },
    { label: vscode.l10n.t('$(output) Show Telemetry Output'), act: actions.showTelemetry },
    {
      label: vscode.l10n.t('$(list-tree) Show Simulations'),
      act: async () => {
        await vscode.commands.executeCommand('cmsEnablement.simulations.focus');
      },
    },
    ...(active.length > 0
      ? [{ label: vscode.l10n.t('Simulations'), kind: vscode.QuickPickItemKind.Separator }]
      : []),
    ...active.map((run) => ({
      label: `$(${runState(run).icon.id}) ${run.title}`,
      description: `${runState(run).words} · ${runProgress(run)}`,
      act: () => actions.show(run),
    })),
  ];
  const picked = await pickOne(items, {
    placeHolder: vscode.l10n.t('Simulations'),
    matchOnDescription: true,
  });
  await picked?.act?.();
}

/** The only run, or the one picked. */
async function showOne({ runTargets, show }: StatusActions): Promise<void> {
  const [found] = await runTargets.find([], {
    prompt: vscode.l10n.t('Simulation to show'),
    fits: () => true,
    none: vscode.l10n.t('No simulation is running.'),
  });
  if (found !== undefined) show(found.run);
}

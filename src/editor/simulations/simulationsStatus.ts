import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { offlineOf, runProgress, runState } from './runWords.ts';

/** Says in the status bar how many simulations run; a click opens what one may want of them. */
export function createSimulationsStatus(app: App): vscode.Disposable {
  const { simulations } = app;
  const item = vscode.window.createStatusBarItem(
    'cmsEnablement.simulations',
    vscode.StatusBarAlignment.Left,
    9,
  );
  item.name = vscode.l10n.t('CMS Simulations');
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
    const count =
      active.length === 1 ? vscode.l10n.t('1 simulation') : vscode.l10n.t('{0} simulations', active.length);
    const words = notes.length === 0 ? count : `${count} (${notes.join(', ')})`;
    const icon = offline > 0 ? 'debug-disconnect' : paused === active.length ? 'debug-pause' : 'play-circle';
    item.text = `$(${icon}) ${words}`;
    item.tooltip = active
      .slice(0, 10)
      .map((run) => `${run.title}: ${runState(run).words}, ${runProgress(run)}`)
      .join('\n');
    item.accessibilityInformation = { label: words, role: 'button' };
    item.show();
  };
  draw();
  return vscode.Disposable.from(
    item,
    simulations.onDidChange(draw),
    simulations.onDidProgress(draw),
    registerCommand(app, 'simulationsMenu', () => menu(app)),
  );
}

async function menu(app: App): Promise<void> {
  const { simulations } = app;
  const { active } = simulations;
  const items: (vscode.QuickPickItem & { command?: string; argument?: unknown })[] = [
    ...(active.length > 0
      ? [{ label: vscode.l10n.t('$(map) Show on Map'), command: 'simulationShowMap' }]
      : []),
    ...(active.some((run) => run.canPause)
      ? [{ label: vscode.l10n.t('$(debug-pause) Pause All'), command: 'simulationPauseAll' }]
      : []),
    ...(active.some((run) => run.canResume)
      ? [{ label: vscode.l10n.t('$(debug-continue) Resume All'), command: 'simulationResumeAll' }]
      : []),
    ...(active.length > 0
      ? [{ label: vscode.l10n.t('$(debug-stop) Stop All'), command: 'simulationStopAll' }]
      : []),
    { label: vscode.l10n.t('$(play) Simulate a Drive…'), command: 'simulateDrive' },
    { label: vscode.l10n.t('$(output) Show Telemetry Output'), command: 'showTelemetry' },
    { label: vscode.l10n.t('$(list-tree) Show Simulations'), command: 'simulations.focus' },
    ...(active.length > 0
      ? [{ label: vscode.l10n.t('Simulations'), kind: vscode.QuickPickItemKind.Separator }]
      : []),
    ...active.map((run) => ({
      label: `$(${runState(run).icon.id}) ${run.title}`,
      description: `${runState(run).words} · ${runProgress(run)}`,
      command: 'simulationShowMap',
      argument: { run: run.id },
    })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Simulations'),
    matchOnDescription: true,
  });
  if (picked?.command !== undefined)
    await vscode.commands.executeCommand(`cmsEnablement.${picked.command}`, picked.argument);
}

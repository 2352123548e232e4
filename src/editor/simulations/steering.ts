import * as vscode from 'vscode';
import type { SimulationControl } from '../../protocol/simulation.ts';
import { type CommandCall, registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import { askTroubleCode } from '../vehicles/troubleCode.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import type { SimulationRun } from './run.ts';
import type { RunMaps } from './runMaps.ts';
import type { Simulations } from './simulations.ts';
import { askPlace, askSpeed } from './steerQuestions.ts';
import type { RunTargets, SimulationTarget } from './targets.ts';

/** An action on rows: called from one that is being redrawn it does nothing, for it would take another one, or all. */
export function onRows(
  action: (targets: readonly unknown[]) => Promise<void>,
): (call: CommandCall) => Promise<void> {
  return async ({ targets, rowIsGone }) => {
    if (!rowIsGone) return action(targets);
    void vscode.window.showInformationMessage(vscode.l10n.t('The row was just drawn anew. Choose again.'));
  };
}

interface Sources {
  simulations: Simulations;
  runTargets: RunTargets;
  maps: RunMaps;
  /** Continues a run where it crashed. */
  resume: (run: SimulationRun) => Promise<void>;
}

/** What can be done with a simulation that runs or has run. */
export function registerSteering(
  tasks: Tasks,
  { simulations, runTargets, maps, resume }: Sources,
): vscode.Disposable {
  const none = vscode.l10n.t('No simulation is running.');
  /** Steers what was meant, once it is known how. */
  const steer = (
    id: string,
    prompt: string,
    ask: (targets: SimulationTarget[]) => Promise<SimulationControl | undefined> | SimulationControl,
  ): vscode.Disposable =>
    registerCommand(
      tasks,
      id,
      onRows(async (rows) => {
        const targets = await runTargets.find(rows, { prompt, fits: (run) => !run.isOver, none });
        const control = targets.length === 0 ? undefined : await ask(targets);
        if (control === undefined) return;
        for (const { run, vins } of targets) run.control(vins === undefined ? control : { ...control, vins });
      }),
    );
  const steerAll = (id: string, control: SimulationControl): vscode.Disposable =>
    registerCommand(tasks, id, () => simulations.controlAll(control));
  return vscode.Disposable.from(
    steer('simulationPause', vscode.l10n.t('Simulation to pause'), () => ({ do: 'pause' })),
    steer('simulationResume', vscode.l10n.t('Simulation to resume'), () => ({ do: 'resume' })),
    steer('simulationStop', vscode.l10n.t('Simulation to stop'), () => ({ do: 'stop' })),
    steerAll('simulationPauseAll', { do: 'pause' }),
    steerAll('simulationResumeAll', { do: 'resume' }),
    steerAll('simulationStopAll', { do: 'stop' }),
    steer('simulationSetSpeed', vscode.l10n.t('Simulation to make faster or slower'), askSpeed),
    steer('simulationJump', vscode.l10n.t('Simulation to jump in'), askPlace),
    steer('simulationReportTrouble', vscode.l10n.t('Simulation whose vehicles report trouble'), askTrouble),
    registerCommand(
      tasks,
      'simulationShowMap',
      onRows(async (rows) => {
        const prompt = vscode.l10n.t('Simulation to show');
        const [found] = await runTargets.find(rows, { prompt, fits: () => true, none });
        if (found !== undefined) maps.show(found.run, found.vins?.[0]);
      }),
    ),
    registerCommand(
      tasks,
      'simulationResumeCrashed',
      onRows(async (rows) => {
        const wanted = {
          fits: (run: SimulationRun) => run.isResumable,
          none: vscode.l10n.t('No simulation has crashed.'),
          prompt: vscode.l10n.t('Simulation to go on with'),
        };
        for (const { run } of await runTargets.find(rows, wanted)) await resume(run);
      }),
    ),
    registerCommand(tasks, 'simulationClearEnded', async ({ targets }) => {
      const wanted = {
        fits: (run: SimulationRun) => run.isOver,
        none: vscode.l10n.t('Nothing has ended.'),
        prompt: '',
      };
      if (targets.length === 0) simulations.clearEnded();
      else for (const { run } of await runTargets.find(targets, wanted)) simulations.clearEnded(run);
    }),
  );
}

async function askTrouble(targets: SimulationTarget[]): Promise<SimulationControl | undefined> {
  const vins = targets.flatMap(({ run, vins: named = run.vins }) => named);
  const code = await askTroubleCode(vinOrCount(vins));
  return code === undefined ? undefined : { do: 'dtc', code };
}

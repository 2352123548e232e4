import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import type { SimulationControl } from '../../protocol/control.ts';
import { type CommandCall, registerCommand } from '../base/registerCommand.ts';
import { sayPlural } from '../base/say.ts';
import type { Tasks } from '../base/tasks.ts';
import { askTroubleCode } from '../vehicles/troubleCode.ts';
import { vinOrCount } from '../vehicles/vehicleWords.ts';
import { notify } from '../base/shown.ts';
import type { BackgroundRuns } from './backgroundRuns.ts';
import { CloudRunRow } from './cloudRunRow.ts';
import type { CloudRuns } from './cloudRuns.ts';
import { PastDriveRow } from './pastDriveRow.ts';
import type { PastDrives } from './pastDrives.ts';
import { ScaleRunRow } from './scaleRunRow.ts';
import type { ScaleRun } from './scaleRun.ts';
import type { ScaleRuns } from './scaleRuns.ts';
import type { SimulationRun } from './run.ts';
import type { RunMaps } from './runMaps.ts';
import type { Simulations } from './simulations.ts';
import { askPlace, askSpeed } from './steerQuestions.ts';
import type { RunTargets, SimulationTarget, Wanted } from './targets.ts';

/** An action on rows: called from one that is being redrawn it does nothing, for it would take another one, or all. */
export function onRows(
  action: (targets: readonly unknown[], call: CommandCall) => Promise<void>,
): (call: CommandCall) => Promise<void> {
  return async (call) => {
    if (!call.rowIsGone) return action(call.targets, call);
    void notify.info(vscode.l10n.t('The list was just updated. Please try again.'));
  };
}

/** The same for what is done with one run: the row that was clicked, whatever else is selected. */
export function onRow(
  action: (target: readonly unknown[]) => Promise<void>,
): (call: CommandCall) => Promise<void> {
  return onRows((_targets, { target }) => action(target === undefined ? [] : [target]));
}

interface Sources {
  simulations: Simulations;
  runTargets: RunTargets;
  maps: RunMaps;
  past: PastDrives;
  cloudRuns: CloudRuns;
  background: BackgroundRuns;
  scaleRuns: Pick<ScaleRuns, 'active' | 'clearEnded'>;
  showScaleRun: (run: ScaleRun) => void;
  /** Continues a run where it crashed. */
  resume: (run: SimulationRun) => Promise<void>;
}

/** What can be done with a simulation that runs or has run. */
export function registerSteering(
  tasks: Tasks,
  { simulations, runTargets, maps, past, cloudRuns, scaleRuns, showScaleRun, background, resume }: Sources,
): vscode.Disposable {
  const none = vscode.l10n.t('No simulation is running.');
  /** Steers what was meant, once it is known how. */
  const steer = (
    id: string,
    wanted: { prompt: string; fits?: Wanted['fits']; none?: string },
    ask: (
      targets: SimulationTarget[],
      scaled: readonly ScaleRun[],
    ) => Promise<SimulationControl | undefined> | SimulationControl,
  ): vscode.Disposable =>
    registerCommand(
      tasks,
      id,
      onRows(async (rows) => {
        const scaled = rows.flatMap((row) => (row instanceof ScaleRunRow ? [row.run] : []));
        const others = rows.filter((row) => !(row instanceof ScaleRunRow));
        const targets =
          scaled.length > 0 && others.length === 0
            ? []
            : await runTargets.find(others, { fits: (run) => !run.isOver, none, many: true, ...wanted });
        const control = targets.length + scaled.length === 0 ? undefined : await ask(targets, scaled);
        if (control === undefined) return;
        for (const run of scaled) run.control(control);
        for (const { run, ids } of targets) run.control(ids === undefined ? control : { ...control, ids });
      }),
    );
  const steerAll = (id: string, control: SimulationControl): vscode.Disposable =>
    registerCommand(tasks, id, () => {
      simulations.controlAll(control);
      for (const run of scaleRuns.active) if (control.do === 'stop' || run.hasBegun) run.control(control);
    });
  return vscode.Disposable.from(
    steer(
      'simulationPause',
      {
        prompt: vscode.l10n.t('Simulation to pause'),
        fits: (run) => run.canPause,
        none: vscode.l10n.t('No simulation can be paused.'),
      },
      () => ({ do: 'pause' }),
    ),
    steer(
      'simulationResume',
      {
        prompt: vscode.l10n.t('Simulation to resume'),
        fits: (run) => run.canResume,
        none: vscode.l10n.t('No simulation is paused.'),
      },
      () => ({ do: 'resume' }),
    ),
    steer('simulationStop', { prompt: vscode.l10n.t('Simulation to stop') }, () => ({ do: 'stop' })),
    steerAll('simulationPauseAll', { do: 'pause' }),
    steerAll('simulationResumeAll', { do: 'resume' }),
    steerAll('simulationStopAll', { do: 'stop' }),
    steer('simulationSetSpeed', { prompt: vscode.l10n.t('Simulation to change the speed of') }, (targets) =>
      askSpeed(targets),
    ),
    steer('simulationJump', { prompt: vscode.l10n.t('Simulation to move to another place') }, (targets) =>
      askPlace(targets),
    ),
    steer(
      'simulationReportTrouble',
      { prompt: vscode.l10n.t('Simulation whose vehicles report a trouble code') },
      askTrouble,
    ),
    registerCommand(
      tasks,
      'simulationKeep',
      onRows(async (rows) => {
        const wanted = {
          fits: (run: SimulationRun) => !run.isOver && !run.isStopping && !run.isKept,
          none: vscode.l10n.t('No simulation can be kept running in the background.'),
          prompt: vscode.l10n.t('Simulation to keep running when the window closes'),
          many: true,
        };
        for (const { run } of await runTargets.find(rows, wanted)) {
          await background.keep(run);
          tellKept(run);
        }
      }),
    ),
    registerCommand(
      tasks,
      'simulationShowMap',
      onRow(async (row) => {
        const [scaled] = row;
        // By its key, with nothing that drives here.
        const elsewhere =
          row.length === 0 && simulations.active.length === 0 ? scaleRuns.active.at(-1) : undefined;
        const shown = scaled instanceof ScaleRunRow ? scaled.run : elsewhere;
        if (shown !== undefined) {
          showScaleRun(shown);
          return;
        }
        const prompt = vscode.l10n.t('Simulation to show');
        const [found] = await runTargets.find(row, { prompt, fits: () => true, none });
        if (found !== undefined) maps.show(found.run, found.ids?.[0]);
      }),
    ),
    registerCommand(
      tasks,
      'simulationResumeCrashed',
      onRows(async (rows) => {
        const wanted = {
          fits: (run: SimulationRun) => run.isResumable,
          none: vscode.l10n.t('No simulation has crashed.'),
          prompt: vscode.l10n.t('Simulation to resume after a crash'),
        };
        for (const { run } of await runTargets.find(rows, wanted)) await resume(run);
      }),
    ),
    registerCommand(
      tasks,
      'simulationClear',
      onRows(async (rows) => {
        const wanted = {
          fits: (run: SimulationRun) => run.isOver,
          none: vscode.l10n.t('No simulation has ended.'),
          prompt: vscode.l10n.t('Simulation to clear'),
        };
        const pastRows = rows.filter((row) => row instanceof PastDriveRow);
        for (const { drive } of pastRows) past.clear(drive);
        const cloudRows = rows.filter((row) => row instanceof CloudRunRow);
        for (const { run } of cloudRows) cloudRuns.clearEnded(run);
        const scaleRows = rows.filter((row) => row instanceof ScaleRunRow);
        for (const { run } of scaleRows) {
          if (!run.isLost || (await agreesToLose(run))) scaleRuns.clearEnded(run);
        }
        const cleared = new Set<unknown>([...pastRows, ...cloudRows, ...scaleRows]);
        const others = rows.filter((row) => !cleared.has(row));
        if (cleared.size > 0 && others.length === 0) return;
        for (const { run } of await runTargets.find(others, wanted)) {
          const drive = past.find(run.id);
          if (drive !== undefined) past.clear(drive);
          simulations.clearEnded(run);
        }
      }),
    ),
    // Called from the title of the view, too, which passes the row that has the focus.
    registerCommand(tasks, 'simulationClearEnded', async () => {
      if (past.drives.length > 0 && !(await agreesToForget(past.drives.length))) return;
      past.clear();
      simulations.clearEnded();
      cloudRuns.clearEnded();
      scaleRuns.clearEnded();
    }),
  );
}

/** It goes on where nobody looks: what ends it is said before. */
function tellKept(run: SimulationRun): void {
  const isEndless = run.request.durationMs === undefined && (run.request.end ?? 'stop') !== 'stop';
  const sentences = [
    vscode.l10n.t('{0} keeps running when this window closes. The next window finds it.', run.title),
    ...(isEndless ? [vscode.l10n.t('It never ends on its own: stop it in Simulations.')] : []),
    ...(run.recording === undefined ? [] : [vscode.l10n.t('Its recording ends when this window closes.')]),
  ];
  void notify.info(sentences.join(' '));
}

/** What a drive came to is in the list only: nothing brings it back. */
async function agreesToForget(count: number): Promise<boolean> {
  const clear = vscode.l10n.t('Clear');
  const text = sayPlural(
    count,
    l10n.t('Clear the list? The results of 1 drive are deleted.'),
    l10n.t('Clear the list? The results of {count} drives are deleted.', { count }),
  );
  const detail = vscode.l10n.t('Export a drive first to keep it. A single row can be cleared by its menu.');
  return (await notify.warn(text, { modal: true, detail }, clear)) === clear;
}

/** A run that may still drive is stopped by whoever knows its name. */
async function agreesToLose({ id, kept }: ScaleRun): Promise<boolean> {
  const clear = vscode.l10n.t('Clear');
  const text = vscode.l10n.t('Clear {0}? It may still drive.', kept.title);
  const detail = vscode.l10n.t(
    'No window finds it again then. To stop it later, keep this command: {0}',
    `cms-enablement simulate --attach ${id} --store ${kept.store}`,
  );
  return (await notify.warn(text, { modal: true, detail }, clear)) === clear;
}

async function askTrouble(
  targets: SimulationTarget[],
  scaled: readonly ScaleRun[],
): Promise<SimulationControl | undefined> {
  const vehicles = targets.flatMap(({ run, ids }) => run.names.of(ids));
  const [first] = scaled;
  const code = await askTroubleCode(first === undefined ? vinOrCount(vehicles) : first.kept.title);
  return code === undefined ? undefined : { do: 'dtc', code };
}

import * as vscode from 'vscode';
import { registerCommand } from '../base/registerCommand.ts';
import type { Tasks } from '../base/tasks.ts';
import type { CloudRuns } from './cloudRuns.ts';
import type { PastDrives } from './pastDrives.ts';
import type { SimulationRun } from './run.ts';
import { simulationsWords } from './runWords.ts';
import type { ScaleRuns } from './scaleRuns.ts';
import type { Simulations } from './simulations.ts';
import { MoreVehiclesRow } from './simulationRows.ts';
import { type SimulationsRow, SimulationsTree } from './simulationsTree.ts';

/** The view with the simulations of this window; drawn again once a second at most, and only while it is seen. */
export function createSimulationsView(
  tasks: Tasks,
  simulations: Simulations,
  {
    past,
    cloudRuns,
    scaleRuns,
    isTreeVisible,
    onDidShowTree,
  }: {
    past: PastDrives;
    cloudRuns: CloudRuns;
    scaleRuns: ScaleRuns;
    isTreeVisible: () => boolean;
    onDidShowTree: vscode.Event<{ visible: boolean }>;
  },
): vscode.Disposable {
  const tree = new SimulationsTree(simulations, past, cloudRuns, scaleRuns);
  const view = vscode.window.createTreeView<SimulationsRow>('cmsEnablement.simulations', {
    treeDataProvider: tree,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const unseen = new Set<SimulationRun>();
  const changed = (): void => {
    tree.changed();
    const driving = simulations.active.length;
    const inCloud = cloudRuns.active.length;
    const active = driving + inCloud + scaleRuns.active.length;
    setContext('simulating', driving > 0);
    setContext('simulatingElsewhere', scaleRuns.active.length > 0);
    setContext('simulationsPausable', simulations.canPause || scaleRuns.canPause);
    setContext(
      'simulationsPaused',
      simulations.runs.some((run) => run.canResume),
    );
    setContext(
      'simulationsRecorded',
      simulations.runs.some((run) => !run.isOver && run.recording !== undefined),
    );
    setContext('simulatingInCloud', inCloud > 0);
    setContext(
      'simulationsEnded',
      simulations.runs.length > driving ||
        cloudRuns.runs.length > inCloud ||
        scaleRuns.runs.some((run) => run.isOver && !run.isLost) ||
        tree.past.length > 0,
    );
    setContext('pastDrives', past.drives.length > 0);
    setContext('simulationsKnown', simulations.runs.length > 0);
    setContext(
      'simulationsCrashed',
      simulations.runs.some((run) => run.isResumable),
    );
    view.badge =
      active === 0
        ? undefined
        : {
            value: active,
            tooltip: simulationsWords(active),
          };
  };
  const progressed = (runs: readonly SimulationRun[]): void => {
    if (view.visible) tree.progressed(runs);
    else for (const run of runs) unseen.add(run);
  };
  /** Found in the background before anybody looked. */
  let toShow: SimulationRun | undefined;
  changed();
  return vscode.Disposable.from(
    tree,
    view,
    simulations.onDidChange(changed),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.units')) changed();
    }),
    cloudRuns.onDidChange(changed),
    scaleRuns.onDidChange(changed),
    scaleRuns.onDidProgress((run) => {
      if (view.visible) tree.scaleProgressed(run);
    }),
    past.onDidChange(changed),
    simulations.onDidProgress(progressed),
    simulations.onDidStart((run) => void show(run)),
    onDidShowTree(({ visible }) => {
      if (visible && toShow !== undefined) void show(toShow);
    }),
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) return;
      tree.progressed([...unseen]);
      unseen.clear();
    }),
    registerCommand(tasks, 'simulationMore', ({ target }) => {
      if (target instanceof MoreVehiclesRow) tree.more(target);
    }),
  );

  /** Opens the section, so that one sees it has begun; the focus, and any other side bar, stays where it is. */
  async function show(run: SimulationRun): Promise<void> {
    tree.changed();
    if (!isTreeVisible() && !view.visible) {
      toShow = run.found === undefined ? toShow : run;
      return;
    }
    toShow = undefined;
    try {
      await view.reveal(tree.row(run), { select: false, focus: false });
    } catch (error) {
      tasks.log.debug(`The simulation is not shown in its view: ${String(error)}`);
    }
  }
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', `cmsEnablement.${key}`, value);
}

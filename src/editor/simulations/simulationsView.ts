import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { SimulationRun } from './run.ts';
import { MoreVehiclesRow } from './simulationRows.ts';
import { type SimulationsRow, SimulationsTree } from './simulationsTree.ts';
import type { TreeRow } from '../base/treeRow.ts';

/** The view with the simulations of this window; drawn again once a second at most, and only while it is seen. */
export function createSimulationsView(app: App, stacks: vscode.TreeView<TreeRow>): vscode.Disposable {
  const { simulations } = app;
  const tree = new SimulationsTree(simulations);
  const view = vscode.window.createTreeView<SimulationsRow>('cmsEnablement.simulations', {
    treeDataProvider: tree,
    showCollapseAll: true,
    canSelectMany: true,
  });
  const unseen = new Set<SimulationRun>();
  const changed = (): void => {
    tree.changed();
    const active = simulations.active.length;
    setContext('simulating', active > 0);
    setContext('simulationsEnded', simulations.runs.length > active);
    view.badge =
      active === 0
        ? undefined
        : {
            value: active,
            tooltip: active === 1 ? vscode.l10n.t('1 simulation') : vscode.l10n.t('{0} simulations', active),
          };
  };
  const progressed = (runs: readonly SimulationRun[]): void => {
    if (view.visible) tree.progressed(runs);
    else for (const run of runs) unseen.add(run);
  };
  return vscode.Disposable.from(
    tree,
    view,
    simulations.onDidChange(changed),
    simulations.onDidProgress(progressed),
    simulations.onDidStart((run) => void show(run)),
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) return;
      tree.progressed([...unseen]);
      unseen.clear();
    }),
    registerCommand(app, 'simulationMore', (row) => {
      if (row instanceof MoreVehiclesRow) tree.more(row);
    }),
  );

  /** Opens the section, so that one sees it has begun; the focus, and any other side bar, stays where it is. */
  async function show(run: SimulationRun): Promise<void> {
    tree.changed();
    if (!stacks.visible && !view.visible) return;
    try {
      await view.reveal(tree.row(run), { select: false, focus: false });
    } catch (error) {
      app.log.debug(`The simulation is not shown in its view: ${String(error)}`);
    }
  }
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', `cmsEnablement.${key}`, value);
}

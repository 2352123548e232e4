import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerSimulateCommands } from './simulateCommands.ts';
import { registerSimulationCommands } from './steerCommands.ts';
import { registerSimulationMessages } from './messageCommands.ts';
import type { Node } from '../base/node.ts';
import { createSimulationsStatus } from './simulationsStatus.ts';
import { createSimulationsView } from './simulationsView.ts';
import type { StacksTree } from '../tree/stacksTree.ts';
import type { TreeRow } from '../base/treeRow.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import { RunMaps } from './runMaps.ts';
import { RunNews } from './runNews.ts';
import { TelemetryChannel } from './telemetryChannel.ts';

/** Everything a person sees of simulations: commands, view, status, output, map and notifications. */
export function createSimulations(
  app: App,
  tree: StacksTree,
  view: vscode.TreeView<TreeRow>,
): vscode.Disposable {
  const telemetry = new TelemetryChannel(app.simulations);
  const maps = new RunMaps(app);
  return vscode.Disposable.from(
    telemetry,
    maps,
    new RunNews(app),
    createSimulationsView(app, view),
    createSimulationsStatus(app),
    registerSimulateCommands(app, maps),
    registerSimulationCommands(app, { maps, telemetry }),
    registerSimulationMessages(app),
    markVehicles(app, tree),
  );
}

/** Draws vehicles of the stacks again that begin or cease to be simulated, and reads those again that have driven. */
function markVehicles(app: App, tree: StacksTree): vscode.Disposable {
  let before = new Set<string>();
  return app.simulations.onDidChange(() => {
    const vehicles = vehiclesOf(tree);
    const changed = vehicles.filter((node) => node.isOutdated);
    if (changed.length > 0) app.redraw(changed);
    const simulated = vehicles.filter((node) => node.run !== undefined);
    const over = vehicles.filter((node) => before.has(node.id) && node.run === undefined);
    before = new Set(simulated.map(({ id }) => id));
    // It may be live now, and have trouble codes.
    if (over.length <= MOST_READ_AGAIN) for (const node of over) app.refresh(node);
  });
}

const MOST_READ_AGAIN = 5;

/** The vehicles the tree has loaded. */
function vehiclesOf(tree: StacksTree): VehicleNode[] {
  const walk = (node: Node): VehicleNode[] =>
    node instanceof VehicleNode ? [node] : (tree.loaded(node) ?? []).flatMap(walk);
  return tree.roots().flatMap(walk);
}

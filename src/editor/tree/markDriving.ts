import * as vscode from 'vscode';
import type { Driving } from '../base/driving.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { Soon } from '../base/soon.ts';
import { vehiclesOf } from './loadedVehicles.ts';
import type { StacksTree } from './stacksTree.ts';

const MOST_READ_AGAIN = 5;
const REGROUP_MS = 500;

/** Redraws vehicles that begin or cease to be simulated, and reads those again that have driven. */
export function markDriving(tree: StacksTree, driving: Driving, rows: RowChanges): vscode.Disposable {
  let before = new Set<string>();
  // Groups, filters and orders by state follow it; a fleet that sets off is one change.
  const regroup = new Soon(REGROUP_MS, () => {
    for (const list of tree.outdatedLists) void tree.rearrange(list);
  });
  const listener = driving.onDidChange(() => {
    const vehicles = vehiclesOf(tree);
    const changed = vehicles.filter((node) => node.isOutdated);
    if (changed.length > 0) rows.redraw(...changed);
    regroup.call();
    const over = vehicles.filter((node) => before.has(node.id) && !node.isSimulated);
    before = new Set(vehicles.filter((node) => node.isSimulated).map(({ id }) => id));
    // It may be live now, and have trouble codes.
    if (over.length <= MOST_READ_AGAIN) for (const node of over) rows.refresh(node);
  });
  return vscode.Disposable.from(regroup, listener);
}

import * as vscode from 'vscode';
import { Node } from './node.ts';
import { notify } from './shown.ts';
import type { Tasks } from './tasks.ts';
import { TreeRow } from './treeRow.ts';

/** Offered in the title of a view, where the editor passes no row either. */
export const OF_A_TITLE: ReadonlySet<string> = new Set([
  ...[
    'onboardVehicle',
    'refresh',
    'addConnection',
    'findVehicle',
    'onboardFleet',
    'forgetPasswords',
    'showLog',
  ],
  ...['filterVehicles', 'groupVehicles', 'sortVehicles'],
  ...['simulateDrive', 'simulateFleet', 'simulationStopAll', 'simulationPauseAll', 'simulationResumeAll'],
  ...['simulationClearEnded', 'showTelemetry', 'showMessageTemplate'],
]);

/** What a command was called with. Unknown, because anybody may call a command. */
export interface CommandCall {
  /** The node of the row, the file or the object it is about; undefined from the palette. */
  readonly target: unknown;
  /** All selected nodes if the target is one of them, otherwise the target alone; empty from the palette. In place of a
   * group those that are in it. */
  readonly targets: readonly unknown[];
  /** It came from a row that is being redrawn: the editor then passes `undefined` in place of the row. */
  readonly rowIsGone: boolean;
}

/** Registers `cmsEnablement.<id>`. Whatever the handler throws is shown once, with Try Again. */
export function registerCommand(
  tasks: Tasks,
  id: string,
  handler: (call: CommandCall) => Promise<void> | void,
): vscode.Disposable {
  return vscode.commands.registerCommand(`cmsEnablement.${id}`, (...args: unknown[]) => {
    const call = callOf(args);
    if (call.rowIsGone && !OF_A_TITLE.has(id)) {
      // What is selected, or was used last, is not what was clicked.
      void notify.info(vscode.l10n.t('The list was just updated. Please try again.'));
      return undefined;
    }
    return tasks.attempt(() => handler(call));
  });
}

/** Of a menu of the map: the one that was clicked, with the others that are selected. */
function withOthers(target: unknown): readonly unknown[] {
  const isOfSeveral = typeof target === 'object' && target !== null && 'others' in target;
  return isOfSeveral && Array.isArray(target.others) ? [target, ...(target.others as unknown[])] : [target];
}

function membersOf(target: unknown): readonly unknown[] {
  return target instanceof Node ? (target.members ?? [target]) : withOthers(target);
}

/** The Explorer names a file twice when it is clicked and selected. */
function isSame(row: unknown, clicked: unknown): boolean {
  if (row instanceof vscode.Uri && clicked instanceof vscode.Uri)
    return row.toString() === clicked.toString();
  return row === clicked;
}

/** The editor passes the row that was clicked, and the rows that are selected. */
function callOf(args: readonly unknown[]): CommandCall {
  const nodeOf = (row: unknown): unknown => (row instanceof TreeRow ? row.node : row);
  const clicked = nodeOf(args[0]);
  const selected = Array.isArray(args[1]) ? args[1].map(nodeOf) : [];
  const rows =
    clicked === undefined ? [] : selected.some((row) => isSame(row, clicked)) ? selected : [clicked];
  // A vehicle may be in several of the groups.
  const targets = [...new Set(rows.flatMap(membersOf))];
  const target = targets.some((row) => isSame(row, clicked)) ? clicked : membersOf(clicked)[0];
  return {
    target,
    targets,
    rowIsGone: args.length > 0 && args[0] === undefined,
  };
}

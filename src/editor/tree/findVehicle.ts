import * as vscode from 'vscode';
import type { VehicleRecord } from '../../cms/contract/vehicles.ts';
import { unlessAborted } from '../../core/shared.ts';
import { logError } from '../base/log.ts';
import { Node } from '../base/node.ts';
import { isVehicleOfStack, type StackRef, vehiclesOfRow, type VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { TreeRow } from '../base/treeRow.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import type { VehiclesNode } from '../vehicles/vehiclesNode.ts';
import type { StacksTree } from './stacksTree.ts';

interface Sources {
  tasks: Tasks;
  targets: Targets;
  sessions: Sessions;
}

interface Shown {
  tree: StacksTree;
  view: vscode.TreeView<TreeRow>;
}

/** Goes straight to a vehicle, however many pages away it is. */
export async function findVehicle(
  { tasks, targets, sessions }: Sources,
  shown: Shown,
  target?: unknown,
): Promise<void> {
  const said = isVehicleOfStack(target) ? target : (vehicleOfRow(target) ?? (await targets.named(target)));
  const ref = await targets.signedInStack(target);
  if (ref === undefined) return;
  const named = said ?? (await targets.pickVehicle(ref, vscode.l10n.t('Find Vehicle')));
  if (named === undefined) return;
  const { vin: wanted, id = wanted } = named;
  const found = await tasks.run(
    { title: vscode.l10n.t('Looking for {0}', wanted), quiet: true },
    ({ signal }) => lookFor(id, ref, sessions, shown.tree, signal),
  );
  if (found === undefined) return;
  const { vehicle, list, loaded } = found;
  if (vehicle === undefined) {
    void notify.info(vscode.l10n.t('{0} is not on {1}.', wanted, ref.stack));
    return;
  }
  if (list === undefined || loaded === undefined) {
    void notify.warn(
      vscode.l10n.t(
        '{0} is on {1}, but its row cannot be shown: the stack could not be read.',
        wanted,
        ref.stack,
      ),
    );
    return;
  }
  await show(shown, vehicle, list, loaded, { focus: true, expand: true });
}

/** The vehicle that a row stands for, such as that of a simulation or of its certificate files. */
function vehicleOfRow(row: unknown): VehicleOfStack | undefined {
  return row instanceof Node ? row.vehicle : vehiclesOfRow(row)[0];
}

/** Shows the row of a vehicle that is new, where rows are shown at all. What fails stands in the log only. */
export async function revealVehicle(
  { tasks, sessions }: Pick<Sources, 'tasks' | 'sessions'>,
  shown: Shown,
  { ref, vin, id = vin }: VehicleOfStack,
): Promise<void> {
  const isVisible = (): boolean => shown.view.visible;
  if (!isVisible()) return;
  try {
    const { signal } = new AbortController();
    const { vehicle, list, loaded } = await lookFor(id, ref, sessions, shown.tree, signal);
    if (vehicle !== undefined && list !== undefined && loaded !== undefined && isVisible())
      await show(shown, vehicle, list, loaded, { focus: false, expand: false });
  } catch (error) {
    logError(tasks.log, error);
  }
}

/** The vehicle as its CMS has it, and the list that its row belongs into. */
async function lookFor(
  id: string,
  ref: StackRef,
  sessions: Sessions,
  tree: StacksTree,
  signal: AbortSignal,
): Promise<{
  vehicle: VehicleRecord | undefined;
  list: VehiclesNode | undefined;
  loaded: Node[] | undefined;
}> {
  const deployment = await sessions.open(ref, signal);
  const vehicle = await deployment.vehicles.find(id, signal);
  const list = vehicle === undefined ? undefined : await tree.vehiclesOf(ref, signal);
  return { vehicle, list, loaded: list && (await unlessAborted(tree.children(list), signal)) };
}

async function show(
  { tree, view }: Shown,
  vehicle: VehicleRecord,
  list: VehiclesNode,
  loaded: readonly Node[],
  how: { focus: boolean; expand: boolean },
): Promise<void> {
  const { node, children } = list.pin(vehicle, loaded);
  tree.replaceChildren(list, children);
  await view.reveal(tree.row(node), { select: true, ...how });
}

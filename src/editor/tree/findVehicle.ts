import * as vscode from 'vscode';
import { unlessAborted } from '../../core/shared.ts';
import { isVehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { TreeRow } from '../base/treeRow.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import type { StacksTree } from './stacksTree.ts';

/** Goes straight to a vehicle, however many pages away it is. */
export async function findVehicle(
  { tasks, targets, sessions }: { tasks: Tasks; targets: Targets; sessions: Sessions },
  { tree, view }: { tree: StacksTree; view: vscode.TreeView<TreeRow> },
  target?: unknown,
): Promise<void> {
  const said = isVehicleOfStack(target) ? target : await targets.named(target);
  const ref = await targets.signedInStack(target);
  if (ref === undefined) return;
  const named = said ?? (await targets.pickVehicle(ref, vscode.l10n.t('Find Vehicle')));
  if (named === undefined) return;
  const { vin: wanted, id = wanted } = named;
  const found = await tasks.run(
    { title: vscode.l10n.t('Looking for {0}', wanted), quiet: true },
    async ({ signal }) => {
      const deployment = await sessions.open(ref, signal);
      const vehicle = await deployment.vehicles.find(id, signal);
      const list = vehicle === undefined ? undefined : await tree.vehiclesOf(ref, signal);
      return { vehicle, list, loaded: list && (await unlessAborted(tree.children(list), signal)) };
    },
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
  const { node, children } = list.pin(vehicle, loaded);
  tree.replaceChildren(list, children);
  await view.reveal(tree.row(node), { select: true, focus: true, expand: true });
}

import * as vscode from 'vscode';
import { FactNode } from '../base/factNode.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { ErrorNode, LoadMoreNode, Node, PagedNode } from '../base/node.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Driving } from '../base/driving.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Connections } from '../connections/connections.ts';
import type { ConnectionStates } from '../connections/connectionStates.ts';
import type { SandboxController } from '../sandbox/sandboxController.ts';
import type { Targets } from '../stacks/targets.ts';
import type { Sessions } from '../stacks/sessions.ts';
import type { TreeRow } from '../base/treeRow.ts';
import type { Arrangement } from '../vehicles/arrangement.ts';
import { VehicleFolderNode } from '../vehicles/vehicleFolderNode.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import { registerArrangements } from './arrangeVehicles.ts';
import { registerAwsConsole } from './awsConsole.ts';
import { tellContexts } from './contexts.ts';
import { findVehicle } from './findVehicle.ts';
import { markDriving } from './markDriving.ts';
import type { StacksTree } from './stacksTree.ts';
import { createStatusItem, type QuickActions } from './statusItem.ts';

interface Shown {
  tree: StacksTree;
  view: vscode.TreeView<TreeRow>;
}

interface Sources {
  targets: Targets;
  sessions: Sessions;
  sandbox: SandboxController;
  connections: Connections;
  connectionStates: ConnectionStates;
  rows: RowChanges;
  driving: Driving;
  arrangements: Map<string, Arrangement>;
  backend: LoadBackend<'bucketArn' | 'consolePage'>;
}

/** The commands of the tree as a whole, the status bar, and what redraws rows and reads them again. */
export function registerTree(
  tasks: Tasks,
  shown: Shown,
  sources: Sources,
  actions: Omit<QuickActions, 'findVehicle'>,
): vscode.Disposable {
  const { tree, view } = shown;
  const { targets, sessions, sandbox, connections, rows, driving, arrangements } = sources;
  const find = (target?: unknown): Promise<void> => findVehicle({ tasks, targets, sessions }, shown, target);
  const timer = new RefreshTimer(() => {
    if (view.visible) refreshVehicles(tree, rows);
  });
  return vscode.Disposable.from(
    timer,
    connections.onDidAdd((id) => void tasks.attempt(() => revealConnection(shown, id))),
    view.onDidExpandElement(({ element }) => tree.expansion.keep(element.id, true)),
    view.onDidCollapseElement(({ element }) => tree.expansion.keep(element.id, false)),
    registerCommand(tasks, 'refresh', ({ target, targets }) => {
      if (target instanceof Node) {
        for (const row of targets) if (row instanceof Node) rows.refresh(row);
        return;
      }
      sessions.drop();
      rows.refresh();
    }),
    registerCommand(tasks, 'retry', ({ target }) => {
      if (target instanceof ErrorNode && target.parent !== undefined) {
        sessions.drop(target.connectionId);
        rows.refresh(target.parent);
      } else rows.refresh();
    }),
    registerCommand(tasks, 'loadMore', ({ target }) => loadMore(tasks, tree, target)),
    registerCommand(tasks, 'copyValue', ({ target }) => copyValue(target)),
    registerCommand(tasks, 'showLog', () => tasks.log.show()),
    registerCommand(tasks, 'findVehicle', ({ target }) => find(target)),
    registerAwsConsole(tasks, connections, sources.backend),
    registerArrangements(tasks, shown, { targets, rows, arrangements }),
    createStatusItem(tasks, sandbox, connections, { ...actions, findVehicle: () => find() }),
    markDriving(tree, driving, rows),
    tellContexts(connections, sources.connectionStates, sandbox),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.refreshSeconds')) timer.restart();
    }),
  );
}

/** Shows a new connection with its stacks. */
async function revealConnection({ tree, view }: Shown, id: string): Promise<void> {
  const node = tree.roots().find((root) => root.connectionId === id);
  if (node !== undefined && view.visible) {
    await view.reveal(tree.row(node), { select: true, focus: false, expand: true });
  }
}

async function loadMore(tasks: Tasks, tree: StacksTree, target: unknown): Promise<void> {
  if (!(target instanceof LoadMoreNode)) return;
  const list = target.parent;
  if (!(list instanceof PagedNode)) return;
  await tasks.run({ title: vscode.l10n.t('Reading more rows'), quiet: true }, ({ signal }) =>
    tree.loadMore(list, signal),
  );
}

async function copyValue(target: unknown): Promise<void> {
  if (!(target instanceof FactNode || target instanceof VehicleFolderNode)) return;
  await vscode.env.clipboard.writeText(target.value);
  vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Copied'), 4000);
}

/** Expanded vehicles are read again; pages that were loaded stay as they are. */
function refreshVehicles(tree: StacksTree, rows: RowChanges): void {
  const walk = (node: Node): void => {
    const children = tree.loaded(node);
    if (children === undefined) return;
    if (node instanceof VehicleNode) rows.refresh(node);
    else children.forEach(walk);
  };
  tree.roots().forEach(walk);
}

/** Fires every `cmsEnablement.refreshSeconds`; 0 turns it off. */
class RefreshTimer implements vscode.Disposable {
  readonly #fire: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(fire: () => void) {
    this.#fire = fire;
    this.restart();
  }

  restart(): void {
    clearInterval(this.#timer);
    const setting: unknown = vscode.workspace.getConfiguration('cmsEnablement').get('refreshSeconds');
    // The editor hands out whatever a settings.json says.
    const seconds = typeof setting === 'number' ? Math.min(setting, 3600) : 60;
    if (seconds > 0) this.#timer = setInterval(this.#fire, Math.max(5, seconds) * 1000);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}

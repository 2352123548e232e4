import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { registerCommand } from '../base/registerCommand.ts';
import { ErrorNode, LoadMoreNode, Node } from '../base/node.ts';
import { OwnersNode, SuppliersNode } from './peopleNodes.ts';
import type { StacksTree } from './stacksTree.ts';
import type { TreeRow } from '../base/treeRow.ts';
import { VehiclesNode } from '../vehicles/vehiclesNode.ts';

/** The tree view with the commands that only make sense inside it, and its periodic refresh. */
export function createStacksView(app: App, tree: StacksTree): vscode.TreeView<TreeRow> {
  const view = vscode.window.createTreeView('cmsEnablement.stacks', {
    treeDataProvider: tree,
    showCollapseAll: true,
    // Several vehicles set off together.
    canSelectMany: true,
  });
  const timer = new RefreshTimer(() => {
    if (view.visible) refreshVehicles(tree);
  });
  app.context.subscriptions.push(
    view,
    timer,
    view.onDidExpandElement(({ element }) => tree.expansion.keep(element.id, true)),
    view.onDidCollapseElement(({ element }) => tree.expansion.keep(element.id, false)),
    registerCommand(app, 'refresh', (target) => {
      if (!(target instanceof Node)) app.sessions.drop();
      tree.refresh(target instanceof Node ? target : undefined);
    }),
    registerCommand(app, 'retry', (target) => {
      if (target instanceof ErrorNode && target.parent !== undefined) {
        app.sessions.drop(target.connectionId);
        tree.refresh(target.parent);
      } else tree.refresh();
    }),
    registerCommand(app, 'loadMore', (target) => loadMore(tree, target)),
    registerCommand(app, 'showLog', () => app.log.show()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('cmsEnablement.refreshSeconds')) timer.restart();
    }),
  );
  return view;
}

async function loadMore(tree: StacksTree, target: unknown): Promise<void> {
  if (!(target instanceof LoadMoreNode)) return;
  const list = target.parent;
  if (!(list instanceof VehiclesNode || list instanceof OwnersNode || list instanceof SuppliersNode)) return;
  const loaded = (tree.loaded(list) ?? []).filter((node) => !(node instanceof LoadMoreNode));
  tree.replaceChildren(list, await list.more(loaded, new AbortController().signal));
}

/** Expanded vehicles are read again; pages that were loaded stay as they are. */
function refreshVehicles(tree: StacksTree): void {
  const walk = (node: Node): void => {
    const children = tree.loaded(node);
    if (children === undefined) return;
    if (node.parent instanceof VehiclesNode) tree.refresh(node);
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
    const seconds = vscode.workspace.getConfiguration('cmsEnablement').get<number>('refreshSeconds', 60);
    if (seconds > 0) this.#timer = setInterval(this.#fire, Math.max(5, seconds) * 1000);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}

import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { endedByUser, logError } from '../run.ts';
import { ConnectionNode } from './connectionNode.ts';
import { Expansion } from './expansion.ts';
import { ErrorNode, type Node } from './node.ts';
import { ProvisioningNode } from './provisioningNodes.ts';
import { SandboxNode } from './sandboxNode.ts';
import { VehiclesNode } from './vehiclesNode.ts';
import { VehicleNode } from './vehicleNode.ts';

/** Roots, and the children each row has loaded, until a refresh. */
export class StacksTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #app: App;
  readonly expansion: Expansion;
  readonly #changed = new vscode.EventEmitter<Node | Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #children = new Map<string, Node[]>();
  /** Ends what a row reads, also what it goes on reading after its children are shown. */
  readonly #loading = new Map<string, AbortController>();
  #roots: Node[] | undefined;

  constructor(app: App) {
    this.#app = app;
    this.expansion = new Expansion(app.context.workspaceState);
  }

  /** Rows loaded so far; undefined = not yet. */
  loaded(node: Node): readonly Node[] | undefined {
    return this.#children.get(node.id);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return this.expansion.apply(node.item());
  }

  getParent(node: Node): Node | undefined {
    return node.parent;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) return this.roots();
    const kept = this.#children.get(node.id);
    if (kept !== undefined) return kept;
    this.#loading.get(node.id)?.abort();
    const abort = new AbortController();
    this.#loading.set(node.id, abort);
    try {
      const children = await node.load(abort.signal);
      if (!abort.signal.aborted) this.#children.set(node.id, children);
      return children;
    } catch (error) {
      if (endedByUser(error)) return [];
      logError(this.#app.log, error);
      return [new ErrorNode(node, error)];
    }
  }

  roots(): Node[] {
    this.#roots ??= [
      ...(this.#app.sandbox.known ? [new SandboxNode(this.#app)] : []),
      ...this.#app.connections.list().map((saved) => new ConnectionNode(this.#app, saved)),
    ];
    void vscode.commands.executeCommand('setContext', 'cmsEnablement.empty', this.#roots.length === 0);
    return this.#roots;
  }

  /** The first row that fits, loading what is on the way to it but no vehicle. */
  async find<T extends Node>(fits: (node: Node) => node is T): Promise<T | undefined> {
    const open = [...this.roots()];
    for (let node = open.shift(); node !== undefined; node = open.shift()) {
      if (fits(node)) return node;
      if (!(node instanceof VehiclesNode)) open.push(...(await this.getChildren(node)));
    }
    return undefined;
  }

  /** Reads a row and all below it again; without one, everything. */
  refresh(node?: Node): void {
    if (node === undefined) {
      this.#roots = undefined;
      this.#children.clear();
      for (const abort of this.#loading.values()) abort.abort();
      this.#loading.clear();
    } else {
      this.#forget(node);
    }
    this.#changed.fire(node);
  }

  /** Draws rows again with what they know now. */
  redraw(node: Node | Node[]): void {
    this.#changed.fire(node);
  }

  /** Reads again what the workspace has of the vehicles shown, and asks nothing of the cloud. */
  refreshLocal(): void {
    for (const children of this.#children.values()) {
      for (const node of children) {
        if (node instanceof VehicleNode) void node.readLocal().then(() => this.redraw(node));
        if (node instanceof ProvisioningNode) this.refresh(node);
      }
    }
  }

  /** Puts more rows under a row that is loaded already. */
  replaceChildren(node: Node, children: Node[]): void {
    this.#children.set(node.id, children);
    this.#changed.fire(node);
  }

  #forget(node: Node): void {
    this.#loading.get(node.id)?.abort();
    this.#loading.delete(node.id);
    for (const child of this.#children.get(node.id) ?? []) this.#forget(child);
    this.#children.delete(node.id);
  }

  dispose(): void {
    for (const abort of this.#loading.values()) abort.abort();
    this.#changed.dispose();
  }
}

import * as vscode from 'vscode';
import { unlessAborted } from '../../core/shared.ts';
import { type Log, logError } from '../base/log.ts';
import { ConnectionNode } from '../connections/connectionNode.ts';
import { ErrorNode, type LoadStacks, MessageNode, type Node, PagedNode } from '../base/node.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { sameStack, type StackRef } from '../base/stackRef.ts';
import { endedByUser } from '../base/tasks.ts';
import { ProvisioningNode } from '../certificates/provisioningNodes.ts';
import { SandboxNode, type ShownSandbox } from '../sandbox/sandboxNode.ts';
import type { Connections } from '../connections/connections.ts';
import type { ConnectionStates } from '../connections/connectionStates.ts';
import type { SandboxController } from '../sandbox/sandboxController.ts';
import { VehiclesNode } from '../vehicles/vehiclesNode.ts';
import { TreeRow } from '../base/treeRow.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import { forTree } from '../base/shown.ts';
import { hasConsolePage } from './awsConsole.ts';
import { Expansion } from './expansion.ts';
import { loadStacks, StackNode, type StackSources } from './stackNode.ts';
import { RowEvents } from './rowEvents.ts';

/** What the tree is read from. */
export interface TreeSources extends StackSources {
  sandbox: ShownSandbox & Pick<SandboxController, 'known'>;
  connections: Pick<Connections, 'list'>;
  connectionStates: Pick<ConnectionStates, 'of' | 'look' | 'onDidChange'>;
  /** Which of the loaded rows are out of date. */
  rows: Pick<RowChanges, 'onDidOutdate' | 'onDidChangeLook'>;
  log: Log;
}

/** Roots, and the children each row has loaded, until a refresh. */
export class StacksTree implements vscode.TreeDataProvider<TreeRow>, vscode.Disposable {
  readonly #sources: TreeSources;
  readonly expansion: Expansion;
  readonly #subscriptions: vscode.Disposable;
  readonly #events = new RowEvents();
  readonly onDidChangeTreeData = this.#events.event;
  readonly #children = new Map<string, Node[]>();
  readonly #rows = new Map<string, TreeRow>();
  /** Ends what a row reads, also what it goes on reading after its children are shown. */
  readonly #loading = new Map<string, { abort: AbortController; children: Promise<Node[]> }>();
  #disposed = false;
  #roots: Node[] | undefined;

  /** @param state of the workspace, which keeps the rows that a person opened or closed */
  constructor(sources: TreeSources, state: vscode.Memento) {
    this.#sources = sources;
    this.expansion = new Expansion(state);
    this.#subscriptions = vscode.Disposable.from(
      sources.rows.onDidOutdate((node) => this.refresh(node)),
      sources.rows.onDidChangeLook((nodes) => this.#redraw(nodes)),
      sources.connectionStates.onDidChange((id) =>
        this.#redraw(this.roots().filter((root) => root.connectionId === id)),
      ),
    );
  }

  /** Rows loaded so far; undefined = not yet. */
  loaded(node: Node): readonly Node[] | undefined {
    return this.#children.get(node.id);
  }

  getTreeItem({ node }: TreeRow): vscode.TreeItem {
    const item = this.expansion.apply(node.item());
    if (hasConsolePage(node, this.#sources.connectionStates, this.#sources.backend))
      item.contextValue = [item.contextValue, 'console'].filter(Boolean).join(' ');
    return forTree(item);
  }

  getParent({ node }: TreeRow): TreeRow | undefined {
    return node.parent === undefined ? undefined : this.row(node.parent);
  }

  async getChildren(row?: TreeRow): Promise<TreeRow[]> {
    const nodes =
      row === undefined ? this.roots() : await this.#events.reading(row, () => this.children(row.node));
    return nodes.map((node) => {
      const child = this.row(node);
      child.node = node;
      return child;
    });
  }

  /** What the editor knows a node by. */
  row(node: Node): TreeRow {
    let row = this.#rows.get(node.id);
    if (row === undefined) {
      row = new TreeRow(node);
      this.#rows.set(node.id, row);
    }
    return row;
  }

  /** The nodes below a node: kept until a refresh, read once however many ask at a time. */
  async children(node: Node): Promise<Node[]> {
    const kept = this.#children.get(node.id);
    if (kept !== undefined) {
      // The row above was read again, and made this one anew: it learns what is below it.
      if (node instanceof PagedNode && node.counts(kept)) this.#redraw([node]);
      return kept;
    }
    const running = this.#loading.get(node.id);
    if (running !== undefined) return running.children;
    const abort = new AbortController();
    const children = this.#load(node, abort.signal);
    this.#loading.set(node.id, { abort, children });
    return children;
  }

  async #load(node: Node, signal: AbortSignal): Promise<Node[]> {
    try {
      const children = await node.load(signal);
      if (signal.aborted) return await this.#instead(node);
      this.#keep(node, children);
      return children;
    } catch (error) {
      if (signal.aborted) return this.#instead(node);
      this.#loading.delete(node.id);
      if (endedByUser(error)) return [cancelledRow(node)];
      logError(this.#sources.log, error);
      return [new ErrorNode(node, error)];
    }
  }

  /** What a load gives that a refresh overtook: the editor may show it still, so it must be the new rows. */
  async #instead(node: Node): Promise<Node[]> {
    if (this.#disposed) return [];
    return this.children(node);
  }

  roots(): Node[] {
    const { sandbox, connections, connectionStates } = this.#sources;
    const load: LoadStacks = (...asked) => loadStacks(this.#sources, ...asked);
    if (this.#roots !== undefined) return this.#roots;
    this.#roots = [
      ...(sandbox.known ? [new SandboxNode(sandbox, load)] : []),
      ...connections.list().map((saved) => new ConnectionNode(saved, load, connectionStates)),
    ];
    void vscode.commands.executeCommand('setContext', 'cmsEnablement.empty', this.#roots.length === 0);
    return this.#roots;
  }

  /** The list of vehicles of a stack, loading what is on the way to it and nothing of other connections and stacks. */
  async vehiclesOf(ref: StackRef, signal: AbortSignal): Promise<VehiclesNode | undefined> {
    const open = [...this.roots()];
    for (let node = open.shift(); node !== undefined; node = open.shift()) {
      if (node.connectionId !== ref.connectionId) continue;
      if (node.stackRef !== undefined && !sameStack(node.stackRef, ref)) continue;
      if (node instanceof VehiclesNode) return node;
      if (node.stackRef === undefined || node instanceof StackNode)
        open.push(...(await unlessAborted(this.children(node), signal)));
    }
    return undefined;
  }

  /** Reads a row and all below it again; without one, everything. */
  refresh(row?: Node): void {
    const node = row === undefined ? undefined : this.#current(row.readFrom ?? row);
    if (node === undefined) {
      this.#roots = undefined;
      this.#children.clear();
      for (const { abort } of this.#loading.values()) abort.abort();
      this.#loading.clear();
    } else {
      this.#forget(node);
    }
    if (node === undefined) this.#events.allChanged();
    else this.#events.changed([this.row(node)]);
  }

  /** Draws rows again with what they know now. */
  #redraw(nodes: readonly Node[]): void {
    this.#events.changed(nodes.map((each) => this.row(each)));
  }

  /** Reads again what the workspace has of the vehicles shown, and asks nothing of the cloud. */
  refreshLocal(): void {
    const shown = [...this.#children.values()].flat();
    for (const node of shown) if (node instanceof ProvisioningNode) this.refresh(node);
    void this.#readLocal(shown.filter((node) => node instanceof VehicleNode));
  }

  /** One redraw for all that changed: the editor draws every row again that it is told of. */
  async #readLocal(vehicles: readonly VehicleNode[]): Promise<void> {
    const changed = await Promise.all(vehicles.map((node) => node.readLocal()));
    const outdated = vehicles.filter((_, i) => changed[i]);
    if (outdated.length > 0 && !this.#disposed) this.#redraw(outdated);
  }

  /** Reads the next page below a list, unless the list is read anew meanwhile. */
  async loadMore(list: PagedNode, signal: AbortSignal): Promise<void> {
    const shown = this.#children.get(list.id);
    if (shown === undefined) return;
    const children = await list.more(shown, signal);
    if (this.#children.get(list.id) === shown) this.replaceChildren(list, children);
  }

  /** Puts more rows under a row that is loaded already. */
  replaceChildren(node: Node, children: Node[]): void {
    this.#keep(node, children);
    this.#events.changed([this.row(node)]);
  }

  /** Shows a list as it is arranged now, of what it has read already. */
  async rearrange(list: VehiclesNode): Promise<void> {
    const now = this.#current(list);
    if (now !== list) {
      // It was read anew meanwhile, as it is arranged now.
      if (now !== undefined) this.refresh(now);
      return;
    }
    this.#forget(list);
    const abort = new AbortController();
    const children = list.arranged(abort.signal);
    this.#loading.set(list.id, { abort, children });
    const rows = await children;
    if (!abort.signal.aborted) this.replaceChildren(list, rows);
  }

  /** The lists that are shown otherwise than the states of their vehicles say by now. */
  get outdatedLists(): VehiclesNode[] {
    return [...this.#children.values()]
      .flat()
      .filter((node) => node instanceof VehiclesNode)
      .filter((list) => list.isOutdated);
  }

  /** A list says how many rows it has. */
  #keep(node: Node, children: Node[]): void {
    this.#children.set(node.id, children);
    if (node instanceof PagedNode && node.counts(children)) this.#redraw([node]);
  }

  /** The row that stands where this one stood before a refresh; undefined if there is none now. */
  #current(node: Node): Node | undefined {
    const { parent } = node;
    const now = parent === undefined ? undefined : this.#current(parent);
    const siblings = parent === undefined ? this.#roots : now && this.#children.get(now.id);
    return siblings?.find(({ id }) => id === node.id);
  }

  #forget(node: Node): void {
    this.#loading.get(node.id)?.abort.abort();
    this.#loading.delete(node.id);
    for (const child of this.#children.get(node.id) ?? []) this.#forget(child);
    this.#children.delete(node.id);
  }

  dispose(): void {
    this.#disposed = true;
    this.#subscriptions.dispose();
    for (const { abort } of this.#loading.values()) abort.abort();
    this.#events.dispose();
  }
}

/** In place of rows whose reading a person ended, such as by giving no one-time code. */
function cancelledRow(parent: Node): MessageNode {
  return new MessageNode(parent, vscode.l10n.t('Canceled. Try again…'), {
    icon: 'refresh',
    command: {
      command: 'cmsEnablement.refresh',
      title: vscode.l10n.t('Refresh'),
      arguments: [parent],
    },
  });
}

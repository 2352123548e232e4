import * as vscode from 'vscode';

const STATE_KEY = 'expandedRows';
/** More than anybody opens by hand; the oldest are forgotten. */
const KEPT = 500;

/** Which rows a person opened or closed, kept across reloads: VS Code forgets it with the window. */
export class Expansion {
  readonly #state: vscode.Memento;
  readonly #chosen: Map<string, boolean>;

  constructor(state: vscode.Memento) {
    this.#state = state;
    this.#chosen = new Map(state.get<[string, boolean][]>(STATE_KEY, []));
  }

  /** Lets a row begin as it was left. */
  apply(item: vscode.TreeItem): vscode.TreeItem {
    const chosen = item.id === undefined ? undefined : this.#chosen.get(item.id);
    if (chosen !== undefined && item.collapsibleState !== vscode.TreeItemCollapsibleState.None) {
      item.collapsibleState = chosen
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
    }
    return item;
  }

  keep(id: string, expanded: boolean): void {
    this.#chosen.delete(id);
    this.#chosen.set(id, expanded);
    void this.#state.update(STATE_KEY, [...this.#chosen].slice(-KEPT));
  }
}

import * as vscode from 'vscode';
import type { Node } from './node.ts';

/** How features say that rows of the tree are out of date. The tree listens. */
export class RowChanges implements vscode.Disposable {
  readonly #outdated = new vscode.EventEmitter<Node | undefined>();
  /** This row and all below it are to be read again; without one, everything. */
  readonly onDidOutdate = this.#outdated.event;
  readonly #redrawn = new vscode.EventEmitter<readonly Node[]>();
  /** These rows are to be drawn again with what they know now. */
  readonly onDidChangeLook = this.#redrawn.event;

  refresh(node?: Node): void {
    this.#outdated.fire(node);
  }

  redraw(...nodes: readonly Node[]): void {
    this.#redrawn.fire(nodes);
  }

  dispose(): void {
    this.#outdated.dispose();
    this.#redrawn.dispose();
  }
}

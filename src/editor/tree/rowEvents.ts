import * as vscode from 'vscode';
import type { TreeRow } from '../base/treeRow.ts';

/**
 * Tells the editor which rows to read again, and never while it is still reading them or rows below: it would then
 * take the rows it gets for strangers with ids that are taken, and show none.
 */
export class RowEvents implements vscode.Disposable {
  readonly #emitter = new vscode.EventEmitter<TreeRow[] | undefined>();
  readonly event = this.#emitter.event;
  /** How many times at once the children of a row are being read, by its id. */
  readonly #reading = new Map<string, number>();
  readonly #waiting = new Map<string, TreeRow>();

  /** Runs a read of the children of a row for the editor. */
  async reading<T>(row: TreeRow, read: () => Promise<T>): Promise<T> {
    this.#reading.set(row.id, (this.#reading.get(row.id) ?? 0) + 1);
    try {
      return await read();
    } finally {
      // The editor takes the rows in after this turn.
      setImmediate(() => this.#ended(row.id));
    }
  }

  /** These rows, and all below them, are to be read again. */
  changed(rows: readonly TreeRow[]): void {
    for (const row of rows) this.#waiting.set(row.id, row);
    this.#flush();
  }

  /** Everything is to be read again; what is being read is dropped by the editor. */
  allChanged(): void {
    this.#waiting.clear();
    this.#emitter.fire(undefined);
  }

  #ended(id: string): void {
    const left = (this.#reading.get(id) ?? 1) - 1;
    if (left > 0) this.#reading.set(id, left);
    else this.#reading.delete(id);
    this.#flush();
  }

  #flush(): void {
    const free = [...this.#waiting.values()].filter((row) => !this.#isBusy(row.id));
    for (const row of free) this.#waiting.delete(row.id);
    if (free.length > 0) this.#emitter.fire(free);
  }

  /** Ids of rows begin with those of the rows above them. */
  #isBusy(id: string): boolean {
    return [...this.#reading.keys()].some((busy) => busy === id || busy.startsWith(`${id}/`));
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}

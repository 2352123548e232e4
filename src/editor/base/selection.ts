import type { Node } from './node.ts';
import type { TreeRow } from './treeRow.ts';

/** What is selected in the tree of stacks: what a command of the palette is about. */
export class Selection {
  #rows: readonly TreeRow[] = [];

  set(rows: readonly TreeRow[]): void {
    this.#rows = rows;
  }

  /** What the selected rows stand for: a group for those that are in it. */
  get nodes(): readonly Node[] {
    return [...new Set(this.#rows.flatMap(({ node }) => node.members ?? [node]))];
  }

  /** What the one selected row stands for; undefined when none is selected, or several. */
  get node(): Node | undefined {
    return this.#rows.length === 1 ? this.#rows[0]?.node : undefined;
  }
}

import type { Node } from './node.ts';

/**
 * The one object the editor knows a row by, however often the row is read anew: it refuses a second object with the
 * same id while it still shows the first.
 */
export class TreeRow {
  readonly id: string;
  /** What was read last. */
  node: Node;

  constructor(node: Node) {
    this.id = node.id;
    this.node = node;
  }
}

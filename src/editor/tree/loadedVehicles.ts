import type { Node } from '../base/node.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import type { StacksTree } from './stacksTree.ts';

/** The vehicles the tree has loaded. */
export function vehiclesOf(tree: StacksTree): VehicleNode[] {
  const walk = (node: Node): VehicleNode[] =>
    node instanceof VehicleNode ? [node] : (tree.loaded(node) ?? []).flatMap(walk);
  return tree.roots().flatMap(walk);
}

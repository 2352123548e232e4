import type { Node } from '../base/node.ts';
import { sameStack, type VehicleOfStack } from '../base/stackRef.ts';
import { VehicleNode } from '../vehicles/vehicleNode.ts';
import type { StacksTree } from './stacksTree.ts';

/** The vehicles the tree has loaded. */
export function vehiclesOf(tree: StacksTree): VehicleNode[] {
  const walk = (node: Node): VehicleNode[] =>
    node instanceof VehicleNode ? [node] : (tree.loaded(node) ?? []).flatMap(walk);
  return tree.roots().flatMap(walk);
}

/** The row of a vehicle, if the tree has loaded it. */
export function rowOf(tree: StacksTree, { ref, id }: VehicleOfStack): VehicleNode | undefined {
  return vehiclesOf(tree).find((node) => node.record.id === id && sameStack(node.stackRef, ref));
}

import type { Target } from '../target.ts';
import { brokerTargets } from './broker.ts';
import { fileTargets } from './files.ts';
import { fleetTargets } from './fleets.ts';
import { messageTargets } from './messages.ts';
import { routeTargets } from './routes.ts';
import { sandboxTargets } from './sandbox.ts';

/** By the file that has them. */
const groups: Record<string, readonly Target[]> = {
  routes: routeTargets,
  fleets: fleetTargets,
  files: fileTargets,
  messages: messageTargets,
  broker: brokerTargets,
  sandbox: sandboxTargets,
};

export const targets: readonly Target[] = Object.values(groups).flat();

/** The file of a target, without `.ts`. */
export function groupOf(target: string): string {
  const found = Object.entries(groups).find(([, group]) => group.some(({ name }) => name === target));
  if (found === undefined) throw new Error(`There is no target ${target}.`);
  return found[0];
}

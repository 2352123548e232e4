import type { Target } from '../target.ts';
import { brokerTargets } from './broker.ts';
import { fileTargets } from './files.ts';
import { fleetTargets } from './fleets.ts';
import { messageTargets } from './messages.ts';
import { routeTargets } from './routes.ts';
import { sandboxTargets } from './sandbox.ts';

export const targets: readonly Target[] = [
  ...routeTargets,
  ...fleetTargets,
  ...fileTargets,
  ...messageTargets,
  ...brokerTargets,
  ...sandboxTargets,
];

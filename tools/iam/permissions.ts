import { OPERATIONS } from './cdf/operations.ts';
import { TASKS } from './cdf/tasks.ts';
import type { Permissions } from './contract.ts';

/** Of every generation that this product works with. */
export const PERMISSIONS: readonly Permissions[] = [
  { generation: 'cdf', folder: '', tasks: TASKS, operations: OPERATIONS },
];

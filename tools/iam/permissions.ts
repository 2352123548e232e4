import { OPERATIONS } from './cdf/operations.ts';
import { TASKS } from './cdf/tasks.ts';
import { OPERATIONS as GUIDANCE_OPERATIONS } from './cmGuidance/operations.ts';
import { TASKS as GUIDANCE_TASKS } from './cmGuidance/tasks.ts';
import { OPERATIONS as CMS_ON_AWS_OPERATIONS } from './cmsOnAws/operations.ts';
import { TASKS as CMS_ON_AWS_TASKS } from './cmsOnAws/tasks.ts';
import type { Permissions } from './contract.ts';

/** Of every generation that this product works with. */
export const PERMISSIONS: readonly Permissions[] = [
  { generation: 'cdf', folder: '', tasks: TASKS, operations: OPERATIONS },
  {
    generation: 'cms-on-aws',
    folder: 'cms-on-aws',
    tasks: CMS_ON_AWS_TASKS,
    operations: CMS_ON_AWS_OPERATIONS,
  },
  {
    generation: 'cm-guidance',
    folder: 'cm-guidance',
    tasks: GUIDANCE_TASKS,
    operations: GUIDANCE_OPERATIONS,
  },
];

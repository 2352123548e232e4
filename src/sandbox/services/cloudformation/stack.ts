import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { arnOf } from '../../kit/partition.ts';

export interface StackOutput {
  key: string;
  value: string;
  description?: string;
  exportName?: string;
}

export interface StackResource {
  logicalId: string;
  physicalId: string;
  type: string;
}

/** One stack, as CloudFormation would currently describe it. */
export interface Stack {
  name: string;
  id: string;
  description: string;
  status: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  parentId?: string;
  rootId?: string;
  parameters: Record<string, string>;
  outputs: StackOutput[];
  resources: StackResource[];
  capabilities: string[];
  rollbackDisabled: boolean;
}

/** What a template describes; the rest of a Stack follows from its name and its place in the tree. */
export interface StackPlan {
  description: string;
  parameters?: Record<string, string>;
  outputs?: StackOutput[];
  resources?: StackResource[];
  /** By logical id. */
  nested?: Record<string, StackPlan>;
  capabilities?: string[];
  rollbackDisabled?: boolean;
}

/** A deterministic value that looks like an AWS id: characters of `alphabet`, derived from `seed`. */
export function derived(seed: string, length: number, alphabet = '0123456789abcdef'): string {
  const bytes = createHash('sha512').update(seed).digest();
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet.charAt((bytes[i % bytes.length] ?? 0) % alphabet.length);
  return text;
}

export function derivedUuid(seed: string): string {
  return derived(seed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The name that CloudFormation gives to a nested stack. */
export function nestedName(parent: string, logicalId: string): string {
  return `${parent}-${logicalId}-${derived(`${parent}/${logicalId}`, 12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
}

export function stackId({ config }: Context, name: string): string {
  return arnOf(config, 'cloudformation', `stack/${name}/${derivedUuid(`${config.accountId}/${name}`)}`);
}

/** The stack and all its nested stacks, parents first. */
export function buildStacks(
  context: Context,
  name: string,
  plan: StackPlan,
  createdAt: number,
  above?: { parentId: string; rootId: string },
): Stack[] {
  const id = stackId(context, name);
  const nested = Object.entries(plan.nested ?? {});
  const stack: Stack = {
    name,
    id,
    description: plan.description,
    status: 'CREATE_COMPLETE',
    createdAt,
    ...above,
    parameters: plan.parameters ?? {},
    outputs: plan.outputs ?? [],
    resources: [
      ...nested.map(([logicalId]) => ({
        logicalId,
        physicalId: stackId(context, nestedName(name, logicalId)),
        type: 'AWS::CloudFormation::Stack',
      })),
      ...(plan.resources ?? []),
    ],
    capabilities: plan.capabilities ?? ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    rollbackDisabled: plan.rollbackDisabled ?? false,
  };
  const below = { parentId: id, rootId: above?.rootId ?? id };
  return [
    stack,
    ...nested.flatMap(([logicalId, inner]) =>
      buildStacks(context, nestedName(name, logicalId), inner, createdAt, below),
    ),
  ];
}

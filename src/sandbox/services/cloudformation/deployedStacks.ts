import type { Context } from '../../kernel/context.ts';
import { buildStacks, type Stack, type StackPlan } from './stack.ts';

/** Differences from a stack's template, for tests with broken deployments. */
export interface StackChange {
  status?: string | undefined;
  removeOutputs?: string[] | undefined;
  /** Replaces or adds parameters. */
  parameters?: Record<string, string> | undefined;
}

export interface DeployedStacks {
  /** Adds a root stack; one of this name stays as it is. Its plan is made when it is looked at. */
  deploy(name: string, plan: () => StackPlan): void;
  /** All stacks of the region with their current values, newest first, as CloudFormation lists them. */
  all(): Stack[];
  /** Adds to earlier changes. False if there is no such stack. */
  change(name: string, change: StackChange): boolean;
}

export function createDeployedStacks(context: Context): DeployedStacks {
  const created = context.store.table<number>('cloudformation.created');
  const changes = context.store.table<StackChange>('cloudformation.changes');
  /** By name, in the order in which they were deployed. */
  const roots = new Map<string, () => StackPlan>();

  function createdAt(root: string): number {
    const recorded = created.get(root);
    if (recorded !== undefined) return recorded;
    const now = context.clock.now();
    created.set(root, now);
    return now;
  }

  function all(): Stack[] {
    const inOrder = [...roots]
      .map(([name, plan]) => ({ name, plan, at: createdAt(name) }))
      .sort((a, b) => a.at - b.at);
    return inOrder
      .flatMap(({ name, plan, at }) => buildStacks(context, name, plan(), at))
      .reverse()
      .map((stack) => changed(stack, changes.get(stack.name)));
  }

  return {
    deploy(name, plan) {
      if (!roots.has(name)) roots.set(name, plan);
      createdAt(name);
    },
    all,
    change(name, change) {
      if (!all().some((stack) => stack.name === name)) return false;
      const before = changes.get(name) ?? {};
      changes.set(name, {
        status: change.status ?? before.status,
        removeOutputs: [...(before.removeOutputs ?? []), ...(change.removeOutputs ?? [])],
        parameters: { ...before.parameters, ...change.parameters },
      });
      return true;
    },
  };
}

function changed(stack: Stack, change: StackChange | undefined): Stack {
  if (!change) return stack;
  return {
    ...stack,
    status: change.status ?? stack.status,
    outputs: stack.outputs.filter((output) => !change.removeOutputs?.includes(output.key)),
    parameters: { ...stack.parameters, ...change.parameters },
  };
}

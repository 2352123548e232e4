import type { Context } from '../../kernel/context.ts';
import { cdfPlan } from '../../installations/cdf/stacks/coreStack.ts';
import { cmsPlan, type CmsStackSources } from '../../installations/cdf/stacks/cmsStack.ts';
import { buildStacks, type Stack } from './stack.ts';

/** Differences from a stack's template, for tests with broken deployments. */
export interface StackChange {
  status?: string | undefined;
  removeOutputs?: string[] | undefined;
  /** Replaces or adds parameters. */
  parameters?: Record<string, string> | undefined;
}

export interface DeployedStacks {
  /** All stacks of the region with their current values, newest first, as CloudFormation lists them. */
  all(): Stack[];
  /** Adds to earlier changes. False if there is no such stack. */
  change(name: string, change: StackChange): boolean;
}

export function createDeployedStacks(context: Context, sources: CmsStackSources): DeployedStacks {
  const created = context.store.table<number>('cloudformation.created');
  const changes = context.store.table<StackChange>('cloudformation.changes');

  function createdAt(root: string): number {
    const recorded = created.get(root);
    if (recorded !== undefined) return recorded;
    const now = context.clock.now();
    created.set(root, now);
    return now;
  }

  function all(): Stack[] {
    const { stacks } = context.config;
    const cores = [...new Set(stacks.map((spec) => spec.core))];
    // CDF is installed first, and CloudFormation lists the newest first.
    const built = [
      ...cores.flatMap((core) =>
        buildStacks(context, core, cdfPlan(context, core, sources.cms), createdAt(core)),
      ),
      ...stacks.flatMap((spec) =>
        buildStacks(context, spec.name, cmsPlan(context, spec, sources), createdAt(spec.name)),
      ),
    ];
    return built.reverse().map((stack) => changed(stack, changes.get(stack.name)));
  }

  return {
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

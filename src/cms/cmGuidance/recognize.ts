import { l10n } from '../../core/message.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { isNested, type ListedStack, type StackInfo } from '../contract/stacks.ts';
import { stateOf, type StackState } from '../contract/stackState.ts';

/** How the stacks describe themselves; one of us-east-1 has no description. */
const DESCRIPTION = 'Guidance for Connected Mobility (SO9618)';
/** The stack that brings the REST API, the WebSocket and the user pool. */
const MAIN = 'ui';
/** Those that every deployment has, and those that it may have. */
export const USUAL_PARTS = [
  'storage', 'iot', 'msk', 'data-processing', 'telemetry-integration', 'flink', 'fleetwise',
] as const; // prettier-ignore
export const OPTIONAL_PARTS = ['simulation', 'commands', 'ws-fanout'] as const;
const NAMES = [
  MAIN, ...USUAL_PARTS, ...OPTIONAL_PARTS, 'fwe-telemetry', 'predictive-agent', 'connect', 'connected-services-ui',
  'connected-services-consumer', 'subscriptions', 'dms-service-events', 'eval-user', 'ui-waf', 'ui-analytics',
]; // prettier-ignore
// A part may end like another one: the stage is the shortest that leaves a part.
const NAME = new RegExp(`^cms-(.+?)-(${NAMES.sort((a, b) => b.length - a.length).join('|')})$`);

/** Outputs that nothing works without. */
const NEEDED = ['APIEndpoint', 'UserPoolId', 'UserPoolClientId'] as const;

/**
 * The deployments among the stacks of a region, one a stage, by how their stacks describe themselves; the stage stands in
 * their names. Tables that outlived their stacks are none.
 */
export function recognise(id: string, stacks: readonly ListedStack[]): FoundDeployment[] {
  const stages = new Map<string, Map<string, ListedStack>>();
  for (const stack of stacks) {
    const [, stage, part] =
      isNested(stack) || !stack.description.startsWith(DESCRIPTION) ? [] : (NAME.exec(stack.name) ?? []);
    if (stage === undefined || part === undefined) continue;
    const parts = stages.get(stage) ?? new Map<string, ListedStack>();
    stages.set(stage, parts.set(part, stack));
  }
  return [...stages].flatMap(([name, all]) => {
    const main = all.get(MAIN);
    const stack = main ?? [...all.values()][0];
    if (stack === undefined) return [];
    const parts = Object.fromEntries([...all].filter(([part]) => part !== MAIN));
    return [{ generation: id, name, stack, parts, state: stateWith(name, main) }];
  });
}

function stateWith(stage: string, main: StackInfo | undefined): StackState {
  if (main === undefined) {
    return {
      kind: 'incomplete',
      reason: l10n.t('The stack {name} is not there.', { name: `cms-${stage}-${MAIN}` }),
    };
  }
  const own = stateOf({ ...main, outputs: neededOutputs(main) }, NEEDED);
  if (own.kind !== 'ready' || !stage.includes('-')) return own;
  return {
    kind: 'failed',
    reason: l10n.t(
      'The stage "{stage}" has a hyphen: several stacks of this CMS cut their names at it, and look for tables and rules that are not there.',
      { stage },
    ),
  };
}

/** An output by its key, compared without case: the key differs in the solution's own texts. */
export function outputOf({ outputs }: Pick<StackInfo, 'outputs'>, key: string): string | undefined {
  const wanted = key.toLowerCase();
  const found = Object.entries(outputs).find(([name]) => name.toLowerCase() === wanted)?.[1];
  return found === '' ? undefined : found;
}

function neededOutputs(stack: StackInfo): Record<string, string> {
  return Object.fromEntries(NEEDED.map((key) => [key, outputOf(stack, key) ?? '']));
}

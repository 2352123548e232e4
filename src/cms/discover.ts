import type { Connection } from '../aws/connection.ts';
import { l10n } from '../core/message.ts';
import { CMS_OUTPUTS, CORE_OUTPUTS, coreOf, isCms, isCoreWithoutOutputs } from './cdf/recognize.ts';
import type { FoundDeployment } from './deployment.ts';
import { otherGenerations } from './otherGenerations.ts';
import { stateOf } from './stackState.ts';
import type { StackState } from './stackState.ts';
import { listStacks } from './stacks.ts';
import type { ListedStack } from './stacks.ts';

/**
 * Every connected-mobility deployment of the connection's account and region, by stack name, with the CDF core
 * that belongs to it and an honest state. Stack names decide nothing.
 * @throws CmsError of the AWS call, or CANCELLED
 */
export async function* findDeployments(
  connection: Connection,
  signal: AbortSignal,
): AsyncIterable<FoundDeployment> {
  const stacks: ListedStack[] = [];
  for await (const stack of listStacks(connection, signal)) stacks.push(stack);
  yield* classify(stacks);
}

/** The deployments among these stacks. */
export function classify(stacks: readonly ListedStack[]): FoundDeployment[] {
  const cms = stacks.filter(isCms).map((stack) => describeCms(stack, coreOf(stack, stacks), stacks));
  return [...cms, ...otherGenerations(stacks)].sort((a, b) => a.stack.name.localeCompare(b.stack.name));
}

/** A CMS v1 with this core, if any; `stacks` help to say why there is none. */
export function describeCms(
  stack: ListedStack,
  core: ListedStack | undefined,
  stacks: readonly ListedStack[] = [],
): FoundDeployment {
  return { generation: 'cdf', stack, core, state: stateWithCore(stack, core, stacks) };
}

function stateWithCore(
  stack: ListedStack,
  core: ListedStack | undefined,
  stacks: readonly ListedStack[],
): StackState {
  const own = stateOf(stack, CMS_OUTPUTS);
  if (own.kind !== 'ready') return own;
  if (core !== undefined) {
    return ofCore(stateOf(core, CORE_OUTPUTS));
  }
  // A core that failed or is not done yet has no outputs to be linked by.
  const [unborn] = stacks.filter(isCoreWithoutOutputs);
  if (unborn !== undefined) {
    const state = stateOf(unborn, CORE_OUTPUTS);
    if (state.kind !== 'ready') return ofCore(state);
  }
  return {
    kind: 'incomplete',
    reason: l10n.t('No CDF core stack belongs to {stack}.', { stack: stack.name }),
  };
}

function ofCore(state: StackState): StackState {
  if (state.kind === 'ready') return state;
  return { ...state, reason: l10n.t('Its CDF core: {reason}', { reason: state.reason }) };
}

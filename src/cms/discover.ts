import type { Connection } from '../aws/connection.ts';
import { l10n } from '../core/message.ts';
import type { FoundDeployment, Generation } from './contract/generation.ts';
import { type ListedStack, listStacks } from './contract/stacks.ts';
import { GENERATIONS } from './generations.ts';

/**
 * Every connected-mobility deployment of the connection's account and region, by stack name, with an honest state. Stack
 * names decide nothing.
 * @throws CmsError of the AWS call, or CANCELLED
 */
export async function* findDeployments(
  connection: Pick<Connection, 'cloudFormation' | 'endpoint'>,
  signal: AbortSignal,
  generations: readonly Generation[] = GENERATIONS,
): AsyncIterable<FoundDeployment> {
  const stacks: ListedStack[] = [];
  for await (const stack of listStacks(connection, signal)) stacks.push(stack);
  yield* classify(stacks, generations);
}

/** The deployments among these stacks. */
export function classify(
  stacks: readonly ListedStack[],
  generations: readonly Generation[] = GENERATIONS,
): FoundDeployment[] {
  return generations
    .flatMap((generation) => generation.recognise(stacks).map((found) => asSupported(found, generation)))
    .sort((a, b) => a.stack.name.localeCompare(b.stack.name));
}

/** What cannot be opened is not ready, whatever its stacks say. */
export function asSupported(found: FoundDeployment, generation: Generation): FoundDeployment {
  if (generation.open !== undefined || found.state.kind === 'unsupported') return found;
  const reason = l10n.t('{generation}: recognized, not supported yet.', { generation: generation.label });
  return { ...found, state: { kind: 'unsupported', reason } };
}

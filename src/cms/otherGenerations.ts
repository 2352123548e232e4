import { l10n, type Message } from '../core/message.ts';
import type { FoundDeployment, Generation } from './contract/generation.ts';
import { isNested, type ListedStack } from './contract/stacks.ts';

const GUIDANCE = 'SO9618';

/**
 * Known by the solution id in the descriptions of its stacks. It is shown, but this product does not work with it yet.
 */
export const cmGuidance: Generation = recognised({
  id: 'cm-guidance',
  label: 'CM Guidance (SO9618)',
  /** Told apart by their stage: `cms-<stage>-<part>`. */
  nameOf: ({ description, name }) =>
    description.includes(GUIDANCE) ? (/^cms-([^-]+)-/.exec(name)?.[1] ?? name) : undefined,
  isMain: ({ name }) => name.endsWith('-ui'),
  reason: l10n.t('Guidance for Connected Mobility on AWS (SO9618): recognized, not supported yet.'),
});

interface Recognised {
  id: string;
  label: string;
  /** Of the deployment that a stack belongs to; undefined if it is of another generation. */
  nameOf: (stack: ListedStack) => string | undefined;
  /** Whether people know the deployment by this stack. */
  isMain: (stack: ListedStack) => boolean;
  reason: Message;
}

function recognised({ id, label, nameOf, isMain, reason }: Recognised): Generation {
  return {
    id,
    label,
    recognise(stacks) {
      const found = new Map<string, FoundDeployment>();
      for (const stack of stacks) {
        const name = isNested(stack) ? undefined : nameOf(stack);
        if (name === undefined || (found.has(name) && !isMain(stack))) continue;
        found.set(name, { generation: id, name, stack, parts: {}, state: { kind: 'unsupported', reason } });
      }
      return [...found.values()];
    },
    facts: () => [],
    lists: [],
    offboarding: [],
  };
}

import { l10n, type Message } from '../core/message.ts';
import type { FoundDeployment } from './deployment.ts';
import { isNested } from './stacks.ts';
import type { ListedStack } from './stacks.ts';

const CMS_ON_AWS = '(SO0241-CMS.';
const GUIDANCE = 'SO9618';

/**
 * Deployments of the later generations, known by the solution id in their descriptions and told apart by
 * their app id (parameter `AppUniqueId`) or stage (`cms-<stage>-<part>`). They are shown, but this product
 * does not work with them yet.
 */
export function otherGenerations(stacks: readonly ListedStack[]): FoundDeployment[] {
  const found = new Map<string, FoundDeployment>();
  for (const stack of stacks) {
    if (isNested(stack)) continue;
    if (stack.description.includes(CMS_ON_AWS)) {
      const app = stack.parameters.AppUniqueId ?? stack.name;
      keepBest(found, `cms-on-aws/${app}`, stack, {
        generation: 'cms-on-aws',
        // The registration of the app id is the one module every deployment has (capability CMS.26).
        main: stack.description.includes('CMS.26)'),
        reason: l10n.t(
          'Connected Mobility Solution on AWS (SO0241, 2.x and 3.x): recognized, not supported yet.',
        ),
      });
    } else if (stack.description.includes(GUIDANCE)) {
      const stage = /^cms-([^-]+)-/.exec(stack.name)?.[1] ?? stack.name;
      keepBest(found, `cm-guidance/${stage}`, stack, {
        generation: 'cm-guidance',
        main: stack.name.endsWith('-ui'),
        reason: l10n.t('Guidance for Connected Mobility on AWS (SO9618): recognized, not supported yet.'),
      });
    }
  }
  return [...found.values()];
}

function keepBest(
  found: Map<string, FoundDeployment>,
  key: string,
  stack: ListedStack,
  what: { generation: FoundDeployment['generation']; main: boolean; reason: Message },
): void {
  if (found.has(key) && !what.main) return;
  found.set(key, {
    generation: what.generation,
    stack,
    core: undefined,
    state: { kind: 'unsupported', reason: what.reason },
  });
}

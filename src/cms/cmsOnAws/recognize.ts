import { l10n } from '../../core/message.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { isNested, type ListedStack, type StackInfo } from '../contract/stacks.ts';
import { stateOf, type StackState } from '../contract/stackState.ts';

/** The module that each stack is, and its release, as its template describes itself. */
export interface Module {
  readonly name: string;
  readonly version: string;
}

/** Generated templates end there; that of `vpc` goes on with prose. */
const DESCRIPTION = /^\(SO0241-CMS\.\d+\) .* - ([a-z-]+)\. Version (v\S+)/;

/** The registration of an app: the one module every deployment has. */
const ANCHOR = 'cms-config';
const PROVISIONING = 'cms-provisioning';
/** Stacks of networks and identity providers, which several apps may share; they have no app id. */
const MODULES: readonly string[] = [
  'cms-auth', PROVISIONING, 'cms-connect-store', 'cms-api', 'cms-alerts', 'cms-vehicle-simulator', 'cms-ui',
  'cms-predictive-maintenance', 'cms-fleetwise-connector', 'cms-ev-battery-health', 'cms-sample',
]; // prettier-ignore

export function moduleOf({ description }: Pick<StackInfo, 'description'>): Module | undefined {
  const [, name, version] = DESCRIPTION.exec(description) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** The deployments among the stacks of a region: one for each app that is registered. Names of stacks decide nothing. */
export function recognise(id: string, stacks: readonly ListedStack[]): FoundDeployment[] {
  const roots = stacks.filter((stack) => !isNested(stack) && appIdOf(stack) !== undefined);
  return roots
    .filter((stack) => moduleOf(stack)?.name === ANCHOR)
    .map((stack) => {
      const name = appIdOf(stack) ?? '';
      const parts = partsOf(roots.filter((each) => each !== stack && appIdOf(each) === name));
      return { generation: id, name, stack, parts, state: stateWith(stack, parts[PROVISIONING]) };
    });
}

function appIdOf({ parameters }: StackInfo): string | undefined {
  const { AppUniqueId: appId = '' } = parameters;
  return appId === '' ? undefined : appId;
}

/** The other modules of an app. One that failed to be made again beside a good one does not count. */
function partsOf(stacks: readonly ListedStack[]): Record<string, StackInfo> {
  const parts: Record<string, StackInfo> = {};
  for (const stack of stacks) {
    const name = moduleOf(stack)?.name;
    if (name === undefined || !MODULES.includes(name)) continue;
    const known = parts[name];
    if (known === undefined || stateOf(known, []).kind !== 'ready') parts[name] = stack;
  }
  return parts;
}

/** Without provisioning there is not even a list of vehicles; whatever else is missing is a fact, not a fault. */
function stateWith(stack: StackInfo, provisioning: StackInfo | undefined): StackState {
  const own = stateOf(stack, []);
  if (own.kind !== 'ready') return own;
  if (provisioning !== undefined) return stateOf(provisioning, []);
  return {
    kind: 'incomplete',
    reason: l10n.t('The module {module} is not deployed for this app.', { module: PROVISIONING }),
  };
}

export function provisioningOf({ parts }: FoundDeployment): StackInfo | undefined {
  return parts[PROVISIONING];
}

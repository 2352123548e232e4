import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import type { Deployment } from '../../cms/contract/deployment.ts';
import { isGiven, keyOfNeed } from '../../cms/contract/needs.ts';

export type PickNeed = (
  deployment: Pick<Deployment, 'vehicles' | 'lists' | 'capabilities'>,
  signal: AbortSignal,
) => CredentialNeed | Promise<CredentialNeed>;

/** What of a deployment asks for this, by its `keyOfNeed`; without one what its vehicles need. */
export function needCalled(key: unknown): PickNeed {
  return async (deployment, signal) => {
    const { vehicles, lists } = deployment;
    if (key === undefined) return vehicles.needs;
    const needs = [...lists, ...(await deployment.capabilities(signal))].map((each) => each.needs);
    return needs.find((need) => isGiven(need) && keyOfNeed(need) === key) ?? vehicles.needs;
  };
}

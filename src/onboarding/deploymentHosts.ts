import type { Connection } from '../aws/connection.ts';
import type { NetworkPlan, PlannedHost } from '../aws/networkPlan.ts';
import { findDeployments } from '../cms/discover.ts';
import { isAwsHost } from '../network/awsHosts.ts';
import { targetOfUrl } from '../network/proxySettings.ts';

/** A region with more than a few deployments has them all on hosts that are reached alike. */
const MOST_HOSTS = 20;

/**
 * The hosts of the APIs of each CMS of an account and region, once each, as the outputs of their stacks name them.
 * @throws CmsError of listing the stacks
 */
export async function deploymentHosts(
  connection: Pick<Connection, 'cloudFormation' | 'endpoint'>,
  plan: Pick<NetworkPlan, 'wayTo'>,
  signal: AbortSignal,
): Promise<PlannedHost[]> {
  const hosts = new Map<string, PlannedHost>();
  for await (const { stack, parts } of findDeployments(connection, signal)) {
    for (const { outputs } of [stack, ...Object.values(parts)]) {
      for (const url of Object.values(outputs)) {
        if (hosts.size >= MOST_HOSTS || !/^https?:\/\//.test(url) || !URL.canParse(url)) continue;
        const target = targetOfUrl(url);
        const key = `${target.host}:${target.port}`;
        if (hosts.has(key)) continue;
        hosts.set(key, { ...target, url, way: await plan.wayTo(target), amazon: isAwsHost(target.host) });
      }
    }
  }
  return [...hosts.values()];
}

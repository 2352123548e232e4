import { readProxySettings, wayTo, type Target, type Way } from '../network/proxySettings.ts';
import { collectRoots, type Roots } from '../network/roots.ts';
import type { ConnectionOptions } from './connection.ts';
import { resolveSettings, type ServiceKey } from './settings.ts';

/** A host that a connection needs, and how it would be reached. */
export interface PlannedHost extends Target {
  url: string;
  way: Way;
  /** Whether it is AWS's own, and so shows a certificate that leads to Amazon. */
  amazon: boolean;
}

/** What a connection would use of the network. */
export interface NetworkPlan {
  region: string;
  /** The proxy for HTTPS and MQTT, if one is set. */
  proxy: Way;
  hosts: readonly PlannedHost[];
  roots(): Promise<Roots>;
  wayTo(target: Target): Way;
}

const SERVICES: readonly ServiceKey[] = ['sts', 'cloudformation', 'cognito_identity_provider', 'iam', 'iot'];

/**
 * Reads settings and files only.
 * @throws what opening the connection throws for its settings
 */
export async function planNetwork(options: ConnectionOptions): Promise<NetworkPlan> {
  const settings = await resolveSettings(options);
  const proxies = readProxySettings(process.env, options.proxy);
  const to = (target: Target) => wayTo(proxies, target);
  const urls = new Map(
    SERVICES.map((service) => {
      const own = settings.endpointOf(service);
      const url = new URL(own ?? `https://${hostOf(service, settings.region)}`);
      return [url.host, { url, amazon: own === undefined }];
    }),
  );
  const hosts = [...urls.values()].map(({ url, amazon }) => {
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const target = { secure, host, port: Number(url.port || (secure ? 443 : 80)) };
    return { ...target, url: url.href, way: to(target), amazon };
  });
  // The variable is among those that are read in any case.
  const caFile = settings.caFile === process.env.AWS_CA_BUNDLE ? undefined : settings.caFile;
  return {
    region: settings.region,
    proxy: proxies.secure,
    hosts,
    roots: () => collectRoots(caFile === undefined ? [] : [{ from: 'ca_bundle', file: caFile }]),
    wayTo: to,
  };
}

/** Host names of AWS's services (AWS General Reference, "Service endpoints and quotas"). */
function hostOf(service: ServiceKey, region: string): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  if (service === 'iam') {
    if (region.startsWith('cn-')) return `iam.cn-north-1.${suffix}`;
    return region.startsWith('us-gov-') ? `iam.us-gov.${suffix}` : `iam.${suffix}`;
  }
  const name = service === 'cognito_identity_provider' ? 'cognito-idp' : service;
  return `${name}.${region}.${suffix}`;
}

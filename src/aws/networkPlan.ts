import { findWay, readProxySettings, type Target, type Way } from '../network/proxySettings.ts';
import { collectRoots, type Roots } from '../network/roots.ts';
import { defined } from '../core/defined.ts';
import type { ConnectionOptions } from './connection.ts';
import { signInHost, signInRegionOf } from './loginSession.ts';
import { profileChain } from './profileChain.ts';
import { readProfileFiles } from './profiles.ts';
import { resolveSettings, type ConnectionSettings, type ServiceKey } from './settings.ts';

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
  wayTo(target: Target): Promise<Way>;
}

/** As much of any client of the SDK as says where it would send its requests. */
interface Client {
  config: {
    useFipsEndpoint(): Promise<boolean>;
    useDualstackEndpoint(): Promise<boolean>;
    endpointProvider(wanted: { Region: string; UseFIPS: boolean; UseDualStack: boolean }): { url: URL };
  };
}
interface ClientConfig {
  region: string;
  profile?: string;
  useFipsEndpoint: boolean;
  useDualstackEndpoint: boolean;
}

/** In the order of the report. Each brings the endpoint rules of its service. */
const CLIENTS: readonly (readonly [ServiceKey, (config: ClientConfig) => Promise<Client>])[] = [
  ['sts', async (config) => new (await import('@aws-sdk/client-sts')).STSClient(config)],
  [
    'cloudformation',
    async (config) => new (await import('@aws-sdk/client-cloudformation')).CloudFormationClient(config),
  ],
  [
    'cognito_identity_provider',
    async (config) =>
      new (await import('@aws-sdk/client-cognito-identity-provider')).CognitoIdentityProviderClient(config),
  ],
  ['iam', async (config) => new (await import('@aws-sdk/client-iam')).IAMClient(config)],
  ['iot', async (config) => new (await import('@aws-sdk/client-iot')).IoTClient(config)],
];

/**
 * Reads settings and files only.
 * @throws what opening the connection throws for its settings
 */
export async function planNetwork(options: ConnectionOptions): Promise<NetworkPlan> {
  const settings = await resolveSettings(options);
  const proxies = readProxySettings(process.env, options.proxy);
  const to = (target: Target) => findWay(proxies, target);
  const urls = new Map<string, { url: URL; amazon: boolean }>();
  for (const { service, url } of [...(await servicesOf(settings)), ...(await signInOf(settings))]) {
    const own = settings.endpointOf(service);
    const used = own === undefined ? url : new URL(own);
    urls.set(used.host, { url: used, amazon: own === undefined });
  }
  const finding = [...urls.values()].map(async ({ url, amazon }) => {
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const target = { secure, host, port: Number(url.port || (secure ? 443 : 80)) };
    return { ...target, url: url.href, way: await to(target), amazon };
  });
  const hosts = await Promise.all(finding);
  return {
    region: settings.region,
    proxy: proxies.secure ?? hosts.find(({ way }) => way !== undefined)?.way,
    hosts,
    roots: () => collectRoots(settings.caFiles, { trusted: options.trusted }),
    wayTo: to,
  };
}

type Planned = readonly { service: ServiceKey; url: URL }[];

async function servicesOf(settings: ConnectionSettings): Promise<Planned> {
  return Promise.all(
    CLIENTS.map(async ([service, open]) => {
      const client = await open({
        region: settings.region,
        ...settings.variants,
        ...defined({ profile: settings.profile }),
      });
      return { service, url: await urlOf(client, settings.region) };
    }),
  );
}

async function urlOf({ config }: Client, region: string): Promise<URL> {
  const UseFIPS = await config.useFipsEndpoint();
  const UseDualStack = await config.useDualstackEndpoint();
  return config.endpointProvider({ Region: region, UseFIPS, UseDualStack }).url;
}

/** Where the profile signs in, when it does so by AWS single sign-on or `aws login`. */
async function signInOf(settings: ConnectionSettings): Promise<Planned> {
  const { profile } = settings;
  if (profile === undefined) return [];
  const { source } = profileChain(await readProfileFiles(), profile);
  if (source.kind !== 'sso' && source.kind !== 'login') return [];
  const { STSClient } = await import('@aws-sdk/client-sts');
  const region =
    source.kind === 'sso'
      ? source.region
      : ((await signInRegionOf(source.session)) ?? source.region ?? settings.region);
  // STS in the region of the sign-in shows how hosts end there.
  const sts = new STSClient({ region, profile, ...settings.variants });
  const { hostname } = await urlOf(sts, region);
  if (source.kind === 'login') {
    const fips = await sts.config.useFipsEndpoint();
    const dualstack = await sts.config.useDualstackEndpoint();
    const ending = hostname.slice(hostname.indexOf(region) + region.length + 1);
    const host = signInHost({ region, ending, fips, dualstack });
    return [{ service: 'signin', url: new URL(`https://${host}`) }];
  }
  const rest = hostname.slice(hostname.indexOf('.'));
  const fips = hostname.startsWith('sts-fips') ? '-fips' : '';
  return [
    { service: 'sso' as const, url: new URL(`https://portal.sso${fips}${rest}`) },
    { service: 'sso_oidc' as const, url: new URL(`https://oidc${fips}${rest}`) },
  ];
}

import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { ConnectionOptions } from './connection.ts';
import { readProfileFiles } from './profiles.ts';
import type { ProfileFiles } from './profiles.ts';

/** The services a Connection makes clients for, by the key of a `[services]` section. */
export type ServiceKey = 'cloudformation' | 'cognito_identity_provider' | 'iam' | 'iot' | 'sts';

/** What option, environment and profile together say about a connection. */
export interface ConnectionSettings {
  /** The profile that counts, if one was named or `default` exists. */
  profile: string | undefined;
  region: string;
  /** Base URL for every service, without trailing slash. */
  endpoint: string | undefined;
  endpointOf(service: ServiceKey): string | undefined;
  caFile: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settles region, endpoint and CA file: option, then environment, then profile, as the AWS CLI does
 * (AWS SDKs and Tools Reference Guide, "Service-specific endpoints" for the order of endpoint settings).
 * @throws CmsError PROFILE_UNKNOWN, REGION_MISSING, REQUEST_INVALID (an endpoint that is no URL, a region that is none)
 */
export async function resolveSettings(
  options: ConnectionOptions,
  env: Environment = process.env,
): Promise<ConnectionSettings> {
  const files = await readProfileFiles();
  const name = options.profile ?? filled(env.AWS_PROFILE);
  const profile = files.profile(name ?? 'default');
  if (name !== undefined && profile === undefined) throw unknownProfile(name, files.names);

  const region =
    filled(options.region) ??
    filled(env.AWS_REGION) ??
    filled(env.AWS_DEFAULT_REGION) ??
    filled(profile?.region);
  if (region === undefined) {
    throw new CmsError(
      'REGION_MISSING',
      name === undefined
        ? l10n.t('No AWS region is set.')
        : l10n.t('Profile "{name}" has no region, and none is set elsewhere.', { name }),
      { remedy: l10n.t('Name the region, set AWS_REGION, or add "region = …" to the profile.') },
    );
  }

  if (!/^[a-z0-9-]{1,63}$/i.test(region)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('"{region}" is not the name of an AWS region.', { region }),
      {
        remedy: l10n.t('Name a region such as us-west-2.'),
      },
    );
  }

  const endpoints = endpointLookup(options, env, profile, files);
  return {
    // Keys in the environment go before the default profile, not before a named one.
    profile: name ?? (profile === undefined || filled(env.AWS_ACCESS_KEY_ID) ? undefined : 'default'),
    region,
    endpoint: endpoints.general,
    endpointOf: endpoints.of,
    caFile: options.caFile ?? filled(env.AWS_CA_BUNDLE) ?? profile?.ca_bundle,
  };
}

function endpointLookup(
  options: ConnectionOptions,
  env: Environment,
  profile: Readonly<Record<string, string | undefined>> | undefined,
  files: ProfileFiles,
): { general: string | undefined; of: (service: ServiceKey) => string | undefined } {
  if (options.endpoint !== undefined) {
    const endpoint = baseUrl(options.endpoint);
    return { general: endpoint, of: () => endpoint };
  }
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true') {
    return { general: undefined, of: () => undefined };
  }
  const fromEnv = filled(env.AWS_ENDPOINT_URL);
  const fromProfile = profile?.endpoint_url;
  const section = profile?.services === undefined ? undefined : files.services(profile.services);
  return {
    general: optionalUrl(fromEnv ?? fromProfile),
    of: (service) =>
      optionalUrl(
        filled(env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`]) ??
          fromEnv ??
          section?.[`${service}.endpoint_url`] ??
          fromProfile,
      ),
  };
}

function unknownProfile(name: string, known: string[]): CmsError {
  return new CmsError('PROFILE_UNKNOWN', l10n.t('There is no AWS profile "{name}".', { name }), {
    remedy:
      known.length === 0
        ? l10n.t('No profile exists yet: make one with "aws configure" or "aws configure sso".')
        : l10n.t('Use one of: {profiles}.', { profiles: l10n.list(known, 'comma') }),
    details: { profile: name },
  });
}

function filled(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function optionalUrl(text: string | undefined): string | undefined {
  return text === undefined ? undefined : baseUrl(text);
}

function baseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The endpoint "{text}" is not an http or https URL.', { text }),
      {
        remedy: l10n.t('Give the endpoint as a URL, such as http://127.0.0.1:4566.'),
      },
    );
  }
  keepSecret(url.password);
  return text.replace(/(?<!\/)\/+$/, '');
}

import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { RootFile } from '../network/roots.ts';
import type { ConnectionOptions } from './connection.ts';
import { readProfileFiles } from './profiles.ts';
import type { ProfileFiles } from './profiles.ts';
import type { Section } from './sharedFiles.ts';

/** The services a Connection makes clients for, by the key of a `[services]` section. */
export type ServiceKey =
  | 'cloudformation'
  | 'cognito_identity_provider'
  | 'dynamodb'
  | 'iam'
  | 'iot'
  | 's3'
  | 'secrets_manager'
  | 'ssm'
  | 'sts'
  | SignInService;
/** Those that the credential providers of the SDK speak to by themselves. */
export type SignInService = 'sso' | 'sso_oidc' | 'signin';

const SIGN_IN_SERVICES: ReadonlySet<ServiceKey> = new Set<SignInService>(['sso', 'sso_oidc', 'signin']);

/** How often a call is tried, and what decides the waits between (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
export interface RetrySettings {
  retryMode: 'standard' | 'adaptive';
  maxAttempts: number;
}

/** What option, environment and profile together say about a connection. */
export interface ConnectionSettings {
  /** The profile that counts, if one was named or `default` exists. */
  profile: string | undefined;
  region: string;
  /** Base URL for every service, without trailing slash. */
  endpoint: string | undefined;
  endpointOf(service: ServiceKey): string | undefined;
  /** Files of roots that were named for AWS, the most special first. */
  caFiles: readonly RootFile[];
  /** The ready file of the sandbox that the endpoint is meant to be; its own words for the AWS tools' files. */
  readyFile: string | undefined;
  retry: RetrySettings;
  /** Which of AWS's own endpoints are asked for, as clients of the SDK take it. */
  variants: { useFipsEndpoint: boolean; useDualstackEndpoint: boolean };
}

/** More patient than the SDK, whose three attempts end in a second. */
const USUAL_RETRY: RetrySettings = { retryMode: 'adaptive', maxAttempts: 4 };

type Environment = Readonly<Record<string, string | undefined>>;

interface Lookup {
  env: Environment;
  /** Of the profile. */
  name: string;
  profile: Section | undefined;
  files: ProfileFiles;
}

/**
 * Settles region, endpoint, and the files of roots: option, then environment, then profile, as the AWS CLI does
 * (AWS SDKs and Tools Reference Guide, "Service-specific endpoints" for the order of endpoint settings).
 * @throws CmsError PROFILE_UNKNOWN, PROFILE_INVALID (a section of services that is not there, retries that are none),
 *   REGION_MISSING, REQUEST_INVALID (an endpoint that is no URL, a region that is none)
 */
export async function resolveSettings(
  options: ConnectionOptions,
  environment: Environment = process.env,
): Promise<ConnectionSettings> {
  const files = await readProfileFiles();
  // A program that was started here has nothing to do with what this computer is set to for AWS.
  const env = options.endpointSecret === undefined ? environment : {};
  const name = profileNameOf(options, env);
  const profile =
    options.endpointSecret === undefined || name !== undefined ? files.profile(name ?? 'default') : undefined;
  if (name !== undefined && profile === undefined) throw unknownProfile(name, files);

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
      { remedy: l10n.t('Specify the region, set AWS_REGION, or add "region = …" to the profile.') },
    );
  }

  if (!/^[a-z0-9-]{1,63}$/i.test(region)) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('"{region}" is not the name of an AWS region.', { region }),
      {
        remedy: l10n.t('Specify a region such as us-west-2.'),
      },
    );
  }

  const endpoints = endpointLookup(options, { env, name: name ?? 'default', profile, files });
  return {
    profile: profileOfKeys(options, env) ?? (profile === undefined || hasKeys(env) ? undefined : 'default'),
    region,
    endpoint: endpoints.general,
    endpointOf: endpoints.of,
    caFiles: [
      ...rootFile('--ca', options.caFile),
      ...rootFile('AWS_CA_BUNDLE', filled(env.AWS_CA_BUNDLE)),
      ...rootFile('ca_bundle', filled(profile?.ca_bundle)),
    ],
    readyFile: filled(env.CMS_SANDBOX_READY) ?? filled(profile?.cms_sandbox_ready),
    retry: retryOf(env, profile),
    variants: {
      useFipsEndpoint: isTrue(filled(env.AWS_USE_FIPS_ENDPOINT) ?? profile?.use_fips_endpoint),
      useDualstackEndpoint: isTrue(filled(env.AWS_USE_DUALSTACK_ENDPOINT) ?? profile?.use_dualstack_endpoint),
    },
  };
}

/** The profile whose settings count; undefined where only `default` could. AWS_PROFILE goes first, as for the AWS CLI. */
function profileNameOf(
  { profile }: Pick<ConnectionOptions, 'profile'>,
  env: Environment,
): string | undefined {
  return profile ?? filled(env.AWS_PROFILE) ?? filled(env.AWS_DEFAULT_PROFILE);
}

/**
 * The profile that credentials are asked of; undefined where only `default` could be. Keys in the environment go before
 * the default profile, also before another one that is the default, and not before one that was named.
 */
export function profileOfKeys(
  options: Pick<ConnectionOptions, 'profile'>,
  env: Environment = process.env,
): string | undefined {
  return (
    options.profile ?? filled(env.AWS_PROFILE) ?? (hasKeys(env) ? undefined : filled(env.AWS_DEFAULT_PROFILE))
  );
}

/** Whether there are keys of AWS in the environment. */
export function hasKeys(env: Environment): boolean {
  return filled(env.AWS_ACCESS_KEY_ID) !== undefined && filled(env.AWS_SECRET_ACCESS_KEY) !== undefined;
}

function rootFile(from: string, file: string | undefined): RootFile[] {
  return file === undefined ? [] : [{ from, file }];
}

/** Anything else is false, as for the AWS CLI (`ensure_boolean` of botocore), which writes and reads `True`, too. */
function isTrue(value: string | undefined): boolean {
  return value?.trim().toLowerCase() === 'true';
}

function retryOf(env: Environment, profile: Section = {}): RetrySettings {
  const mode = filled(env.AWS_RETRY_MODE) ?? profile.retry_mode;
  const attempts = filled(env.AWS_MAX_ATTEMPTS) ?? profile.max_attempts;
  if (mode !== undefined && !/^(legacy|standard|adaptive)$/i.test(mode)) {
    throw new CmsError('PROFILE_INVALID', l10n.t('"{mode}" is not a retry mode of AWS.', { mode }), {
      remedy: l10n.t('Set AWS_RETRY_MODE, or retry_mode of the profile, to standard, adaptive, or legacy.'),
    });
  }
  if (attempts !== undefined && !/^[1-9]\d{0,3}$/.test(attempts)) {
    throw new CmsError(
      'PROFILE_INVALID',
      l10n.t('"{attempts}" is not a valid number of attempts.', { attempts }),
      {
        remedy: l10n.t('Set AWS_MAX_ATTEMPTS, or max_attempts of the profile, to a number from 1.'),
      },
    );
  }
  const { retryMode, maxAttempts } = USUAL_RETRY;
  return {
    // The SDK has no legacy mode; standard is the next to it.
    retryMode: mode === undefined ? retryMode : mode.toLowerCase() === 'adaptive' ? 'adaptive' : 'standard',
    maxAttempts: attempts === undefined ? maxAttempts : Number(attempts),
  };
}

function endpointLookup(
  options: ConnectionOptions,
  { env, name, profile, files }: Lookup,
): { general: string | undefined; of: (service: ServiceKey) => string | undefined } {
  if (options.endpoint !== undefined) {
    const endpoint = baseUrl(options.endpoint);
    // As for the AWS CLI, signing in stays with AWS.
    const of = (service: ServiceKey) => (SIGN_IN_SERVICES.has(service) ? undefined : endpoint);
    return { general: endpoint, of };
  }
  const ignored = filled(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS) ?? profile?.ignore_configured_endpoint_urls;
  if (isTrue(ignored)) return { general: undefined, of: () => undefined };
  const fromEnv = filled(env.AWS_ENDPOINT_URL);
  const fromProfile = profile?.endpoint_url;
  const section = profile?.services === undefined ? undefined : files.services(profile.services);
  if (profile?.services !== undefined && section === undefined) {
    throw new CmsError(
      'PROFILE_INVALID',
      l10n.t('Profile {profile} names [services {services}], which is not in the AWS config file.', {
        profile: name,
        services: profile.services,
      }),
      { remedy: l10n.t('Add that section, or correct the profile.'), details: { profile: name } },
    );
  }
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

function unknownProfile(name: string, { names, unreadable }: ProfileFiles): CmsError {
  return new CmsError('PROFILE_UNKNOWN', l10n.t('There is no AWS profile "{name}".', { name }), {
    remedy: remedyForUnknown(names, unreadable[0]),
    details: { profile: name },
  });
}

function remedyForUnknown(
  known: string[],
  unreadable: ProfileFiles['unreadable'][number] | undefined,
): Message {
  if (unreadable !== undefined)
    return l10n.t('Make {file} readable ({why}), then try again.', { ...unreadable });
  return known.length === 0
    ? l10n.t('No profile exists yet: make one with "aws configure" or "aws configure sso".')
    : l10n.t('Use one of: {profiles}.', { profiles: l10n.list(known, 'comma') });
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
        remedy: l10n.t('Specify the endpoint as a URL, such as http://127.0.0.1:4566.'),
      },
    );
  }
  keepSecret(url.password);
  return text.replace(/(?<!\/)\/+$/, '');
}

import type { fromIni } from '@aws-sdk/credential-providers';
import { checkFile, readTextFile } from '../core/bounded.ts';
import { defined } from '../core/defined.ts';
import { CmsError, isCancelled } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { Clock } from '../core/work.ts';
import type { Answers } from './boundedAnswers.ts';
import type { ConnectionOptions, ProxyTo } from './connection.ts';
import { AS_IT_IS, DECIDED, endpointConfig } from './endpointConfig.ts';
import { refuseExposed } from './exposed.ts';
import { credentialProblem, noCodeFor } from './credentialProblems.ts';
import { profileChain, type ProfileChain } from './profileChain.ts';
import { readProfileFiles, type ProfileFiles } from './profiles.ts';
import { providerRequests, type ProviderOutcome, type ProviderRequests } from './providerRequests.ts';
import { keepSecretKey } from './secretKeys.ts';
import { hasKeys, profileOfKeys, type ConnectionSettings } from './settings.ts';

/** A provider of AWS credentials, shared by every client of a connection. */
export type CredentialProvider = () => Promise<Credentials>;
type Credentials = Awaited<ReturnType<ReturnType<typeof fromIni>>>;

/** Renewed so long before they end; those that live shorter, in the last quarter of their life. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** A profile's program or server that says nothing for so long never will; a person who is asked has more time. */
const LOAD_TIMEOUT_MS = 2 * 60_000;
/**
 * How long after a failure nobody tries again to renew what is still good. It is also the time in which the SDK does not
 * ask again for a token of single sign-on, and only says that it is over.
 */
const RENEWAL_PAUSE_MS = 30_000;
const MOST_TOKEN_BYTES = 2 ** 16;
const nothing = () => undefined;
const QUIET = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** How the credential providers reach AWS: as the profile that was named says, wherever they go. */
export interface ProviderReach {
  settings: Pick<ConnectionSettings, 'profile' | 'region' | 'endpointOf' | 'retry' | 'variants'>;
  /** Options for the HTTP handler of the SDK. */
  requestHandler: object;
  proxyTo: ProxyTo;
  answers: Answers;
}

/**
 * The keys of the options, else what the named profile says (static keys, SSO, `aws login`, roles with MFA, web identity,
 * credential_process), else what the SDK finds on this computer. Asked once and kept until five minutes before they
 * expire, so that several clients do not ask for several one-time codes.
 */
export function credentialsOf(
  options: Pick<ConnectionOptions, 'credentials' | 'profile' | 'mfaCode'>,
  reach: ProviderReach,
  clock: Pick<Clock, 'now'>,
): CredentialProvider {
  const fixed = options.credentials;
  if (fixed !== undefined) {
    keepCredentials(fixed);
    return () => Promise.resolve(fixed);
  }
  let unrenewed: { outcome: ProviderOutcome; at: number } | undefined;
  return renewing(clock, async () => {
    const name = profileOfKeys(options);
    // Afresh, also for the SDK: somebody may have corrected a profile since.
    const files = await readProfileFiles();
    const keysAtHand = hasKeys(process.env);
    const chain = keysAtHand && name === undefined ? undefined : profileChain(files, name ?? 'default');
    await keepTokensOf(process.env, files, chain);
    const { mfa, source } = chain ?? {};
    const fromProfile = source !== undefined && source.kind !== 'none';
    if (mfa !== undefined && options.mfaCode === undefined) throw noCodeFor(mfa);
    const limit = createLimit(source?.kind === 'process');
    let requests: ProviderRequests | undefined;
    try {
      const sdk = await providersFor(options, reach, { limit, isLogin: source?.kind === 'login' });
      requests = sdk.requests;
      const provider = fromProfile
        ? sdk.fromIni({ ...sdk.init, profile: name ?? 'default' })
        : keysAtHand && options.profile === undefined
          ? sdk.fromEnv()
          : sdk.fromNodeProviderChain({ ...sdk.init, ...defined({ profile: name }) });
      // `aws login` signs in where its session says, else where the connection is.
      const region = () => Promise.resolve(reach.settings.region);
      const credentials = await limit.within(provider({ callerClientConfig: { region } }));
      keepCredentials(credentials);
      return credentials;
    } catch (error) {
      const outcome = requests?.outcome();
      if (outcome?.kind === 'failed' && outcome.path.endsWith('/token'))
        unrenewed = { outcome, at: clock.now() };
      const recent = unrenewed !== undefined && clock.now() - unrenewed.at < RENEWAL_PAUSE_MS;
      throw credentialProblem({
        error,
        chain: name === undefined && !fromProfile ? undefined : chain,
        outcome: outcome ?? (recent ? unrenewed?.outcome : undefined),
      });
    } finally {
      limit.end();
    }
  });
}

/** The SDK's providers, and what all of them are given. */
async function providersFor(
  { mfaCode }: Pick<ConnectionOptions, 'mfaCode'>,
  { settings, requestHandler, proxyTo, answers }: ProviderReach,
  { limit, isLogin }: { limit: ReturnType<typeof createLimit>; isLogin: boolean },
) {
  const [providers, assumers] = await Promise.all([
    import('@aws-sdk/credential-providers'),
    import('@aws-sdk/client-sts'),
  ]);
  const { region, profile, retry, variants } = settings;
  const endpoint = settings.endpointOf('sts');
  const carrier = new assumers.STSClient({ region, requestHandler }).config.requestHandler;
  const requests = providerRequests(carrier, settings.endpointOf, proxyTo);
  // No region: single sign-on has one of its own (`sso_region`), and this would go before it.
  const common = {
    requestHandler: requests.handler,
    ...retry,
    ...variants,
    ...DECIDED,
    ...defined({ profile }),
  };
  const ownSignIn = settings.endpointOf('sso') ?? settings.endpointOf('sso_oidc');
  const signInConfig = isLogin
    ? endpointConfig(settings.endpointOf('signin'))
    : ownSignIn === undefined
      ? {}
      : AS_IT_IS;
  const clientConfig = { ...common, ...signInConfig };
  const sts = { ...common, region, ...endpointConfig(endpoint) };
  const assumeRole = assumers.getDefaultRoleAssumer(sts, [answers]);
  const assumeRoleWithToken = assumers.getDefaultRoleAssumerWithWebIdentity(sts, [answers]);
  const init = {
    ignoreCache: true,
    clientConfig,
    // It would warn on standard error.
    logger: QUIET,
    roleAssumer: async (keys: Parameters<typeof assumeRole>[0], wanted: Parameters<typeof assumeRole>[1]) => {
      // It answers with keys, and a one-time code may go there.
      refuseExposed(endpoint, 'password');
      const { SerialNumber: serial } = wanted;
      const code = serial && mfaCode ? { TokenCode: await limit.paused(() => mfaCode(serial)) } : {};
      return assumeRole(keys, { ...wanted, ...code });
    },
    roleAssumerWithWebIdentity: (...wanted: Parameters<typeof assumeRoleWithToken>) => {
      refuseExposed(endpoint, 'token');
      return assumeRoleWithToken(...wanted);
    },
    // The SDK would ask for it before it knows whether there are keys to send it with, so the role's turn is waited for.
    ...defined({ mfaCodeProvider: mfaCode && (() => Promise.resolve('')) }),
  };
  return { ...providers, requests, init };
}

function keepCredentials(credentials: Pick<Credentials, 'secretAccessKey' | 'sessionToken'>): void {
  keepSecretKey(credentials.secretAccessKey);
  keepSecret(credentials.sessionToken);
}

/** What the providers send on by themselves. */
async function keepTokensOf(
  env: NodeJS.ProcessEnv,
  files: ProfileFiles,
  chain: ProfileChain | undefined,
): Promise<void> {
  keepSecret(env.AWS_CONTAINER_AUTHORIZATION_TOKEN);
  const tokenFiles = (chain?.profiles ?? []).map((name) => files.profile(name)?.web_identity_token_file);
  for (const file of [
    env.AWS_WEB_IDENTITY_TOKEN_FILE,
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    ...tokenFiles,
  ]) {
    if (file === undefined || file === '') continue;
    await checkFile(file, MOST_TOKEN_BYTES);
    // Missing, it is the provider's to say.
    keepSecret(await readTextFile(file, { mostBytes: MOST_TOKEN_BYTES }).catch(() => undefined));
  }
}

/** A bound for a wait that stands still while a person is asked. */
function createLimit(isProcess: boolean) {
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => (fail = reject));
  ended.catch(() => undefined);
  const start = () =>
    setTimeout(() => {
      fail(
        new CmsError('CREDENTIALS_MISSING', l10n.t('The AWS credentials did not arrive in time.'), {
          remedy: isProcess
            ? l10n.t('Run the profile’s credential_process on its own, and see what it waits for.')
            : l10n.t('Check the network, the endpoint and the region, then try again.'),
        }),
      );
    }, LOAD_TIMEOUT_MS);
  let timer = start();
  return {
    within: <T>(work: Promise<T>): Promise<T> => Promise.race([work, ended]),
    async paused(ask: () => Promise<string>): Promise<string> {
      clearTimeout(timer);
      try {
        const code = await ask();
        keepSecret(code);
        return code;
      } finally {
        timer = start();
      }
    },
    end: () => clearTimeout(timer),
  };
}

function renewing(clock: Pick<Clock, 'now'>, load: CredentialProvider): CredentialProvider {
  let kept: { credentials: Credentials; until: number; renewAt: number } | undefined;
  let loading: Promise<Credentials> | undefined;
  return async () => {
    if (kept !== undefined && clock.now() < kept.renewAt) return kept.credentials;
    loading ??= load().finally(() => (loading = undefined));
    let loaded: Credentials;
    try {
      loaded = await loading;
    } catch (error) {
      if (kept === undefined || clock.now() >= kept.until) throw error;
      // Too early to give up: those at hand are good. What hangs, or asks a person, is left alone for a while.
      kept.renewAt = Math.min(kept.until, clock.now() + RENEWAL_PAUSE_MS);
      if (isCancelled(error)) throw error;
      return kept.credentials;
    }
    if (loaded !== kept?.credentials) {
      const until = loaded.expiration?.getTime() ?? Infinity;
      const before = Math.min(RENEW_BEFORE_MS, Math.max(0, until - clock.now()) / 4);
      kept = { credentials: loaded, until, renewAt: until - before };
    }
    return loaded;
  };
}

import type { fromIni } from '@aws-sdk/credential-providers';
import { checkFile, readTextFile } from '../core/bounded.ts';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import type { Clock } from '../core/work.ts';
import { boundedAnswers } from './boundedAnswers.ts';
import type { ConnectionOptions } from './connection.ts';
import { refuseExposed } from './exposed.ts';
import { readProfileFiles } from './profiles.ts';
import { guardedHandler } from './providerRequests.ts';
import { keepSecretKey } from './secretKeys.ts';

/** A provider of AWS credentials, shared by every client of a connection. */
export type CredentialProvider = () => Promise<Credentials>;
type Credentials = Awaited<ReturnType<ReturnType<typeof fromIni>>>;

/** Renewed so long before they end; those that live shorter, in the last quarter of their life. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** A profile's program or server that says nothing for so long never will; a person who is asked has more time. */
const LOAD_TIMEOUT_MS = 2 * 60_000;
const MOST_TOKEN_BYTES = 2 ** 16;

/** How the credential providers reach STS when a profile assumes a role. */
export interface StsReach {
  region: string;
  endpoint: string | undefined;
  requestHandler: object;
}

/**
 * The keys of the options, else the named profile (static keys, SSO, assume-role with MFA, credential_process), else the
 * SDK's default chain. Asked once and kept until five minutes before they expire, so that several clients do
 * not ask for several one-time codes.
 */
export function credentialsOf(
  options: ConnectionOptions,
  sts: StsReach,
  clock: Pick<Clock, 'now'>,
): CredentialProvider {
  const fixed = options.credentials;
  if (fixed !== undefined) {
    keepCredentials(fixed);
    return () => Promise.resolve(fixed);
  }
  return renewing(clock, async () => {
    const [{ fromIni, fromNodeProviderChain }, assumers] = await Promise.all([
      import('@aws-sdk/credential-providers'),
      import('@aws-sdk/client-sts'),
    ]);
    await keepTokensOf(process.env, options.profile);
    const { mfaCode } = options;
    let refusal: unknown;
    const limit = createLimit();
    const assumeRole = assumers.getDefaultRoleAssumer(defined(sts), [boundedAnswers]);
    const assumeRoleWithToken = assumers.getDefaultRoleAssumerWithWebIdentity(defined(sts), [boundedAnswers]);
    const init = {
      ignoreCache: true,
      // No region: single sign-on has one of its own (`sso_region`), and this would go before it.
      clientConfig: {
        requestHandler: guardedHandler(
          new assumers.STSClient(defined(sts)).config.requestHandler,
          (why) => (refusal = why),
        ),
      },
      // The role is assumed at the connection's own endpoint; SSO keeps AWS's.
      roleAssumer: (...wanted: Parameters<typeof assumeRole>) => {
        // It answers with keys, and a one-time code may go there.
        refuseExposed(sts.endpoint, 'password');
        return assumeRole(...wanted);
      },
      roleAssumerWithWebIdentity: (...wanted: Parameters<typeof assumeRoleWithToken>) => {
        refuseExposed(sts.endpoint, 'token');
        return assumeRoleWithToken(...wanted);
      },
      ...defined({ mfaCodeProvider: mfaCode && ((serial: string) => limit.paused(() => mfaCode(serial))) }),
    };
    const provider =
      options.profile === undefined
        ? fromNodeProviderChain(init)
        : fromIni({ ...init, profile: options.profile });
    try {
      const credentials = await limit.within(provider());
      keepCredentials(credentials);
      return credentials;
    } catch (error) {
      throw refusal ?? signInAgain(error, options.profile) ?? error;
    } finally {
      limit.end();
    }
  });
}

/**
 * The words for a profile whose SSO token is missing, ended or refused: the SDK says "the corresponding profile"
 * and leaves it to people to find out which. Undefined for any other error.
 */
function signInAgain(error: unknown, profile: string | undefined): CmsError | undefined {
  if (profile === undefined || !(error instanceof Error)) return undefined;
  if (!/^(CredentialsProviderError|TokenProviderError)$/.test(error.name)) return undefined;
  if (!/\bsso\b|session token/i.test(error.message)) return undefined;
  const command = `aws sso login --profile ${/^[\w.+@-]+$/.test(profile) ? profile : JSON.stringify(profile)}`;
  return new CmsError(
    'CREDENTIALS_EXPIRED',
    l10n.t('Profile {profile} is not signed in to AWS SSO.', { profile }),
    {
      remedy: l10n.t('Run "{command}" in a terminal, then try again.', { command }),
      details: { command },
      cause: error,
    },
  );
}

function keepCredentials(credentials: Pick<Credentials, 'secretAccessKey' | 'sessionToken'>): void {
  keepSecretKey(credentials.secretAccessKey);
  keepSecret(credentials.sessionToken);
}

/** What the providers send on by themselves. */
async function keepTokensOf(env: NodeJS.ProcessEnv, profile = env.AWS_PROFILE): Promise<void> {
  keepSecret(env.AWS_CONTAINER_AUTHORIZATION_TOKEN);
  const files = await tokenFilesOf(profile ?? 'default');
  for (const file of [
    env.AWS_WEB_IDENTITY_TOKEN_FILE,
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    ...files,
  ]) {
    if (file === undefined || file === '') continue;
    await checkFile(file, MOST_TOKEN_BYTES);
    // Missing, it is the provider's to say.
    keepSecret(await readTextFile(file, { mostBytes: MOST_TOKEN_BYTES }).catch(() => undefined));
  }
}

/** Of a profile, and of those that it begins with. */
async function tokenFilesOf(profile: string): Promise<string[]> {
  const files = await readProfileFiles();
  const seen = new Set<string>();
  const found: string[] = [];
  for (let name: string | undefined = profile; name !== undefined && !seen.has(name);) {
    seen.add(name);
    const section = files.profile(name);
    found.push(section?.web_identity_token_file ?? '');
    name = section?.source_profile;
  }
  return found;
}

/** A bound for a wait that stands still while a person is asked. */
function createLimit() {
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => (fail = reject));
  ended.catch(() => undefined);
  const start = () =>
    setTimeout(() => {
      fail(
        new CmsError('CREDENTIALS_MISSING', l10n.t('The AWS credentials did not come in time.'), {
          remedy: l10n.t('Run the credential_process of the profile by itself, and see what it waits for.'),
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
  let kept: Credentials | undefined;
  let renewAt = -Infinity;
  let loading: Promise<Credentials> | undefined;
  return async () => {
    if (kept !== undefined && clock.now() < renewAt) return kept;
    loading ??= load().finally(() => (loading = undefined));
    const loaded = await loading;
    if (loaded !== kept) {
      kept = loaded;
      const until = loaded.expiration?.getTime() ?? Infinity;
      renewAt = until - Math.min(RENEW_BEFORE_MS, Math.max(0, until - clock.now()) / 4);
    }
    return loaded;
  };
}

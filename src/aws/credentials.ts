import type { fromIni } from '@aws-sdk/credential-providers';
import { defined } from '../core/defined.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import type { Clock } from '../core/work.ts';
import type { ConnectionOptions } from './connection.ts';

/** A provider of AWS credentials, shared by every client of a connection. */
export type CredentialProvider = () => Promise<Credentials>;
type Credentials = Awaited<ReturnType<ReturnType<typeof fromIni>>>;

const RENEW_BEFORE_MS = 5 * 60_000;

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
  if (fixed !== undefined) return () => Promise.resolve(fixed);
  return renewing(clock, async () => {
    const [{ fromIni, fromNodeProviderChain }, { getDefaultRoleAssumer }] = await Promise.all([
      import('@aws-sdk/credential-providers'),
      import('@aws-sdk/client-sts'),
    ]);
    const init = {
      ignoreCache: true,
      clientConfig: { region: sts.region },
      // The role is assumed at the connection's own endpoint; SSO keeps AWS's.
      roleAssumer: getDefaultRoleAssumer(defined(sts)),
      ...defined({ mfaCodeProvider: options.mfaCode }),
    };
    const provider =
      options.profile === undefined
        ? fromNodeProviderChain(init)
        : fromIni({ ...init, profile: options.profile });
    try {
      return await provider();
    } catch (error) {
      throw signInAgain(error, options.profile) ?? error;
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

function renewing(clock: Pick<Clock, 'now'>, load: CredentialProvider): CredentialProvider {
  let kept: Credentials | undefined;
  let loading: Promise<Credentials> | undefined;
  return async () => {
    const until = kept?.expiration?.getTime() ?? Infinity;
    if (kept !== undefined && until - clock.now() > RENEW_BEFORE_MS) return kept;
    loading ??= load().finally(() => (loading = undefined));
    kept = await loading;
    return kept;
  };
}

import type { fromIni } from '@aws-sdk/credential-providers';
import { CmsError } from '../core/errors.ts';
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
 * Given keys, else the named profile (static keys, SSO, assume-role with MFA, credential_process), else the
 * SDK's default chain. Asked once and kept until five minutes before they expire, so that several clients do
 * not ask for several one-time codes.
 */
export function credentialsOf(options: ConnectionOptions, sts: StsReach): CredentialProvider {
  const given = options.credentials;
  if (given !== undefined) return () => Promise.resolve(given);
  return renewing(async () => {
    const [{ fromIni, fromNodeProviderChain }, { getDefaultRoleAssumer }] = await Promise.all([
      import('@aws-sdk/credential-providers'),
      import('@aws-sdk/client-sts'),
    ]);
    const init = {
      ignoreCache: true,
      clientConfig: { region: sts.region },
      // The role is assumed at the connection's own endpoint; SSO keeps AWS's.
      roleAssumer: getDefaultRoleAssumer({
        region: sts.region,
        requestHandler: sts.requestHandler,
        ...(sts.endpoint === undefined ? {} : { endpoint: sts.endpoint }),
      }),
      ...(options.mfaCode === undefined ? {} : { mfaCodeProvider: options.mfaCode }),
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
  return new CmsError('CREDENTIALS_EXPIRED', `Profile ${profile} is not signed in to AWS SSO.`, {
    remedy: `Run "${command}" in a terminal, then try again.`,
    details: { command },
    cause: error,
  });
}

function renewing(load: CredentialProvider): CredentialProvider {
  let kept: Credentials | undefined;
  let loading: Promise<Credentials> | undefined;
  return async () => {
    const until = kept?.expiration?.getTime() ?? Infinity;
    if (kept !== undefined && until - Date.now() > RENEW_BEFORE_MS) return kept;
    loading ??= load().finally(() => (loading = undefined));
    kept = await loading;
    return kept;
  };
}

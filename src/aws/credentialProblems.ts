import { CmsError, isCmsError, messageOf } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import { throttled } from '../core/throttled.ts';
import { CHECK_ENDPOINT, isAwsError, sentence, WAIT } from './errors.ts';
import { networkError } from './network.ts';
import type { ProfileChain } from './profileChain.ts';
import type { ProviderOutcome } from './providerRequests.ts';

/** What is known about an attempt to get credentials that failed. */
export interface Attempt {
  /** What the providers threw. */
  error: unknown;
  /** Undefined when no profile was read, because keys were in the environment. */
  chain: ProfileChain | undefined;
  /** How their last request ended. */
  outcome: ProviderOutcome | undefined;
}

const CHOOSE = l10n.t(
  'Choose a profile with credentials, run "aws configure" or "aws sso login", or set AWS_PROFILE.',
);

/**
 * Why there are no credentials. The SDK's providers put all causes into one type of error with a text, so that the cause
 * is taken from what happened: how the last request ended, and what the profile takes its keys from. What comes back
 * unchanged has a cause of its own, such as an answer of STS.
 */
export function credentialProblem({ error, chain, outcome }: Attempt): unknown {
  if (outcome?.kind === 'refused') return outcome.error;
  if (isCmsError(error)) return error;
  if (outcome?.kind === 'failed') return unreachable(outcome);
  if (outcome?.kind === 'answered' && !outcome.isAws) return notAws(outcome);
  const source = chain?.source ?? { kind: 'none' };
  // What STS answered says more than where the keys come from, unless the token it was given is why.
  const fromAws = error instanceof Error && '$metadata' in error;
  if (fromAws && source.kind !== 'web-identity' && source.kind !== 'none') return error;
  if (chain === undefined || source.kind === 'none') return nothingFound(error, chain?.last);
  switch (source.kind) {
    case 'web-identity':
      return webIdentityProblem(error, source.file);
    case 'sso':
      return ssoProblem(error, chain, source, outcome);
    case 'login':
      return loginProblem(error, chain, outcome);
    case 'process':
      return processProblem(error, chain.last, source.command);
    case 'metadata':
      return metadataProblem(error, chain.last, source.from);
    case 'environment':
      return environmentProblem(error, chain.last);
    case 'keys':
      return error;
  }
}

/** Nobody can be asked for the code that a role wants. */
export function noCodeFor(profile: string): CmsError {
  return missing(
    l10n.t('Profile {profile} requires a one-time code, and nobody can be asked for it here.', { profile }),
    undefined,
    l10n.t('Run it in a terminal, or use a profile without mfa_serial.'),
  );
}

function unreachable({ host, error }: { host: string; error: unknown }): CmsError {
  const saying = (why: Message, where: Message = l10n.verbatim(host)) =>
    l10n.t('Cannot reach {host} for AWS credentials: {why}.', { host: where, why });
  return (
    networkError(error, saying) ??
    new CmsError('ENDPOINT_UNREACHABLE', saying(l10n.verbatim(messageOf(error))), { cause: error })
  );
}

function notAws({ host, status }: { host: string; status: number }): CmsError {
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    l10n.t('What answered for {host} (status {status}) does not behave like AWS.', { host, status }),
    { remedy: CHECK_ENDPOINT, details: { status } },
  );
}

function missing(sentence: Message, cause: unknown, remedy: Message = CHOOSE): CmsError {
  return new CmsError('CREDENTIALS_MISSING', sentence, { remedy, cause });
}

function ssoProblem(
  error: unknown,
  chain: ProfileChain,
  { account, role }: { account: string; role: string },
  outcome: ProviderOutcome | undefined,
): CmsError {
  const { last: profile } = chain;
  const notSignedIn = signIn(chain, error, `aws sso login --profile ${inShell(profile)}`, 'AWS SSO');
  // Without a request it was the token in the cache. A refused renewal ends it, too.
  if (outcome?.kind !== 'answered') return notSignedIn;
  const { status, path } = outcome;
  const more = { details: { profile, status }, cause: error };
  if (status === 429) return tooMany(profile, error, more);
  if (status === 401 || (status < 500 && path.endsWith('/token'))) return notSignedIn;
  if (status === 403) {
    return new CmsError(
      'ACCESS_DENIED',
      l10n.t('AWS SSO does not allow you to use the role {role} in account {account} (profile {profile}).', {
        role,
        account,
        profile,
      }),
      {
        remedy: l10n.t('Check sso_account_id and sso_role_name of the profile, or ask for the role.'),
        ...more,
      },
    );
  }
  const why = wordsOf(error);
  return new CmsError(
    'AWS_CALL_FAILED',
    l10n.t('AWS SSO did not return credentials for profile {profile}: {why}', { profile, why }),
    {
      remedy:
        status >= 500 ? WAIT : l10n.t('Check sso_region, sso_account_id and sso_role_name of the profile.'),
      ...more,
    },
  );
}

/** One of the fixed sentences of the SDK (`LoginCredentialsFetcher`), which has no other mark. */
const MAY_NOT_RENEW = 'Unable to refresh credentials due to insufficient permissions';

function loginProblem(error: unknown, chain: ProfileChain, outcome: ProviderOutcome | undefined): CmsError {
  const { last: profile } = chain;
  if (messageOf(error).startsWith(MAY_NOT_RENEW)) {
    return new CmsError(
      'ACCESS_DENIED',
      l10n.t('Profile {profile} may not renew its sign-in to AWS.', { profile }),
      {
        remedy: l10n.t('Ask for the permission {permission}.', { permission: 'signin:CreateOAuth2Token' }),
        details: { profile },
        cause: error,
      },
    );
  }
  const status = outcome?.kind === 'answered' ? outcome.status : undefined;
  if (status === 429) return tooMany(profile, error, { details: { profile, status }, cause: error });
  if (status === undefined || status < 500) {
    return signIn(chain, error, `aws login --profile ${inShell(profile)}`, 'AWS');
  }
  return new CmsError(
    'AWS_CALL_FAILED',
    l10n.t('The sign-in of profile {profile} could not be renewed: {why}', { profile, why: wordsOf(error) }),
    { remedy: WAIT, cause: error },
  );
}

function tooMany(
  profile: string,
  error: unknown,
  more: { details: { profile: string; status: number }; cause: unknown },
): CmsError {
  const why = l10n.verbatim(messageOf(error).replace(/\.$/, ''));
  const doing = l10n.t('signing in with profile {profile}', { profile });
  return throttled(doing, { who: l10n.verbatim('AWS'), why }, more);
}

/** The command works for the profile at the end of the chain only, since the others have no settings to sign in with. */
function signIn(chain: ProfileChain, cause: unknown, command: string, where: string): CmsError {
  const { last, profiles } = chain;
  const [profile] = profiles;
  return new CmsError(
    'CREDENTIALS_EXPIRED',
    profile === last
      ? l10n.t('Profile {profile} is not signed in to {where}.', { profile, where })
      : l10n.t('Profile {profile} uses profile {last}, which is not signed in to {where}.', {
          profile,
          last,
          where,
        }),
    {
      remedy: l10n.t('Run "{command}" in a terminal, then try again.', { command }),
      details: { command, profile: last, signIn: chain.source.kind },
      cause,
    },
  );
}

function processProblem(error: unknown, profile: string, command: string): CmsError {
  const text = messageOf(error);
  // Node.js puts the command line before what the program said (`child_process.exec`); the SDK keeps the text only.
  const before = `Command failed: ${command}`;
  const said = (text.startsWith(before) ? text.slice(before.length) : text).trim();
  // One of the fixed sentences of the SDK (`getValidatedProcessCredentials`), which has no other mark.
  const isOver = said === `Profile ${profile} credential_process returned expired credentials.`;
  const why = l10n.verbatim(sentence(said));
  return new CmsError(
    isOver ? 'CREDENTIALS_EXPIRED' : 'CREDENTIALS_MISSING',
    said === ''
      ? l10n.t('The credential_process of profile {profile} failed and said nothing.', { profile })
      : isOver
        ? l10n.t('The credential_process of profile {profile} returned expired credentials.', { profile })
        : l10n.t('The credential_process of profile {profile} failed: {why}', { profile, why }),
    {
      remedy: l10n.t('Run the profile’s credential_process on its own, and see what it says.'),
      details: { profile },
    },
  );
}

/** No profile names credentials; the SDK has looked for a token file, a container and a metadata service. */
function nothingFound(error: unknown, profile: string | undefined): unknown {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file } = process.env;
  if (file !== undefined && file !== '') return webIdentityProblem(error, file);
  return missing(
    profile === undefined
      ? l10n.t('No AWS credentials were found.')
      : l10n.t('Profile {profile} has no credentials, and this computer offers no others.', { profile }),
    error,
  );
}

function webIdentityProblem(error: unknown, file: string): unknown {
  if (isAwsError(error, 'ExpiredTokenException', 'InvalidIdentityToken', 'InvalidIdentityTokenException')) {
    return new CmsError(
      'CREDENTIALS_EXPIRED',
      l10n.t('AWS refused the web identity token in {file}: {why}', { file, why: wordsOf(error) }),
      { remedy: l10n.t('Have the identity provider issue a new token, then try again.'), cause: error },
    );
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return missing(
    l10n.t('The web identity token in {file} cannot be read ({code}).', { file, code }),
    error,
    l10n.t('Check web_identity_token_file of the profile, or AWS_WEB_IDENTITY_TOKEN_FILE.'),
  );
}

function metadataProblem(error: unknown, profile: string, from: string): CmsError {
  return missing(
    l10n.t('Profile {profile} takes its credentials from {from}, which returned none: {why}', {
      profile,
      from,
      why: wordsOf(error),
    }),
    error,
    l10n.t('Run it where AWS provides them, or use another profile.'),
  );
}

function environmentProblem(error: unknown, profile: string): CmsError {
  return missing(
    l10n.t('Profile {profile} takes its keys from the environment, where there are none.', { profile }),
    error,
    l10n.t('Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use another profile.'),
  );
}

function wordsOf(error: unknown): Message {
  return l10n.verbatim(sentence(messageOf(error)));
}

/** One word of a shell, whatever a profile is called. */
function inShell(name: string): string {
  if (/^[\p{L}\p{N}_.+@:/-]+$/u.test(name) && !name.startsWith('-')) return name;
  return /["$`\\!%]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : `"${name}"`;
}

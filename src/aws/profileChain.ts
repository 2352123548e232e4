import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { ProfileFiles } from './profiles.ts';
import type { Section } from './sharedFiles.ts';

/** Single sign-on (IAM Identity Center). */
export interface SsoSource {
  kind: 'sso';
  region: string;
  account: string;
  role: string;
  startUrl: string;
  /** Of an `[sso-session]` section; its tokens can be renewed. */
  session: string | undefined;
  /** `sso_registration_scopes` of the session. */
  scopes: readonly string[];
}

/** What the keys of a profile come from in the end, before any role is assumed. */
export type KeySource =
  | { kind: 'keys' }
  | { kind: 'web-identity'; file: string }
  | { kind: 'process'; command: string }
  | SsoSource
  | { kind: 'login'; session: string; region: string | undefined }
  /** `credential_source` of a role. */
  | { kind: 'environment' }
  | { kind: 'metadata'; from: string }
  /** The profile says nothing about credentials. */
  | { kind: 'none' };

/** The profiles that stand between a profile and its keys. */
export interface ProfileChain {
  /** The profile it is about, then the `source_profile` of each. */
  profiles: readonly [string, ...string[]];
  /** The last of them: what to sign in with. */
  last: string;
  source: KeySource;
  /** The profile whose role wants a one-time code. */
  mfa: string | undefined;
}

const CREDENTIAL_SOURCES = ['Environment', 'Ec2InstanceMetadata', 'EcsContainer'];
const SSO_KEYS = ['sso_start_url', 'sso_session', 'sso_account_id', 'sso_region', 'sso_role_name'];

/**
 * Follows a profile to where its keys come from, in the order in which the SDK asks (`resolveProfileData` of
 * @aws-sdk/credential-provider-ini).
 * @throws CmsError PROFILE_INVALID for a chain that leads nowhere
 */
export function profileChain(files: ProfileFiles, profile: string): ProfileChain {
  const profiles: [string, ...string[]] = [profile];
  let mfa: string | undefined;
  for (let name = profile; ;) {
    const section = files.profile(name) ?? {};
    if (profiles.length > 1 && hasKeys(section))
      return { profiles, last: name, source: { kind: 'keys' }, mfa };
    if (section.role_arn !== undefined && section.mfa_serial !== undefined) mfa ??= name;
    const next = nextOf(name, section, files);
    if (next === undefined || isOwn(next, name, section)) {
      return { profiles, last: name, source: sourceOf(name, section, files, profiles.length > 1), mfa };
    }
    if (profiles.includes(next)) {
      throw invalid(
        name,
        l10n.t('Profile {profile} refers back to itself: {profiles}.', {
          profile: next,
          profiles: l10n.verbatim([...profiles.slice(profiles.indexOf(next)), next].join(' → ')),
        }),
      );
    }
    profiles.push(next);
    name = next;
  }
}

function hasKeys(section: Section): boolean {
  return section.aws_access_key_id !== undefined && section.aws_secret_access_key !== undefined;
}

/** A role that is assumed with keys of its own profile. */
function isOwn(next: string, name: string, section: Section): boolean {
  return next === name && hasKeys(section);
}

/** The profile whose credentials assume the role of this one; undefined when it has no role, or one by other means. */
function nextOf(name: string, section: Section, files: ProfileFiles): string | undefined {
  const { role_arn: role, source_profile: next, credential_source: from } = section;
  if (role === undefined || section.web_identity_token_file !== undefined) return undefined;
  if (next !== undefined && from !== undefined) {
    throw invalid(
      name,
      l10n.t('Profile {profile} has both source_profile and credential_source.', { profile: name }),
    );
  }
  if (next === undefined) {
    if (from !== undefined || hasKeys(section)) return undefined;
    throw invalid(
      name,
      l10n.t(
        'Profile {profile} has a role_arn, but no source_profile or credential_source to assume it with.',
        {
          profile: name,
        },
      ),
    );
  }
  if (files.profile(next) !== undefined) return next;
  throw invalid(
    name,
    l10n.t('Profile {profile} names the source_profile {source}, which does not exist.', {
      profile: name,
      source: next,
    }),
  );
}

function sourceOf(name: string, section: Section, files: ProfileFiles, isSource: boolean): KeySource {
  const { credential_source: from, credential_process: command, web_identity_token_file: file } = section;
  // Without a role it counts for the roles that begin here.
  const named = from !== undefined && file === undefined && (isSource || section.role_arn !== undefined);
  if (named) return namedSource(name, from);
  if (hasKeys(section)) return { kind: 'keys' };
  if (file !== undefined && section.role_arn !== undefined) return { kind: 'web-identity', file };
  if (command !== undefined) return { kind: 'process', command };
  if (SSO_KEYS.some((key) => section[key] !== undefined)) return singleSignOn(name, section, files);
  const { login_session: session, region } = section;
  if (session !== undefined) return { kind: 'login', session, region };
  const half = ['aws_access_key_id', 'aws_secret_access_key'].filter((key) => section[key] === undefined);
  if (half.length === 1) throw incomplete(name, half);
  return { kind: 'none' };
}

function namedSource(name: string, from: string): KeySource {
  if (from === 'Environment') return { kind: 'environment' };
  if (CREDENTIAL_SOURCES.includes(from)) return { kind: 'metadata', from };
  throw invalid(
    name,
    l10n.t('Profile {profile} has the credential_source "{from}", which AWS does not recognize.', {
      profile: name,
      from,
    }),
    l10n.t('Use one of: {sources}.', { sources: l10n.list(CREDENTIAL_SOURCES, 'comma') }),
  );
}

function singleSignOn(name: string, section: Section, files: ProfileFiles): KeySource {
  const { sso_session: session } = section;
  const from = session === undefined ? section : files.session(session);
  if (from === undefined) {
    throw invalid(
      name,
      l10n.t('Profile {profile} names [sso-session {session}], which is not in the AWS config file.', {
        profile: name,
        session: session ?? '',
      }),
      l10n.t('Add that section with "aws configure sso-session", or correct the profile.'),
    );
  }
  const missing = [
    ...['sso_start_url', 'sso_region'].filter((key) => from[key] === undefined),
    ...['sso_account_id', 'sso_role_name'].filter((key) => section[key] === undefined),
  ];
  if (missing.length > 0) throw incomplete(name, missing);
  return {
    kind: 'sso',
    region: from.sso_region ?? '',
    account: section.sso_account_id ?? '',
    role: section.sso_role_name ?? '',
    startUrl: from.sso_start_url ?? '',
    session,
    scopes: (from.sso_registration_scopes ?? 'sso:account:access').split(',').map((scope) => scope.trim()),
  };
}

function incomplete(profile: string, missing: readonly string[]): CmsError {
  return invalid(
    profile,
    l10n.t('Profile {profile} is missing {missing}.', { profile, missing: l10n.list([...missing], 'and') }),
  );
}

function invalid(
  profile: string,
  sentence: Message,
  remedy: Message = l10n.t('Correct the profile in the AWS config file, then try again.'),
): CmsError {
  return new CmsError('PROFILE_INVALID', sentence, { remedy, details: { profile } });
}

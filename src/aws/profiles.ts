import { keepSecret } from '../core/secrets.ts';
import { profileChain, type KeySource } from './profileChain.ts';
import { keepSecretKey } from './secretKeys.ts';
import { readSharedFiles, type Section, type SharedFiles } from './sharedFiles.ts';

/** A profile of the AWS config and credentials files, for lists people choose from. */
export interface ProfileSummary {
  name: string;
  region: string | undefined;
  /** `endpoint_url` of the profile. */
  endpoint: string | undefined;
  /** What its keys come from; undefined for a profile that leads nowhere. */
  source: KeySource['kind'] | undefined;
  /** Whether a role is assumed on the way. */
  role: boolean;
  /** Whether that role wants a one-time code. */
  mfa: boolean;
}

/** The AWS config files, read afresh (they change while an editor runs). */
export interface ProfileFiles extends Pick<SharedFiles, 'unreadable'> {
  readonly names: string[];
  profile(name: string): Section | undefined;
  /** A `[services NAME]` section: keys are `<service>.endpoint_url`. */
  services(name: string): Section | undefined;
  /** A `[sso-session NAME]` section. */
  session(name: string): Section | undefined;
}

const SERVICES = 'services.';
const SESSION = 'sso-session.';

/**
 * Reads `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` (default `~/.aws/config`, `~/.aws/credentials`);
 * a missing file counts as empty, the credentials file wins where both name a key
 * (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"). What is secret in them is kept out of all
 * text from then on.
 * @throws CmsError REQUEST_INVALID when one of them has no end
 */
export async function readProfileFiles(): Promise<ProfileFiles> {
  const { config, credentials, unreadable } = await readSharedFiles();
  for (const section of [...Object.values(config), ...Object.values(credentials)]) keepSecretsOf(section);
  const profiles = Object.keys(config).filter(
    (name) => !name.startsWith(SERVICES) && !name.startsWith(SESSION),
  );
  const names = [...new Set([...profiles, ...Object.keys(credentials)])].sort();
  return {
    names,
    unreadable,
    profile: (name) =>
      names.includes(name) ? { ...own(config, name), ...own(credentials, name) } : undefined,
    services: (name) => own(config, SERVICES + name),
    session: (name) => own(config, SESSION + name),
  };
}

function own(sections: Readonly<Record<string, Section>>, name: string): Section | undefined {
  return Object.hasOwn(sections, name) ? sections[name] : undefined;
}

function keepSecretsOf(section: Section): void {
  keepSecretKey(section.aws_secret_access_key);
  keepSecret(section.aws_session_token);
  // The SDK repeats the whole command when it fails, and what stands in it may be a password.
  keepSecret(section.credential_process);
}

/** The profiles that exist, sorted by name. */
export async function listProfiles(): Promise<ProfileSummary[]> {
  const files = await readProfileFiles();
  return files.names.map((name) => {
    const profile = files.profile(name);
    return { name, region: profile?.region, endpoint: profile?.endpoint_url, ...kindOf(files, name) };
  });
}

function kindOf(files: ProfileFiles, name: string): Pick<ProfileSummary, 'source' | 'role' | 'mfa'> {
  const role = files.profile(name)?.role_arn !== undefined;
  try {
    const { source, mfa } = profileChain(files, name);
    return { source: source.kind, role, mfa: mfa !== undefined };
  } catch {
    // A profile that leads nowhere is listed all the same; whoever uses it is told why.
    return { source: undefined, role, mfa: false };
  }
}

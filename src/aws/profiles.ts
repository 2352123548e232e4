import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';

/** A profile of the AWS config and credentials files, for lists people choose from. */
export interface ProfileSummary {
  name: string;
  region: string | undefined;
  /** `endpoint_url` of the profile. */
  endpoint: string | undefined;
}

type Section = Readonly<Record<string, string | undefined>>;

/** The AWS config files, read afresh (they change while an editor runs). */
export interface ProfileFiles {
  readonly names: string[];
  profile(name: string): Section | undefined;
  /** A `[services NAME]` section: keys are `<service>.endpoint_url`. */
  services(name: string): Section | undefined;
}

const SERVICES = 'services.';
const OTHER_SECTIONS = [SERVICES, 'sso-session.'];

/**
 * Reads `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` (default `~/.aws/config`, `~/.aws/credentials`);
 * a missing file counts as empty, the credentials file wins where both name a key
 * (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
 */
export async function readProfileFiles(): Promise<ProfileFiles> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const names = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    .filter((name) => !OTHER_SECTIONS.some((prefix) => name.startsWith(prefix)))
    .sort();
  return {
    names,
    profile: (name) => (names.includes(name) ? { ...configFile[name], ...credentialsFile[name] } : undefined),
    services: (name) => configFile[SERVICES + name],
  };
}

/** The profiles that exist, sorted by name. */
export async function listProfiles(): Promise<ProfileSummary[]> {
  const files = await readProfileFiles();
  return files.names.map((name) => {
    const profile = files.profile(name);
    return { name, region: profile?.region, endpoint: profile?.endpoint_url };
  });
}

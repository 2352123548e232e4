import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { checkFile, limitOf } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { keepSecret } from '../core/secrets.ts';
import { keepSecretKey } from './secretKeys.ts';

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

/** Thousands of profiles are less. */
const MOST_BYTES = 8 * 2 ** 20;
const SERVICES = 'services.';
const OTHER_SECTIONS = [SERVICES, 'sso-session.'];

/**
 * Reads `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` (default `~/.aws/config`, `~/.aws/credentials`);
 * a missing file counts as empty, the credentials file wins where both name a key
 * (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"). What is secret in them is kept out of all
 * text from then on.
 * @throws CmsError REQUEST_INVALID when one of them has no end
 */
export async function readProfileFiles(): Promise<ProfileFiles> {
  await checkSize(process.env.AWS_CONFIG_FILE, 'config');
  await checkSize(process.env.AWS_SHARED_CREDENTIALS_FILE, 'credentials');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  for (const section of [...Object.values(configFile), ...Object.values(credentialsFile)])
    keepSecretsOf(section);
  const names = [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])]
    .filter((name) => !OTHER_SECTIONS.some((prefix) => name.startsWith(prefix)))
    .sort();
  return {
    names,
    profile: (name) => (names.includes(name) ? { ...configFile[name], ...credentialsFile[name] } : undefined),
    services: (name) => configFile[SERVICES + name],
  };
}

async function checkSize(named: string | undefined, usual: string): Promise<void> {
  const file = named ?? join(homedir(), '.aws', usual);
  try {
    await checkFile(file, MOST_BYTES);
  } catch (error) {
    const why = limitOf(error);
    if (why === undefined) throw error;
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The AWS file {file} cannot be read: {why}.', { file, why }),
      {
        remedy: l10n.t('Check AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.'),
        details: { file },
      },
    );
  }
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
    return { name, region: profile?.region, endpoint: profile?.endpoint_url };
  });
}

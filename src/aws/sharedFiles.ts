import { join } from 'node:path';
import { externalDataInterceptor, getHomeDir, loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { checkFile, limitOf, readTextFile } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { headerIn, sectionNameOf, type SectionName } from './sectionName.ts';

export type Section = Readonly<Record<string, string | undefined>>;

/** The AWS config and credentials files: profiles by their name, other sections as `sso-session.NAME`. */
export interface SharedFiles {
  config: Readonly<Record<string, Section>>;
  credentials: Readonly<Record<string, Section>>;
  /** Files that are there and cannot be read, and why. */
  unreadable: readonly { file: string; why: string }[];
}

/** Thousands of profiles are less. */
export const MOST_BYTES = 8 * 2 ** 20;
/** Headers that the SDK takes for a kind and a name, whatever the kind (`parseIni` of @smithy/core). */
const TAKEN_APART = /^[\w-]+\s(["'])?[\w-@+.%:/]+\1$/;
/** What cannot stand in a header of the SDK: what looks like a comment. */
const COMMENT = /\s[;#]/;
/** A section that the SDK passes over. */
const PASSED_OVER = '[-]';
/** Which the SDK would take from AWS_PROFILE or `default`, whatever profile was named: `resolveSettings` decides. */
const ENDPOINTS = /^\s*(endpoint_url|services|ignore_configured_endpoint_urls)\s*=/;
/** What is true or false. */
const SWITCHES = /^(use_fips_endpoint|use_dualstack_endpoint)\s*$/;
/** What the files are called while they are read here, with all that is in them. */
const WHOLE = { config: 'cms-enablement:config', credentials: 'cms-enablement:credentials' };

/**
 * Reads both files afresh. The SDK's own loader parses them, but it knows neither blanks nor letters beyond ASCII in the
 * name of a section: it is given the text with each section named in a way it takes. From then on every part of the SDK
 * reads the same text (without endpoints), and reads it afresh, too.
 * @throws CmsError REQUEST_INVALID when one of them has no end
 */
export async function readSharedFiles(env: NodeJS.ProcessEnv = process.env): Promise<SharedFiles> {
  const paths = {
    config: pathOf(env.AWS_CONFIG_FILE, 'config'),
    credentials: pathOf(env.AWS_SHARED_CREDENTIALS_FILE, 'credentials'),
  };
  const found = [await readText(paths.config), await readText(paths.credentials)] as const;
  const texts = plainNames(found[0].text, found[1].text);
  externalDataInterceptor.interceptFile(WHOLE.config, texts.config);
  externalDataInterceptor.interceptFile(WHOLE.credentials, texts.credentials);
  const parsed = loadSharedConfigFiles({ filepath: WHOLE.credentials, configFilepath: WHOLE.config });
  for (const file of ['config', 'credentials'] as const) {
    const text = texts[file].split('\n').filter((line) => !ENDPOINTS.test(line));
    // Some parts of the SDK put the home folder in place of `~`, and some do not.
    for (const path of paths[file]) externalDataInterceptor.interceptFile(path, text.join('\n'));
  }
  const { configFile: config, credentialsFile: credentials } = await parsed;
  return { config, credentials, unreadable: found.flatMap(({ unreadable }) => unreadable ?? []) };
}

/** Where the config file is: what `AWS_CONFIG_FILE` says, else `~/.aws/config`. */
export function configFile(env: NodeJS.ProcessEnv = process.env): string {
  return pathOf(env.AWS_CONFIG_FILE, 'config')[1];
}

/** A file as it is named, and where that leads. */
function pathOf(named: string | undefined, usual: string): readonly [string, string] {
  const path = named === undefined || named === '' ? join(getHomeDir(), '.aws', usual) : named;
  return [path, path.startsWith('~/') ? join(getHomeDir(), path.slice(2)) : path];
}

interface Read {
  text: string;
  unreadable?: { file: string; why: string };
}

async function readText([, file]: readonly [string, string]): Promise<Read> {
  try {
    await checkFile(file, MOST_BYTES);
    return { text: await readTextFile(file, { mostBytes: MOST_BYTES }) };
  } catch (error) {
    const why = limitOf(error);
    if (why !== undefined) {
      throw new CmsError(
        'REQUEST_INVALID',
        l10n.t('The AWS file {file} cannot be read: {why}.', { file, why }),
        {
          remedy: l10n.t('Check AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE.'),
          details: { file },
        },
      );
    }
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    // As for the AWS CLI, it counts as empty.
    return /^(ENOENT|ENOTDIR)$/.test(code) ? { text: '' } : { text: '', unreadable: { file, why: code } };
  }
}

/** Both files in the words of the SDK's parser. A name it cannot read in the credentials file moves into the config file. */
function plainNames(config: string, credentials: string): { config: string; credentials: string } {
  const inConfig: string[] = [];
  const inCredentials: string[] = [];
  for (const line of linesOf(config)) {
    const header = headerIn(line);
    inConfig.push(header === undefined ? property(line) : configHeader(sectionNameOf(header)));
  }
  let target = inCredentials;
  for (const line of linesOf(credentials)) {
    // Here the name of a section is all of it (`raw_config_parse` of botocore).
    const name = headerIn(line);
    if (name === undefined) {
      target.push(property(line));
    } else if (TAKEN_APART.test(name) || COMMENT.test(name) || name === '__proto__') {
      target = inConfig;
      target.push(configHeader({ kind: 'profile', name }));
    } else {
      target = inCredentials;
      target.push(`[${name}]`);
    }
  }
  return { config: inConfig.join('\n'), credentials: inCredentials.join('\n') };
}

function linesOf(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}

function configHeader(section: SectionName | undefined): string {
  if (section === undefined || COMMENT.test(section.name) || section.name === '__proto__') return PASSED_OVER;
  return section.kind === 'profile' && section.name === 'default'
    ? '[default]'
    : `[${section.kind}.${section.name}]`;
}

/** For the AWS CLI, keys may be in capitals, and a colon does as well (Python's configparser). */
function property(line: string): string {
  const [, key, value] = /^([^\s=:#;[][^=:]*)[=:](.*)$/.exec(line) ?? [];
  if (key === undefined || value === undefined) return line;
  const name = key.toLowerCase();
  // The SDK passes over what the AWS CLI and its users write as Python does.
  return `${name}=${SWITCHES.test(name) ? value.toLowerCase() : value}`;
}

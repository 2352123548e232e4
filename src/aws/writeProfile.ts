import { dirname } from 'node:path';
import { readFileBounded } from '../core/bounded.ts';
import { CmsError } from '../core/errors.ts';
import { l10n } from '../core/message.ts';
import { makeFolder, writeFileSafely } from '../core/safeFiles.ts';
import { configFile, MOST_BYTES } from './sharedFiles.ts';
import { headerIn, sectionNameOf } from './sectionName.ts';

/** What a profile is to say, such as `region`. */
export type ProfileKeys = Readonly<Record<string, string>>;

/** A change of the AWS config file that is not made yet. */
export interface ProfileChange {
  file: string;
  /** Whether the file has the profile already. */
  exists: boolean;
  /** The lines that are added or changed, as they will stand in the file; none when it says all of it already. */
  lines: string[];
  text: string;
  /** What it says now. */
  before: string;
}

/**
 * Works out how the AWS config file (`AWS_CONFIG_FILE`, default `~/.aws/config`) says these keys of a profile; every
 * other line stays as it is, byte for byte.
 */
export async function planProfile(name: string, keys: ProfileKeys): Promise<ProfileChange> {
  const file = configFile();
  const before = await readConfig(file);
  return { file, before, ...withProfile(before, name, keys) };
}

/**
 * @throws CmsError PATH_UNSAFE for a file that is a link or somebody else's, REQUEST_INVALID when it was changed since
 *   the change was planned
 */
export async function writeProfile({ file, before, text }: ProfileChange): Promise<void> {
  await makeFolder(dirname(dirname(file)), dirname(file));
  if ((await readConfig(file)) !== before) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{file} was changed meanwhile, so it is left as it is.', { file }),
      {
        remedy: l10n.t('Try again.'),
      },
    );
  }
  await writeFileSafely(file, text);
}

/** @throws CmsError REQUEST_INVALID for a file in another encoding than UTF-8, which could not be written back as it was */
async function readConfig(file: string): Promise<string> {
  try {
    const bytes = await readFileBounded(file, { mostBytes: MOST_BYTES });
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    if (!(error instanceof TypeError)) throw error;
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('{file} is not in UTF-8, so it is left as it is.', { file }),
      {
        remedy: l10n.t('Save it in UTF-8, or add the profile by hand.'),
      },
    );
  }
}

/** The text of a config file that says these keys of a profile. */
export function withProfile(
  text: string,
  name: string,
  keys: ProfileKeys,
): Pick<ProfileChange, 'exists' | 'lines' | 'text'> {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  // Each with its own end: a file may have both.
  const lines = text.split(/(?<=\n)/);
  const section = sectionOf(lines, name);
  if (section === undefined) {
    const header = name === 'default' ? '[default]' : `[profile ${quoted(name)}]`;
    const added = [header, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`)];
    const gap = text === '' || /(^|\n)\r?\n$/.test(text) ? '' : text.endsWith('\n') ? end : end + end;
    return { exists: false, lines: added, text: `${text}${gap}${added.join(end)}${end}` };
  }
  const changed: string[] = [];
  const missing = new Map(Object.entries(keys));
  for (let at = section.from + 1; at < section.to; at++) {
    const [, key, value, ending = ''] =
      /^([^\s=:#;[][^=:]*?)\s*[=:]\s*(.*?)\s*?(\r?\n)?$/.exec(lines[at] ?? '') ?? [];
    const wanted = key === undefined ? undefined : missing.get(key.toLowerCase());
    if (key === undefined || wanted === undefined) continue;
    missing.delete(key.toLowerCase());
    if (value === wanted) continue;
    lines[at] = `${key} = ${wanted}${ending}`;
    changed.push(`${key} = ${wanted}`);
  }
  const added = [...missing].map(([key, value]) => `${key} = ${value}`);
  let last = section.to;
  while (last > section.from + 1 && (lines[last - 1] ?? '').trim() === '') last -= 1;
  const before = lines[last - 1] ?? '';
  if (added.length > 0 && !before.endsWith('\n')) lines[last - 1] = before + end;
  lines.splice(last, 0, ...added.map((line) => line + end));
  return { exists: true, lines: [...changed, ...added], text: lines.join('') };
}

/** Where the section of a profile begins, and where the next one does. */
function sectionOf(lines: readonly string[], name: string): { from: number; to: number } | undefined {
  const isHeaderOf = (line: string): boolean => {
    const header = headerIn(line);
    const section = header === undefined ? undefined : sectionNameOf(header);
    return section?.kind === 'profile' && section.name === name;
  };
  const from = lines.findIndex(isHeaderOf);
  if (from < 0) return undefined;
  const next = lines.findIndex((line, i) => i > from && headerIn(line) !== undefined);
  return { from, to: next < 0 ? lines.length : next };
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}

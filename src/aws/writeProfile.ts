import { dirname } from 'node:path';
import { readTextFile } from '../core/bounded.ts';
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
}

/**
 * Works out how the AWS config file (`AWS_CONFIG_FILE`, default `~/.aws/config`) says these keys of a profile; every
 * other line stays as it is, byte for byte.
 */
export async function planProfile(name: string, keys: ProfileKeys): Promise<ProfileChange> {
  const file = configFile();
  const before = await readTextFile(file, { mostBytes: MOST_BYTES }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return { file, ...withProfile(before, name, keys) };
}

/** @throws CmsError PATH_UNSAFE for a file that is a link or somebody else's */
export async function writeProfile({ file, text }: ProfileChange): Promise<void> {
  await makeFolder(dirname(dirname(file)), dirname(file));
  await writeFileSafely(file, text);
}

/** The text of a config file that says these keys of a profile. */
export function withProfile(
  text: string,
  name: string,
  keys: ProfileKeys,
): Pick<ProfileChange, 'exists' | 'lines' | 'text'> {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.split(/\r?\n/);
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
    const [, key] = /^([^\s=:#;[][^=:]*?)\s*[=:]/.exec(lines[at] ?? '') ?? [];
    const wanted = key === undefined ? undefined : missing.get(key.toLowerCase());
    if (key === undefined || wanted === undefined) continue;
    missing.delete(key.toLowerCase());
    const line = `${key} = ${wanted}`;
    if (/[=:]\s*(.*?)\s*$/.exec(lines[at] ?? '')?.[1] === wanted) continue;
    lines[at] = line;
    changed.push(line);
  }
  const added = [...missing].map(([key, value]) => `${key} = ${value}`);
  let last = section.to;
  while (last > section.from + 1 && lines[last - 1]?.trim() === '') last -= 1;
  lines.splice(last, 0, ...added);
  const all = [...changed, ...added];
  return { exists: true, lines: all, text: all.length === 0 ? text : lines.join(end) };
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

import { BOUNDS } from './bounds.ts';

/** With a number behind it where the name was there before. */
export function unique(names: Map<string, number>, name: string): string {
  const times = (names.get(name) ?? 0) + 1;
  names.set(name, times);
  return times === 1 ? name : `${name} (${times})`;
}

/** On one line, and not longer than a name may be. */
export function tidy(name: string | undefined): string | undefined {
  const line = name
    ?.slice(0, 4 * BOUNDS.name)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, BOUNDS.name);
  return line === '' ? undefined : line;
}

/** The name of a file without its ending. */
export function stem(file: string): string {
  return file.replace(/\.[^.]+$/, '') || file;
}

import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './stages.ts';

const memory = path.join(root, 'node_modules/.cache/test-durations.json');

/** The test files of a folder, or the file itself; relative to the root. */
export function testFiles(at: string): string[] {
  if (at.endsWith('.test.ts')) return [at];
  return readdirSync(path.join(root, at), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.posix.join(at, name.replaceAll(path.sep, '/')))
    .sort();
}

/** How long each file took the last time it ran here, in milliseconds. */
export function remembered(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(memory, 'utf8')) as Record<string, number>;
  } catch {
    return {};
  }
}

export function remember(durations: Record<string, number>): void {
  mkdirSync(path.dirname(memory), { recursive: true });
  const written = `${memory}.${process.pid}`;
  writeFileSync(written, JSON.stringify({ ...remembered(), ...durations }, null, 1));
  renameSync(written, memory);
}

/** What a file is likely to take: what it took, or a guess from its size. */
export function likelyDuration(known: Record<string, number>): (file: string) => number {
  return (file) => known[file] ?? 3 * statSync(path.join(root, file)).size;
}

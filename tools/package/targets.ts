import { readdirSync } from 'node:fs';
import path from 'node:path';

/** What VS Code calls a platform, and the one native MQTT library that the extension needs there. */
export const targets: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64-glibc',
  'linux-arm64': 'linux-arm64-glibc',
  'alpine-x64': 'linux-x64-musl',
  'alpine-arm64': 'linux-arm64-musl',
  'darwin-x64': 'darwin-x64-cruntime',
  'darwin-arm64': 'darwin-arm64-cruntime',
  'win32-x64': 'win32-x64-cruntime',
};

export const libraryFile = 'aws-crt-nodejs.node';

/** The folder that holds a library for each platform that aws-crt has one for. */
export function libraryFolder(root: string): string {
  return path.join(root, 'node_modules/aws-crt/dist/bin');
}

/** Libraries that no target uses, or that a target lacks: an update of aws-crt brought or took them. */
export function unmatchedLibraries(root: string): string[] {
  const there = readdirSync(libraryFolder(root));
  const used = Object.values(targets);
  return [...there.filter((name) => !used.includes(name)), ...used.filter((name) => !there.includes(name))];
}

/** The target that this program runs on. */
export function thisTarget(): string {
  const header = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${musl ? 'alpine' : process.platform}-${process.arch}`;
}

/** `all`, or a name. */
export function targetsOf(asked: readonly string[]): string[] {
  if (asked.includes('all')) return Object.keys(targets);
  for (const name of asked) {
    if (!(name in targets))
      throw new Error(`There is no target ${name}. There is: all, ${Object.keys(targets).join(', ')}.`);
  }
  return [...asked];
}

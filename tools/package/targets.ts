import { readdirSync } from 'node:fs';
import path from 'node:path';

/** VS Code's names of the platforms, and the one native MQTT library that the extension needs on each. */
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

/** The folder with a library for each platform that aws-crt supports. */
export function libraryFolder(root: string): string {
  return path.join(root, 'node_modules/aws-crt/dist/bin');
}

/** Libraries that no target uses, or that a target lacks because an update of aws-crt added or removed them. */
export function unmatchedLibraries(root: string): string[] {
  const available = readdirSync(libraryFolder(root));
  const used = Object.values(targets);
  return [
    ...available.filter((name) => !used.includes(name)),
    ...used.filter((name) => !available.includes(name)),
  ];
}

/** The target for this platform. */
export function thisTarget(): string {
  const header = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined;
  return `${musl ? 'alpine' : process.platform}-${process.arch}`;
}

/** Each of `names` is a target, or `all`. */
export function targetsOf(names: readonly string[]): string[] {
  if (names.includes('all')) return Object.keys(targets);
  for (const name of names) {
    if (!Object.hasOwn(targets, name))
      throw new Error(`There is no target ${name}. There is: all, ${Object.keys(targets).join(', ')}.`);
  }
  return [...names];
}

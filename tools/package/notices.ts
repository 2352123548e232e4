import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Licenses whose terms the package meets by including their texts. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]);

export interface BundledPackage {
  name: string;
  version: string;
  /** SPDX expression from its manifest. */
  licence: string;
  author: string | undefined;
  /** License and notice files of the package; empty if it has none. */
  text: string;
}

/** The packages that these files belong to, by name and version. */
export function packagesOf(root: string, files: Iterable<string>): BundledPackage[] {
  const folders = new Set<string>();
  for (const file of files) {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.replaceAll('\\', '/'));
    if (found) folders.add(path.resolve(root, found[0]));
  }
  const packages = new Map<string, BundledPackage>();
  for (const folder of folders) {
    const one = readPackage(folder);
    packages.set(`${one.name}@${one.version}`, one);
  }
  return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Packages under a license that is not in the allowed list. */
export function notAllowed(packages: readonly BundledPackage[]): BundledPackage[] {
  return packages.filter(({ licence }) => !isAllowed(licence));
}

/** The text that ships with the package: the authors of the bundled packages, and their terms. */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, BundledPackage[]>();
  for (const one of packages) {
    const text = one.text === '' ? withoutText(one) : one.text;
    byText.set(text, [...(byText.get(text) ?? []), one]);
  }
  const line = '-'.repeat(80);
  return [
    'THIRD-PARTY NOTICES',
    '',
    'CMS Enablement contains the work of others. These packages are in its bundles, as a whole or in part;',
    'their licences follow.',
    '',
    ...packages.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`),
    ...[...byText].flatMap(([text, users]) => [
      '',
      line,
      ...users.map(({ name, version }) => `${name} ${version}`),
      line,
      '',
      text,
    ]),
    '',
  ].join('\n');
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license, author } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  ) as { name: string; version: string; license?: string; author?: string | { name: string } };
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  const inner = path.join(folder, 'LICENSES');
  if (texts.length === 0 && existsSync(inner)) {
    for (const file of readdirSync(inner)) texts.push(readFileSync(path.join(inner, file), 'utf8').trim());
  }
  return {
    name,
    version,
    licence: license ?? 'unknown',
    author: typeof author === 'string' ? author : author?.name,
    text: texts.join('\n\n'),
  };
}

function withoutText({ licence, author }: BundledPackage): string {
  const by = author === undefined ? '' : ` It is the work of ${author}.`;
  return `The package brings no licence text; its manifest names ${licence}.${by}`;
}

/** `A AND B` needs both, `A OR B` one of them. Parentheses are ignored, since no package here uses both operators. */
function isAllowed(licence: string): boolean {
  const names = licence.replace(/[()]/g, '');
  if (names.includes(' OR ')) return names.split(' OR ').some((one) => ALLOWED.has(one.trim()));
  return names.split(' AND ').every((one) => ALLOWED.has(one.trim()));
}

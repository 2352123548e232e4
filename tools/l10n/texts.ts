import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { mapWords } from '../../src/protocol/mapWords.ts';
import { root } from '../reference/manifest.ts';

/** Languages besides English. Each has a complete bundle and a complete `package.nls.<language>.json`. */
export const languages = ['de'] as const;

/** Texts by key. The key of a text in the code is its English wording. */
export type Texts = Record<string, string>;

/** Files with the texts in English and in the other languages. */
export const files = {
  code: 'l10n/bundle.l10n.json',
  codeIn: (language: string) => `l10n/bundle.l10n.${language}.json`,
  manifest: 'package.nls.json',
  manifestIn: (language: string) => `package.nls.${language}.json`,
};

export function readTexts(file: string): Texts {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Texts;
}

/** Folders whose texts nobody sees in the editor. Every other one counts, also one that is new. */
const OUTSIDE_THE_EDITOR = ['cli', 'sandbox', 'webview'];

/** All source files with texts that a user sees in the editor. */
export function sourcesWithTexts(): string[] {
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OUTSIDE_THE_EDITOR.includes(entry.name))
    .map(({ name }) => name);
  const sources = folders.flatMap((from) => {
    const folder = `src/${from}`;
    const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => path.posix.join(folder, name));
  });
  return ['src/extension.ts', ...sources.sort()];
}

/** All texts that a user sees in the editor, sorted, including those of the fleet map's page. */
export async function textsOfCode(): Promise<Texts> {
  // Passed as one source: the parser is reloaded for each source, which takes longer than all the parsing.
  const bodies = sourcesWithTexts().map((file) =>
    readFileSync(path.join(root, file), 'utf8').replaceAll(/^import [^;]*;$/gm, ''),
  );
  // `l10n` of core/message.ts has the same name as VS Code's, so its calls are found in the same way.
  const imports = "import * as vscode from 'vscode';\nimport { l10n } from 'vscode';";
  const contents = [imports, ...bodies].join('\n');
  const found = await getL10nJson([{ extension: '.ts', contents }]);
  const all = new Set([...Object.keys(found), ...Object.values(mapWords)]);
  return Object.fromEntries([...all].sort().map((text) => [text, text]));
}

/** Parts that a translation must keep: placeholders, icons, links to commands, and code. */
export function keptParts(text: string): string[] {
  return [...text.matchAll(/\{\w+\}|\$\([\w~-]+\)|\]\([^)]+\)|`[^`]*`/g)].map(([part]) => part).sort();
}

/** A language's texts in the order of the English ones, without unused ones; and the missing keys. */
export function inOrder(english: Texts, translated: Texts): { texts: Texts; missing: string[] } {
  const keys = Object.keys(english);
  return {
    texts: Object.fromEntries(
      keys.flatMap((key) => (translated[key] === undefined ? [] : [[key, translated[key]]])),
    ),
    missing: keys.filter((key) => translated[key] === undefined),
  };
}

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { mapWords } from '../../src/protocol/mapWords.ts';
import { root } from '../reference/manifest.ts';

/** Languages besides English: each has a whole bundle and a whole `package.nls.<language>.json`. */
export const languages = ['de'] as const;

/** Texts by what they are known by: those of the code by their English words, those of the manifest by a key. */
export type Texts = Record<string, string>;

/** Where texts stand: English, and the other languages. */
export const files = {
  code: 'l10n/bundle.l10n.json',
  codeIn: (language: string) => `l10n/bundle.l10n.${language}.json`,
  manifest: 'package.nls.json',
  manifestIn: (language: string) => `package.nls.${language}.json`,
};

export function readTexts(file: string): Texts {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Texts;
}

/** Those who say something in the window: the editor, and the rooms whose messages it words. */
const SPEAKING = [
  'editor',
  'core',
  'aws',
  'cms',
  'provisioning',
  'onboarding',
  'telemetry',
  'device',
  'protocol',
];

/** The sources that say something in the window. */
export function spokenSources(): string[] {
  const sources = SPEAKING.flatMap((room) => {
    const folder = `src/${room}`;
    const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => path.posix.join(folder, name));
  });
  return ['src/extension.ts', ...sources.sort()];
}

/** Every text that is said in the window, sorted: the editor's, the rooms' messages, and the words of the map's page. */
export async function textsOfCode(): Promise<Texts> {
  // As one source: the parser is loaded anew for each it is given, which takes longer than all the parsing.
  const bodies = spokenSources().map((file) =>
    readFileSync(path.join(root, file), 'utf8').replaceAll(/^import [^;]*;$/gm, ''),
  );
  // `l10n` of core/message.ts is spelled like the editor's, and so its calls are found like the editor's.
  const imports = "import * as vscode from 'vscode';\nimport { l10n } from 'vscode';";
  const contents = [imports, ...bodies].join('\n');
  const found = await getL10nJson([{ extension: '.ts', contents }]);
  const all = new Set([...Object.keys(found), ...Object.values(mapWords)]);
  return Object.fromEntries([...all].sort().map((text) => [text, text]));
}

/** What a translation must keep: values put in, icons, links to commands, and code. */
export function kept(text: string): string[] {
  return [...text.matchAll(/\{\w+\}|\$\([\w~-]+\)|\]\([^)]+\)|`[^`]*`/g)].map(([part]) => part).sort();
}

/** A language's texts in the order of the English ones, without those nobody says any more; and what is missing. */
export function inOrder(english: Texts, translated: Texts): { texts: Texts; missing: string[] } {
  const keys = Object.keys(english);
  return {
    texts: Object.fromEntries(
      keys.flatMap((key) => (translated[key] === undefined ? [] : [[key, translated[key]]])),
    ),
    missing: keys.filter((key) => translated[key] === undefined),
  };
}

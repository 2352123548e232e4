import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
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

/**
 * The texts that a source hands to `l10n.t`, VS Code's own or that of core/message.ts, as string literals.
 *
 * TypeScript's own parser reads them. That of `@vscode/l10n-dev` recovers from syntax that it does not know by skipping
 * what follows, without a word: it lost 176 of 3,057 texts.
 */
export function textsIn(source: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = ts.isCallExpression(node) ? textOfCall(node) : undefined;
    if (text !== undefined) texts.push(text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest));
  return texts;
}

function textOfCall({ expression, arguments: [first] }: ts.CallExpression): string | undefined {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 't') return undefined;
  const owner = expression.expression;
  const name = ts.isPropertyAccessExpression(owner) ? owner.name : owner;
  if (!ts.isIdentifier(name) || name.text !== 'l10n') return undefined;
  return first !== undefined && ts.isStringLiteralLike(first) ? first.text : undefined;
}

/** All texts that a user sees in the editor, sorted, including those of the fleet map's page. */
export function textsOfCode(): Texts {
  const found = sourcesWithTexts().flatMap((file) => textsIn(readFileSync(path.join(root, file), 'utf8')));
  const all = new Set([...found, ...Object.values(mapWords)]);
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

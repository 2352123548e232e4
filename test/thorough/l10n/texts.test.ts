import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import {
  files,
  keptParts,
  languages,
  readTexts,
  sourcesWithTexts,
  textsOfCode,
} from '../../../tools/l10n/texts.ts';
import { root } from '../../../tools/reference/manifest.ts';

/** Every `vscode.l10n.t(…)` of a source, by its first argument. */
function saidIn(file: string): ts.Expression[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const said: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.getText(source).endsWith('l10n.t')
    ) {
      const [text] = node.arguments;
      if (text !== undefined) said.push(text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return said;
}

describe('the texts of the editor', () => {
  it('are all collected; npm run l10n does it', async () => {
    assert.deepEqual(readTexts(files.code), await textsOfCode());
  });

  it('are all among those collected, wherever the code says them', () => {
    const collected = readTexts(files.code);
    let count = 0;
    for (const file of sourcesWithTexts()) {
      for (const text of saidIn(file)) {
        // Words of the map come by their keys, and messages from the rooms: both are collected where they stand.
        if (!ts.isStringLiteralLike(text)) {
          assert.match(file, /^src\/editor\/(map\/|base\/say)/, `${file} says what nobody can collect`);
          continue;
        }
        assert.ok(text.text in collected, `${file}: ${text.text}`);
        count += 1;
      }
    }
    assert.ok(count > 300, String(count));
  });

  it('have one key each in the manifest, and every key there is used', () => {
    const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
    const used = new Set([...manifest.matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key));
    assert.deepEqual([...used].sort(), Object.keys(readTexts(files.manifest)).sort());
  });

  for (const language of languages) {
    for (const [english, translated] of [
      [files.code, files.codeIn(language)],
      [files.manifest, files.manifestIn(language)],
    ] as const) {
      it(`are whole in ${translated}, with every value, icon, link and code kept`, () => {
        const [from, to] = [readTexts(english), readTexts(translated)];
        assert.deepEqual(Object.keys(to), Object.keys(from));
        for (const [key, text] of Object.entries(to)) {
          assert.ok(text.trim() !== '', key);
          assert.deepEqual(keptParts(text), keptParts(from[key] ?? ''), key);
        }
      });
    }
  }
});

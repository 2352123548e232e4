import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  files,
  keptParts,
  languages,
  readTexts,
  sourcesWithTexts,
  textsIn,
  textsOfCode,
} from '../../../tools/l10n/texts.ts';
import { root } from '../../../tools/reference/manifest.ts';

/** How often a source calls `l10n.t`, counted by its characters and not by a parser. */
function callsIn(source: string): number {
  const code = source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/\bl10n\s*\.t\(/g)].length;
}

describe('the texts of the editor', () => {
  it('are all collected; npm run l10n does it', () => {
    assert.deepEqual(readTexts(files.code), textsOfCode());
  });

  it('are found at every call, wherever the code says them', () => {
    // Words of the map come by their keys, and messages from the rooms: both are collected where they stand.
    const passOn = new Map([
      ['src/editor/base/say.ts', 2],
      ['src/editor/map/mapPanel.ts', 1],
    ]);
    const calls = sourcesWithTexts().map((file) => {
      const source = readFileSync(path.join(root, file), 'utf8');
      return { file, calls: callsIn(source), texts: textsIn(source).length + (passOn.get(file) ?? 0) };
    });
    assert.deepEqual(
      calls.filter(({ calls: made, texts }) => made !== texts),
      [],
    );
    assert.ok(calls.reduce((sum, { texts }) => sum + texts, 0) > 3000);
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

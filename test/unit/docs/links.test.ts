import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

const documents = [root, path.join(root, 'docs'), path.join(root, 'docs/iam')].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
);

/** The anchors GitHub and VS Code give the headings of a document. */
function anchorsOf(markdown: string): Set<string> {
  const prose = markdown.replace(/^```.*?^```$/gms, '');
  return new Set(
    [...prose.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('links in the documentation', () => {
  for (const document of documents) {
    it(`lead somewhere in ${path.relative(root, document)}`, () => {
      const text = readFileSync(document, 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const there = file === '' ? document : path.resolve(path.dirname(document), file);
        assert.ok(existsSync(there), `${target}: no such file`);
        if (anchor === undefined || !there.endsWith('.md')) continue;
        assert.ok(anchorsOf(readFileSync(there, 'utf8')).has(anchor), `${target}: no such heading`);
      }
    });
  }
});

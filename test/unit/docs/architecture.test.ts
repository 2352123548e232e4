import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { sectionsOf } from './tables.ts';

const root = path.join(import.meta.dirname, '../../..');
const { made } = createRequire(import.meta.filename)('../../../esbuild.js') as { made: string[] };
const document = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
const [rooms, processes] = sectionsOf(document).flatMap(({ tables }) => tables);
const namesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('docs/architecture.md', () => {
  it('has a row for each room of src, and for no other', () => {
    assert.deepEqual(
      (rooms?.rows ?? []).flatMap(({ cells }) => namesIn(cells[0] ?? '')).sort(),
      readdirSync(path.join(root, 'src'), { withFileTypes: true })
        .map((entry) => `src/${entry.name}${entry.isDirectory() ? '/' : ''}`)
        .sort(),
    );
  });

  it('has a row for each bundle', () => {
    assert.deepEqual(
      (processes?.rows ?? []).flatMap(({ cells }) => namesIn(cells[0] ?? '')).sort(),
      made.map((name) => `dist/${name}.js`).sort(),
    );
  });

  it('names only files and folders that are there', () => {
    const prose = document.replace(/^```.*?^```$/gms, '');
    const named = namesIn(prose).filter((name) => /^(src|test|docs)\//.test(name) && !name.includes('<'));
    assert.ok(named.length > 15);
    for (const name of named) assert.ok(existsSync(path.join(root, name)), name);
  });
});

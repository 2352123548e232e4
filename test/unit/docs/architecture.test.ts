import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sectionsOf } from './tables.ts';

const root = path.join(import.meta.dirname, '../../..');
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
    const build = readFileSync(path.join(root, 'esbuild.js'), 'utf8');
    const [, list = ''] = /const bundles = \{(.*?)\n\};/s.exec(build) ?? [];
    const pages = [...build.matchAll(/in: 'src\/[^']+\.ts', out: '([^']+)'/g)];
    assert.ok(pages.length > 0);
    assert.deepEqual(
      (processes?.rows ?? []).flatMap(({ cells }) => namesIn(cells[0] ?? '')).sort(),
      [...list.matchAll(/^ {2}(\w+):/gm), ...pages].map(([, name]) => `dist/${name}.js`).sort(),
    );
  });

  it('names only files and folders that are there', () => {
    const prose = document.replace(/^```.*?^```$/gms, '');
    const named = namesIn(prose).filter((name) => /^(src|test|docs)\//.test(name) && !name.includes('<'));
    assert.ok(named.length > 15);
    for (const name of named) assert.ok(existsSync(path.join(root, name)), name);
  });
});

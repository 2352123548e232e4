import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './manifest.ts';
import { table } from './markdown.ts';

/** The codes grouped by the chapters of docs/errors.md, each linked to its section. */
export function errorsTable(): string {
  const text = readFileSync(path.join(root, 'docs/errors.md'), 'utf8');
  const chapters = text.split(/^## /m).slice(1);
  return table(
    ['about', 'codes'],
    chapters.map((chapter) => [
      chapter.split('\n', 1)[0] ?? '',
      [...chapter.matchAll(/^### ([A-Z_]+)$/gm)]
        .map(([, code = '']) => `[\`${code}\`](docs/errors.md#${code.toLowerCase()})`)
        .join(', '),
    ]),
  );
}

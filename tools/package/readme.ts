import { readFileSync } from 'node:fs';
import path from 'node:path';

const IMAGE = /!\[([^\]]*)\]\(([^):]+\.png)\)/g;

/**
 * The README with its pictures inside: the editor shows none of a package's own files there, and there may be no
 * repository on the web to take them from.
 */
export function readmeWithPictures(root: string): string {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  return text.replace(IMAGE, (_, alt: string, file: string) => {
    const png = readFileSync(path.join(root, file)).toString('base64');
    return `![${alt}](data:image/png;base64,${png})`;
  });
}

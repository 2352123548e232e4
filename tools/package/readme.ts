import { readFileSync } from 'node:fs';
import path from 'node:path';

const IMAGE = /!\[([^\]]*)\]\(([^):]+\.png)\)/g;

/**
 * The README with inline pictures. The editor does not show files of the package in it, and there may be no public
 * repository that hosts the pictures.
 */
export function readmeWithPictures(root: string): string {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  return text.replace(IMAGE, (_, alt: string, file: string) => {
    const png = readFileSync(path.join(root, file)).toString('base64');
    return `![${alt}](data:image/png;base64,${png})`;
  });
}

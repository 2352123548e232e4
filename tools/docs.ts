// `npm run docs`: writes the parts of the documentation that are generated from the code. A test fails if they are
// out of date.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { madeDocuments } from './reference/documents.ts';
import { root } from './reference/manifest.ts';

async function main(): Promise<void> {
  for (const [name, text] of await madeDocuments()) {
    writeFileSync(path.join(root, name), text);
    console.log(name);
  }
}

void main();

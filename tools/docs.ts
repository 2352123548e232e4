// `npm run docs`: writes what the documentation takes from the code. A test fails when it was not run.
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

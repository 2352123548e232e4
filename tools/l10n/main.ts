// `npm run l10n`: collects the editor's texts into l10n/bundle.l10n.json, puts the other languages into the same
// order, drops what nobody says any more, and names what they lack. A test fails when it was not run.
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../reference/manifest.ts';
import { files, inOrder, languages, readTexts, textsOfCode, type Texts } from './texts.ts';

function write(file: string, texts: Texts): void {
  writeFileSync(path.join(root, file), `${JSON.stringify(texts, null, 2)}\n`);
}

/** Returns how many texts the language lacks. */
function complete(file: string, english: Texts): number {
  const { texts, missing } = inOrder(english, existsSync(path.join(root, file)) ? readTexts(file) : {});
  write(file, texts);
  for (const key of missing) console.error(`${file}: missing ${JSON.stringify({ [key]: english[key] })}`);
  return missing.length;
}

async function main(): Promise<void> {
  const code = await textsOfCode();
  write(files.code, code);
  let missing = 0;
  for (const language of languages) {
    missing += complete(files.codeIn(language), code);
    missing += complete(files.manifestIn(language), readTexts(files.manifest));
  }
  console.log(`${Object.keys(code).length} texts; ${missing} translations missing`);
  if (missing > 0) process.exitCode = 1;
}

void main();

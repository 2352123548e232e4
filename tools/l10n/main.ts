// `npm run l10n`: collects all texts of the code into l10n/bundle.l10n.json, sorts the other languages in the same
// order, removes texts that are no longer used, and lists missing translations. With `--check` (in `npm run check`) it
// writes nothing and fails if a text was not collected or not translated.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../reference/manifest.ts';
import { files, inOrder, keptParts, languages, readTexts, textsOfCode, type Texts } from './texts.ts';

const checking = process.argv.includes('--check');
const problems: string[] = [];

function write(file: string, texts: Texts): void {
  const text = `${JSON.stringify(texts, null, 2)}\n`;
  const target = path.join(root, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
  if (checking) problems.push(`${file}: not as the code has it; run npm run l10n`);
  else writeFileSync(target, text);
}

function complete(file: string, english: Texts): void {
  const { texts, missing } = inOrder(english, existsSync(path.join(root, file)) ? readTexts(file) : {});
  write(file, texts);
  for (const [key, text] of Object.entries(texts)) {
    const [from, to] = [keptParts(english[key] ?? ''), keptParts(text)].map((parts) => parts.join(' '));
    if (from !== to) problems.push(`${file}: ${JSON.stringify(key)} needs ${from}, has ${to}`);
  }
  for (const key of missing) problems.push(`${file}: missing ${JSON.stringify({ [key]: english[key] })}`);
}

function main(): void {
  const code = textsOfCode();
  write(files.code, code);
  for (const language of languages) {
    complete(files.codeIn(language), code);
    complete(files.manifestIn(language), readTexts(files.manifest));
  }
  for (const problem of problems) console.error(problem);
  console.log(`${Object.keys(code).length} texts, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

main();

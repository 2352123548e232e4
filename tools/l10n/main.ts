// `npm run l10n`: collects every text of the code into l10n/bundle.l10n.json, puts the other languages into the same
// order, drops what is no longer said, and names what they lack. With `--check` it writes nothing and fails when a
// text was not collected or not translated: `npm run check` does that.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../reference/manifest.ts';
import { files, inOrder, kept, languages, readTexts, textsOfCode, type Texts } from './texts.ts';

const checking = process.argv.includes('--check');
const problems: string[] = [];

function write(file: string, texts: Texts): void {
  const text = `${JSON.stringify(texts, null, 2)}\n`;
  const whole = path.join(root, file);
  if (existsSync(whole) && readFileSync(whole, 'utf8') === text) return;
  if (checking) problems.push(`${file}: not as the code has it; run npm run l10n`);
  else writeFileSync(whole, text);
}

function complete(file: string, english: Texts): void {
  const { texts, missing } = inOrder(english, existsSync(path.join(root, file)) ? readTexts(file) : {});
  write(file, texts);
  for (const [key, text] of Object.entries(texts)) {
    const [from, to] = [kept(english[key] ?? ''), kept(text)].map((parts) => parts.join(' '));
    if (from !== to) problems.push(`${file}: ${JSON.stringify(key)} needs ${from}, has ${to}`);
  }
  for (const key of missing) problems.push(`${file}: missing ${JSON.stringify({ [key]: english[key] })}`);
}

async function main(): Promise<void> {
  const code = await textsOfCode();
  write(files.code, code);
  for (const language of languages) {
    complete(files.codeIn(language), code);
    complete(files.manifestIn(language), readTexts(files.manifest));
  }
  for (const problem of problems) console.error(problem);
  console.log(`${Object.keys(code).length} texts, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

void main();

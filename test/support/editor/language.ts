import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Sets the language of windows that are opened later, like installing a language pack does. The pack is empty, so the
 * workbench itself stays English and only extensions use the language. Without a language, everything is English.
 */
export async function speak(dataFolder: string, language: string | undefined): Promise<void> {
  const data = path.join(dataFolder, 'data');
  const packs = path.join(data, 'languagepacks.json');
  const argv = path.join(data, 'User/argv.json');
  if (language === undefined) {
    for (const file of [packs, argv]) await rm(file, { force: true });
    return;
  }
  const vscode = path.join(data, `${language}.i18n.json`);
  await writeFile(vscode, JSON.stringify({ version: '1.0.0', contents: {} }));
  const extensions = [{ extensionIdentifier: { id: `tests.${language}` }, version: '1.0.0' }];
  const pack = { hash: 'tests', label: language, extensions, translations: { vscode } };
  await writeFile(packs, JSON.stringify({ [language]: pack }));
  await writeFile(argv, JSON.stringify({ locale: language }));
}

import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes the windows opened from now on speak a language, as after installing its language pack. The pack is an empty
 * one: the workbench's own words stay English, and extensions say theirs.
 */
export async function speak(dataFolder: string, language: string): Promise<void> {
  const data = path.join(dataFolder, 'data');
  const vscode = path.join(data, `${language}.i18n.json`);
  await writeFile(vscode, JSON.stringify({ version: '1.0.0', contents: {} }));
  const extensions = [{ extensionIdentifier: { id: `tests.${language}` }, version: '1.0.0' }];
  const pack = { hash: 'tests', label: language, extensions, translations: { vscode } };
  await writeFile(path.join(data, 'languagepacks.json'), JSON.stringify({ [language]: pack }));
  await writeFile(path.join(data, 'User/argv.json'), JSON.stringify({ locale: language }));
}

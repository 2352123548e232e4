import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';

/** Ignored by git; the next `npm test` empties it. */
const OUTPUT = path.resolve(__dirname, '../../../.test-output/failures');

/** Saves what a failed test saw: a screenshot of every window, and the logs of the extension and its host. */
export async function leaveEvidence(
  test: string,
  context: BrowserContext,
  dataFolder: string,
): Promise<string> {
  const folder = path.join(OUTPUT, test.replaceAll(/[^\p{L}\p{N} .-]/gu, '').slice(0, 120));
  await mkdir(folder, { recursive: true });
  for (const [i, page] of context.pages().entries()) {
    await page
      .screenshot({ path: path.join(folder, `window ${i + 1}.png`), timeout: 30_000 })
      .catch(() => undefined);
  }
  const logs = path.join(dataFolder, 'data/logs');
  const names = await readdir(logs, { recursive: true }).catch(() => []);
  for (const name of names) {
    if (!/Connected Mobility.*\.log$|remoteexthost\.log$/.test(name)) continue;
    await cp(path.join(logs, name), path.join(folder, name.replaceAll(path.sep, ' ')));
  }
  return folder;
}

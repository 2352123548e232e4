// Runs test/editor in desktop VS Code, which @vscode/test-electron downloads: the newest
// version, or the one in CMS_DESKTOP.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';

const root = path.resolve(__dirname, '../../..');

async function main(): Promise<number> {
  const workspace = await mkdtemp(path.join(os.tmpdir(), 'cms-desktop-'));
  const data = await mkdtemp(path.join(os.tmpdir(), 'cms-desktop-data-'));
  try {
    return await runTests({
      version: process.env.CMS_DESKTOP ?? 'stable',
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(__dirname, 'hostEntry.cjs'),
      extensionTestsEnv: { CMS_STORAGE: path.join(data, 'User/globalStorage/cms-enablement.cms-enablement') },
      launchArgs: [workspace, '--user-data-dir', data, '--disable-extensions', '--disable-workspace-trust'],
    });
  } finally {
    for (const folder of [workspace, data]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
